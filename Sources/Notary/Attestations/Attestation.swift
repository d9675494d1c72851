package import CryptoCore
internal import EthereumCodec

/// A header and the notary's signature over it; a value of this type always carries a valid one.
///
/// Whether the notary is anybody to trust is not known yet: see ``PresentationVerifier``.
public struct Attestation: Hashable, Sendable {
    /// The longest context text, in bytes of UTF-8.
    public static let contextTextByteCountMax = 4096
    /// The most bytes of the binary form.
    public static let byteCountMax = 8192

    /// What is signed.
    public let header: AttestationHeader
    /// The text behind the header's context hash.
    ///
    /// It is not signed itself, only its hash is: whoever passes an attestation on may leave it out, and nobody can
    /// replace it.
    public let contextText: String?
    /// The EIP-712 digest.
    public let id: AttestationID
    private let signature: Secp256k1Signature

    /// Joins a header and a signature of 65 bytes, r ‖ s ‖ v with v 27 or 28.
    ///
    /// - Throws: `.badSignature` when the signature is not `header.notary`'s over the header, or has a high s;
    ///   `.contextTextMismatch` when the text does not hash to the context hash; `.malformed` when it is too long.
    public init(
        header: AttestationHeader,
        contextText: String?,
        signature: [UInt8]
    ) throws(AttestationError) {
        guard let parsed = try? Secp256k1Signature(bytes: signature) else { throw .badSignature }
        try self.init(header: header, contextText: contextText, parsed: parsed)
    }

    /// Signs a header.
    ///
    /// - Throws: `.badSignature` when `key` is not the key of `header.notary`; the errors of the text.
    package init(
        signing header: AttestationHeader,
        contextText: String?,
        with key: Secp256k1PrivateKey
    ) throws(AttestationError) {
        guard let signature = try? key.sign(digest: header.id.value.bytes) else { throw .badSignature }
        try self.init(header: header, contextText: contextText, parsed: signature)
    }

    private init(
        header: AttestationHeader,
        contextText: String?,
        parsed signature: Secp256k1Signature
    ) throws(AttestationError) {
        let id = header.id
        guard
            let signer = try? Secp256k1PublicKey.recover(signature, digest: id.value.bytes),
            signer.ethereumAddress == header.notary
        else { throw .badSignature }
        if let contextText {
            guard contextText.utf8.count <= Self.contextTextByteCountMax else { throw .malformed("contextText") }
            guard AttestationPurpose.contextHash(of: contextText) == header.purpose.contextHash else {
                throw .contextTextMismatch
            }
        }
        self.header = header
        self.contextText = contextText
        self.id = id
        self.signature = signature
    }

    /// The signature: r ‖ s ‖ v, 65 bytes, v being 27 or 28.
    public var signatureBytes: [UInt8] { signature.bytes }

    /// The same attestation without the context text.
    public var withoutContextText: Attestation {
        Attestation(header: header, contextText: nil, id: id, signature: signature)
    }

    private init(header: AttestationHeader, contextText: String?, id: AttestationID, signature: Secp256k1Signature) {
        self.header = header
        self.contextText = contextText
        self.id = id
        self.signature = signature
    }
}
