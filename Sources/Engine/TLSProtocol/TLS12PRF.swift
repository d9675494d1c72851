import CryptoCore

/// The pseudorandom function of TLS 1.2 with SHA-256 (RFC 5246 §5).
package enum TLS12PRF {
    /// PRF(secret, label, seed), truncated to `byteCount` bytes.
    ///
    /// - Parameters:
    ///   - secret: the HMAC key; any length.
    ///   - label: its ASCII bytes go before the seed.
    ///   - seed: randoms or a transcript hash.
    ///   - byteCount: how many bytes to expand to.
    package static func expand(secret: [UInt8], label: Label, seed: [UInt8], byteCount: Int) -> [UInt8] {
        expand(secret: secret, labelAndSeed: label.bytes + seed, byteCount: byteCount)
    }

    /// P_SHA256(secret, seed): HMAC(secret, A(i) || seed) for A(0) = seed, A(i) = HMAC(secret, A(i-1)).
    package static func expand(secret: [UInt8], labelAndSeed seed: [UInt8], byteCount: Int) -> [UInt8] {
        var output: [UInt8] = []
        var chain = seed
        while output.count < byteCount {
            chain = HMACSHA256.authenticate(key: secret, message: chain)
            output += HMACSHA256.authenticate(key: secret, message: chain + seed)
        }
        return Array(output.prefix(byteCount))
    }

    /// What a value is derived for.
    package enum Label: String, Hashable, Sendable {
        /// The master secret from the premaster secret (RFC 7627 §4).
        case extendedMasterSecret = "extended master secret"
        /// The record keys from the master secret (RFC 5246 §6.3).
        case keyExpansion = "key expansion"
        /// The client's Finished (RFC 5246 §7.4.9).
        case clientFinished = "client finished"
        /// The server's Finished (RFC 5246 §7.4.9).
        case serverFinished = "server finished"

        /// The label's ASCII bytes.
        package var bytes: [UInt8] { Array(rawValue.utf8) }
    }
}
