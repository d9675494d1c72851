package import Attestations

/// Decides whether a record is acceptable; pure, and cheap checks come first.
///
/// What it does not know is what the node has already (`.duplicate`, `.doubleSigned`) and how much came from whom when
/// (``SignerRates``).
package struct RecordValidator: Sendable {
    /// The network whose records these are.
    package let network: NetworkID
    /// The limits.
    package let parameters: RecordValidationParameters
    private let membership: any SignerMembership
    private let check: any RecordChecking

    /// How a record arrived.
    package enum Arrival: Hashable, Sendable {
        /// As news.
        case news
        /// Asked for, from what a peer keeps, so that it may be old; older than `oldest` (Unix milliseconds) is of no use.
        case archive(oldest: UInt64)
    }

    /// A validator of a network's records.
    package init(
        network: NetworkID,
        parameters: RecordValidationParameters,
        membership: any SignerMembership,
        check: any RecordChecking
    ) {
        self.network = network
        self.parameters = parameters
        self.membership = membership
        self.check = check
    }

    /// Checks size, encoding, network, membership, signature and time.
    ///
    /// What is only ignored for its time must be signed, or anyone could make up such records for nothing.
    ///
    /// - Parameter now: The present time in Unix milliseconds.
    package func notarization(
        _ bytes: [UInt8],
        arrival: Arrival,
        now: UInt64
    ) throws(RecordRefusal) -> Notarization {
        try verify(try decode(bytes), arrival: arrival, now: now)
    }

    /// Checks size and encoding.
    package func decode(_ bytes: [UInt8]) throws(RecordRefusal) -> UnverifiedNotarization {
        guard bytes.count <= Notarization.byteCountMax else { throw .oversize(byteCount: bytes.count) }
        return try check.decode(bytes)
    }

    /// Checks network, membership, signature and time.
    package func verify(
        _ record: UnverifiedNotarization,
        arrival: Arrival,
        now: UInt64
    ) throws(RecordRefusal) -> Notarization {
        guard record.header.network == network else { throw .wrongNetwork }
        let untimely = untimeliness(of: record.header.endTime, arrival: arrival, now: now)
        if let untimely, untimely.verdict == .reject { throw untimely }
        guard membership.isMember(record.header.notary, at: record.header.endTime) else {
            throw .notAMember(record.header.notary)
        }
        let verified = try check.verify(record)
        if let untimely { throw untimely }
        return verified
    }

    /// Why news would be ignored for its time; nil if it would not, or would be rejected.
    ///
    /// Checks no signature.
    package func ignorableTime(of record: UnverifiedNotarization, now: UInt64) -> RecordRefusal? {
        let untimely = untimeliness(of: record.header.endTime, arrival: .news, now: now)
        return untimely?.verdict == .ignore ? untimely : nil
    }

    /// When the window of a record ends, in Unix milliseconds.
    package func windowEnd(of header: AttestationHeader) -> UInt64 {
        let sum = header.endTime.addingReportingOverflow(parameters.windowDuration.wholeMilliseconds)
        return sum.overflow ? .max : sum.partialValue
    }

    private func untimeliness(of time: UInt64, arrival: Arrival, now: UInt64) -> RecordRefusal? {
        let tolerance = parameters.tolerance.wholeMilliseconds
        if time > now {
            let ahead = time - now
            let most = parameters.clockSkewMax.wholeMilliseconds
            guard ahead > most else { return nil }
            return ahead - most > tolerance ? .fromTheFuture(milliseconds: ahead) : .early(milliseconds: ahead)
        }
        switch arrival {
        case .news:
            let age = now - time
            let most = parameters.newsAgeMax.wholeMilliseconds
            guard age > most else { return nil }
            return age - most > tolerance ? .stale(milliseconds: age) : .late(milliseconds: age)
        case .archive(let oldest):
            return time >= oldest ? nil : .beyondRetention
        }
    }
}
