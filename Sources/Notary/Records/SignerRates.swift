package import CryptoCore

/// How many records of each signer were taken in lately: a bucket of tokens for each.
///
/// Bounded: when too many signers are followed, those whose buckets are full again are forgotten, and if none is, a new
/// signer is refused.
package struct SignerRates: Sendable {
    private struct Bucket {
        var tokens: Int
        /// When it last gained a token.
        var refilledAt: UInt64
    }

    private let burst: Int
    private let nanosecondsPerToken: UInt64
    private let countMax: Int
    private var buckets: [EthereumAddress: Bucket] = [:]

    /// No signer yet.
    package init(parameters: RecordValidationParameters) {
        burst = max(parameters.signerBurst, 1)
        nanosecondsPerToken = 1_000_000_000 / UInt64(clamping: max(parameters.signerRecordsPerSecond, 1))
        countMax = max(parameters.signerCountMax, 1)
    }

    /// How many signers are followed.
    package var count: Int { buckets.count }

    /// Takes one record of `signer` in, or gives false.
    ///
    /// - Parameter now: Nanoseconds of a clock that never goes back.
    package mutating func take(_ signer: EthereumAddress, now: UInt64) -> Bool {
        if buckets[signer] == nil, buckets.count >= countMax {
            buckets = buckets.filter { available(in: $0.value, now: now) < burst }
            guard buckets.count < countMax else { return false }
        }
        var bucket = buckets[signer] ?? Bucket(tokens: burst, refilledAt: now)
        let tokens = available(in: bucket, now: now)
        let gained = UInt64(tokens - bucket.tokens)
        bucket.refilledAt = tokens == burst ? now : bucket.refilledAt + gained * nanosecondsPerToken
        bucket.tokens = tokens
        defer { buckets[signer] = bucket }
        guard bucket.tokens > 0 else { return false }
        bucket.tokens -= 1
        return true
    }

    /// Whether ``take(_:now:)`` would take one record of `signer` in.
    package func hasRoom(_ signer: EthereumAddress, now: UInt64) -> Bool {
        if let bucket = buckets[signer] { return available(in: bucket, now: now) > 0 }
        return buckets.count < countMax || buckets.values.contains { available(in: $0, now: now) >= burst }
    }

    private func available(in bucket: Bucket, now: UInt64) -> Int {
        guard now > bucket.refilledAt, nanosecondsPerToken > 0 else { return bucket.tokens }
        let gained = (now - bucket.refilledAt) / nanosecondsPerToken
        return Int(min(UInt64(burst), UInt64(bucket.tokens) + min(gained, UInt64(burst))))
    }
}
