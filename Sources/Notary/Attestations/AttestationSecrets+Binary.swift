internal import WireFormat

extension AttestationSecrets {
    /// The canonical binary form, which is secret.
    public var bytes: [UInt8] {
        BinaryContainer.secrets.write { writer in
            writer.fixed(attestationID.value.bytes)
            writer.variable(sent)
            writer.variable(received)
            writer.count(openings.count)
            for opening in openings {
                writer.uint8(opening.direction.rawValue)
                writer.uint8(opening.kind.rawValue)
                writer.uint64(UInt64(opening.range.lowerBound))
                writer.uint64(UInt64(opening.range.upperBound))
                writer.fixed(opening.blinder)
            }
            writer.optional(identity) { $1.encode(into: &$0) }
        }
    }

    /// Reads the binary form.
    ///
    /// - Throws: `.malformed`, `.unsupportedVersion`, `.segmentOutOfRange`, `.overlappingSegments`.
    public init(bytes: [UInt8]) throws(AttestationError) {
        self = try BinaryContainer.secrets.read(bytes) { reader in
            let attestationID = AttestationID(try reader.bytes32())
            let sent = try reader.variable(limit: AttestationSecrets.transcriptByteCountMax)
            let received = try reader.variable(limit: AttestationSecrets.transcriptByteCountMax)
            var openings: [SegmentOpening] = []
            let count = try reader.count(limit: TranscriptSummary.leafCountMax, bytesEach: 34)
            for _ in 0..<count {
                let direction = try reader.direction()
                let kind = try reader.kind()
                let start = try reader.length()
                let end = try reader.length()
                guard start < end else { throw WireError.invalid("range of a leaf") }
                openings.append(
                    SegmentOpening(
                        direction: direction,
                        kind: kind,
                        range: start..<end,
                        blinder: try reader.fixed(TranscriptLeaf.blinderByteCount)
                    )
                )
            }
            return try AttestationSecrets(
                attestationID: attestationID,
                sent: sent,
                received: received,
                openings: openings,
                identity: try reader.optional("identity") { (reader) throws(WireError) in
                    try IdentityOpening(from: &reader)
                }
            )
        }
    }
}
