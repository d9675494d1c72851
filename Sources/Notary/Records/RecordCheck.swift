internal import Synchronization

/// Turns bytes into records: the part of validation that costs most, and depends on nothing but the bytes.
package protocol RecordChecking: Sendable {
    /// Decodes a notarization.
    ///
    /// - Throws: `.oversize`, `.unsupportedVersion`, `.malformed`.
    func decode(_ bytes: [UInt8]) throws(RecordRefusal) -> UnverifiedNotarization

    /// Checks the signature.
    ///
    /// - Throws: `.badSignature`.
    func verify(_ record: UnverifiedNotarization) throws(RecordRefusal) -> Notarization
}

/// Computes each time.
package struct RecordCheck: RecordChecking {
    /// The check.
    package init() {}

    package func decode(_ bytes: [UInt8]) throws(RecordRefusal) -> UnverifiedNotarization {
        try UnverifiedNotarization(bytes: bytes)
    }

    package func verify(_ record: UnverifiedNotarization) throws(RecordRefusal) -> Notarization {
        try record.verified()
    }
}

/// Remembers results by the whole bytes, so that many nodes of one process compute each once and share its memory.
///
/// For simulations. When it is full it forgets everything, which changes what a run costs, not what it does.
package final class SharedRecordCheck: RecordChecking {
    private struct Results {
        var decoded: [[UInt8]: Result<UnverifiedNotarization, RecordRefusal>] = [:]
        var verified: [[UInt8]: Result<Notarization, RecordRefusal>] = [:]
        var computedCount = 0
    }

    private let countMax: Int
    private let results = Mutex(Results())

    /// Remembers at most `countMax` records.
    package init(countMax: Int = 1 << 16) {
        self.countMax = countMax
    }

    /// How many signatures were really checked.
    package var computedCount: Int { results.withLock { $0.computedCount } }

    package func decode(_ bytes: [UInt8]) throws(RecordRefusal) -> UnverifiedNotarization {
        try results.withLock { results -> Result<UnverifiedNotarization, RecordRefusal> in
            if let known = results.decoded[bytes] { return known }
            let result = Result { () throws(RecordRefusal) in try UnverifiedNotarization(bytes: bytes) }
            if results.decoded.count >= countMax { results.decoded = [:] }
            results.decoded[bytes] = result
            return result
        }.get()
    }

    package func verify(_ record: UnverifiedNotarization) throws(RecordRefusal) -> Notarization {
        try results.withLock { results -> Result<Notarization, RecordRefusal> in
            if let known = results.verified[record.bytes] { return known }
            let result = Result { () throws(RecordRefusal) in try record.verified() }
            if results.verified.count >= countMax { results.verified = [:] }
            results.verified[record.bytes] = result
            results.computedCount += 1
            return result
        }.get()
    }
}
