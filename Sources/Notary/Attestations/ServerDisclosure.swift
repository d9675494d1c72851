/// What an attestation says about who the server is.
public enum ServerDisclosure: Hashable, Sendable {
    /// The notary saw the handshake and validated certificate chain, host name and key exchange signature.
    case revealed(RevealedServer)
    /// The notary saw only this commitment to the handshake; see ``IdentityOpening``.
    case committed(Bytes32)
}

/// A server whose identity the notary checked.
public struct RevealedServer: Hashable, Sendable {
    /// The longest name, in bytes.
    public static let nameByteCountMax = 253

    /// The name that the client asked for and the certificate is valid for.
    public let name: String
    /// SHA-256 of the leaf certificate in DER.
    public let certificateFingerprint: Bytes32
    /// When the notary validated the chain, in Unix milliseconds.
    public let validatedAt: UInt64

    /// Checks the name: 1 to 253 visible ASCII characters.
    ///
    /// - Throws: `.malformed`.
    public init(name: String, certificateFingerprint: Bytes32, validatedAt: UInt64) throws(AttestationError) {
        let characters = name.utf8
        guard
            (1...Self.nameByteCountMax).contains(characters.count),
            characters.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw .malformed("server name") }
        self.name = name
        self.certificateFingerprint = certificateFingerprint
        self.validatedAt = validatedAt
    }
}
