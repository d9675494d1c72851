/// Remembers the explicit nonces of one direction, because AES-GCM authenticates nothing once one repeats.
package struct ExplicitNonceLedger: Sendable {
    private var seen: Set<UInt64> = []
    private let limit: Int

    /// A ledger that refuses more than `recordCountMax` records.
    package init(recordCountMax: Int) {
        limit = recordCountMax
    }

    /// Notes the nonce of the next record.
    ///
    /// - Parameter explicitNonce: the 8 bytes before the ciphertext.
    /// - Throws: ``TLSError/nonceReused(_:)`` for one seen before, ``TLSError/tooLarge(_:limit:)`` beyond the limit.
    package mutating func note(_ explicitNonce: [UInt8]) throws(TLSError) {
        guard seen.count < limit else { throw .tooLarge(.record, limit: limit) }
        let value = explicitNonce.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard seen.insert(value).inserted else { throw .nonceReused(value) }
    }
}
