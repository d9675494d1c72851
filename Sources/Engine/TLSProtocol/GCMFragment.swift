/// The fragment of a protected record (RFC 5288 §3): explicit nonce, ciphertext and tag.
package struct GCMFragment: Hashable, Sendable {
    /// The nonce part that travels.
    package static let explicitNonceByteCount = 8
    /// The authentication tag.
    package static let tagByteCount = 16
    /// Nonce and tag: what protection adds to the plaintext.
    package static let overhead = explicitNonceByteCount + tagByteCount

    /// 8 bytes; the client of this engine uses its sequence number.
    package let explicitNonce: [UInt8]
    /// As long as the plaintext, at most 2^14 bytes.
    package let ciphertext: [UInt8]
    /// 16 bytes.
    package let tag: [UInt8]

    /// A fragment of these parts.
    package init(explicitNonce: [UInt8], ciphertext: [UInt8], tag: [UInt8]) {
        precondition(explicitNonce.count == Self.explicitNonceByteCount && tag.count == Self.tagByteCount)
        precondition(ciphertext.count <= TLSRecord.plaintextByteCountMax)
        self.explicitNonce = explicitNonce
        self.ciphertext = ciphertext
        self.tag = tag
    }

    /// Cuts a record's fragment into its parts.
    ///
    /// - Throws: ``TLSError/malformed(_:)`` if it is too short for nonce and tag, and
    ///   ``TLSError/recordOverflow(byteCount:limit:)`` if its plaintext is longer than 2^14 bytes.
    package init(decoding fragment: [UInt8]) throws(TLSError) {
        guard fragment.count >= Self.overhead else { throw .malformed(.record) }
        let limit = TLSRecord.plaintextByteCountMax + Self.overhead
        guard fragment.count <= limit else { throw .recordOverflow(byteCount: fragment.count, limit: limit) }
        self.init(
            explicitNonce: Array(fragment.prefix(Self.explicitNonceByteCount)),
            ciphertext: Array(fragment.dropFirst(Self.explicitNonceByteCount).dropLast(Self.tagByteCount)),
            tag: Array(fragment.suffix(Self.tagByteCount))
        )
    }

    /// Nonce, ciphertext, tag as the record carries them.
    package var encoded: [UInt8] { explicitNonce + ciphertext + tag }

    /// The 12-byte nonce of AES-GCM: salt and explicit part.
    ///
    /// - Parameter salt: the direction's 4 implicit bytes.
    package func nonce(salt: [UInt8]) -> [UInt8] { salt + explicitNonce }

    /// The additional data that a record authenticates (RFC 5246 §6.2.3.3); 13 bytes.
    ///
    /// - Parameters:
    ///   - sequenceNumber: counts the protected records of the direction from 0, the Finished.
    ///   - type: the record's content type.
    ///   - plaintextByteCount: the length of the plaintext, which is that of the ciphertext.
    package static func additionalData(
        sequenceNumber: UInt64,
        type: TLSContentType,
        plaintextByteCount: Int
    ) -> [UInt8] {
        var writer = PresentationWriter()
        writer.write(bigEndianBytes(sequenceNumber))
        writer.write(type.rawValue)
        writer.write(TLSRecord.version)
        writer.write(UInt16(plaintextByteCount))
        return writer.bytes
    }

    /// The explicit nonce that the client of this engine uses: the sequence number; 8 bytes big-endian.
    package static func explicitNonce(sequenceNumber: UInt64) -> [UInt8] { bigEndianBytes(sequenceNumber) }

    private static func bigEndianBytes(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
    }
}
