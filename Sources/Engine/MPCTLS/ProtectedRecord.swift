package import TLSProtocol
package import WireFormat

/// An encrypted TLS 1.2 AES-GCM record as it was on the wire (RFC 5288 §3).
package struct ProtectedRecord: Equatable, Sendable, WireCodable {
    /// The most records that one direction of a session may have.
    package static let countMax = 1 << 16

    /// The visible content type.
    package let type: TLSContentType
    /// The eight bytes of explicit nonce.
    package let explicitNonce: [UInt8]
    /// The ciphertext without nonce and tag, at most 2^14 bytes.
    package let ciphertext: [UInt8]
    /// The 16-byte tag.
    package let tag: [UInt8]

    /// Bytes that nonce and tag add to a fragment.
    package static let overhead = 24

    /// Splits a record's fragment.
    ///
    /// - Throws: ``MPCTLSError/serverFailure(_:)`` if it is too short or too long for AES-GCM.
    package init(type: TLSContentType, fragment: [UInt8]) throws(MPCTLSError) {
        guard fragment.count >= Self.overhead else {
            throw .serverFailure("the server sent an encrypted record of only \(fragment.count) bytes")
        }
        guard fragment.count <= Self.overhead + TLSRecord.plaintextByteCountMax else {
            throw .serverFailure("the server sent an encrypted record of \(fragment.count) bytes, more than TLS allows")
        }
        self.type = type
        explicitNonce = Array(fragment[..<8])
        ciphertext = Array(fragment[8..<fragment.count - 16])
        tag = Array(fragment[(fragment.count - 16)...])
    }

    /// A record from its parts: 8 bytes of nonce, at most 2^14 of ciphertext, 16 of tag.
    package init(type: TLSContentType, explicitNonce: [UInt8], ciphertext: [UInt8], tag: [UInt8]) {
        self.type = type
        self.explicitNonce = explicitNonce
        self.ciphertext = ciphertext
        self.tag = tag
    }

    /// The fragment as it is on the wire.
    package var fragment: [UInt8] { explicitNonce + ciphertext + tag }

    package func encode(into writer: inout WireWriter) {
        writer.uint8(type.rawValue)
        writer.variable(fragment)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        guard let type = TLSContentType(rawValue: try reader.uint8()) else { throw .invalid("content type") }
        let fragment = try reader.variable(limit: Self.overhead + TLSRecord.plaintextByteCountMax)
        do {
            self = try ProtectedRecord(type: type, fragment: fragment)
        } catch {
            throw .invalid("record fragment")
        }
    }
}
