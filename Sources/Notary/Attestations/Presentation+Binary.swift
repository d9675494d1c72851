internal import WireFormat

extension Presentation {
    /// The canonical binary form.
    public var bytes: [UInt8] {
        BinaryContainer.presentation.write { writer in
            writer.variable(attestation.bytes)
            writer.count(segments.count)
            for segment in segments { segment.encode(into: &writer) }
            writer.count(proof.hashes.count)
            for hash in proof.hashes { writer.fixed(hash.bytes) }
            writer.optional(identity) { $1.encode(into: &$0) }
        }
    }

    /// Reads the binary form and checks the attestation's signature, but not the segments.
    ///
    /// - Throws: `.malformed`, `.unsupportedVersion`, `.badSignature`, `.contextTextMismatch`.
    public init(bytes: [UInt8]) throws(AttestationError) {
        self = try BinaryContainer.presentation.read(bytes) { reader in
            let attestation = try Attestation(bytes: try reader.variable(limit: Attestation.byteCountMax))
            var segments: [ShownSegment] = []
            let segmentCount = try reader.count(
                limit: TranscriptSummary.leafCountMax,
                bytesEach: ShownSegment.overheadByteCount
            )
            for _ in 0..<segmentCount { segments.append(try ShownSegment(from: &reader)) }
            var hashes: [Bytes32] = []
            for _ in 0..<(try reader.count(limit: TranscriptSummary.leafCountMax, bytesEach: 32)) {
                hashes.append(try reader.bytes32())
            }
            return try Presentation(
                attestation: attestation,
                segments: segments,
                proof: MerkleProof(hashes: hashes),
                identity: try reader.optional("identity") { (reader) throws(WireError) in
                    try IdentityOpening(from: &reader)
                }
            )
        }
    }
}
