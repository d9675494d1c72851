internal import WireFormat

extension Attestation {
    /// The canonical binary form.
    public var bytes: [UInt8] {
        BinaryContainer.attestation.write { writer in
            header.encode(into: &writer)
            writer.optional(contextText) { $0.text($1) }
            writer.fixed(signatureBytes)
        }
    }

    /// Reads the binary form and checks the signature.
    ///
    /// - Throws: `.malformed`, `.unsupportedVersion`, `.badSignature`, `.contextTextMismatch`.
    public init(bytes: [UInt8]) throws(AttestationError) {
        self = try BinaryContainer.attestation.read(bytes) { reader in
            try Attestation(
                header: try AttestationHeader(from: &reader),
                contextText: try reader.optional("contextText") { (reader) throws(WireError) in
                    try reader.text(limit: Attestation.contextTextByteCountMax, "contextText")
                },
                signature: try reader.fixed(65)
            )
        }
    }
}
