/// The content type of a record (RFC 5246 §6.2.1).
package enum TLSContentType: UInt8, Hashable, Sendable {
    /// Switches a direction to its negotiated protection.
    case changeCipherSpec = 20
    /// Alerts.
    case alert = 21
    /// Handshake messages.
    case handshake = 22
    /// The application's bytes.
    case applicationData = 23
}

/// One record: a content type and a fragment, which is plaintext before ChangeCipherSpec and opaque after it.
package struct TLSRecord: Hashable, Sendable {
    /// The longest plaintext fragment (RFC 5246 §6.2.1).
    package static let plaintextByteCountMax = 1 << 14
    /// The longest protected fragment (RFC 5246 §6.2.3).
    package static let ciphertextByteCountMax = (1 << 14) + 2048
    /// Content type, version and length.
    package static let headerByteCount = 5
    /// The version field of TLS 1.2 records.
    package static let version: UInt16 = 0x0303

    /// What the fragment carries.
    package let type: TLSContentType
    /// The bytes after the header.
    package let fragment: [UInt8]

    /// A record of this type and fragment; the fragment fits in ``ciphertextByteCountMax``.
    package init(type: TLSContentType, fragment: [UInt8]) {
        precondition(fragment.count <= Self.ciphertextByteCountMax, "callers fragment before they build records")
        self.type = type
        self.fragment = fragment
    }

    /// Header and fragment as sent to the server.
    package var encoded: [UInt8] { encoded(version: Self.version) }

    /// Header and fragment with another version field: a ClientHello travels as 0x0301 (RFC 5246, appendix E.1).
    func encoded(version: UInt16) -> [UInt8] {
        var writer = PresentationWriter()
        writer.write(type.rawValue)
        writer.write(version)
        writer.write(UInt16(fragment.count))
        writer.write(fragment)
        return writer.bytes
    }
}
