package import WireFormat

/// A leaf with the bytes it commits to.
public struct ShownSegment: Hashable, Sendable {
    /// The number of the leaf in the tree.
    public let index: Int
    /// The direction.
    public let direction: TranscriptLeaf.Direction
    /// What the notary knew of the bytes.
    public let kind: TranscriptLeaf.Kind
    /// Offset of the first byte in the plaintext of the direction.
    public let start: Int
    /// The bytes; not empty.
    public let bytes: [UInt8]
    /// The 16 bytes that open the commitment.
    public let blinder: [UInt8]

    /// Checks the ranges.
    ///
    /// - Throws: `.malformed`.
    public init(
        index: Int,
        direction: TranscriptLeaf.Direction,
        kind: TranscriptLeaf.Kind,
        start: Int,
        bytes: [UInt8],
        blinder: [UInt8]
    ) throws(AttestationError) {
        guard (0..<TranscriptSummary.leafCountMax).contains(index) else { throw .malformed("leaf index") }
        guard
            (0...TranscriptSummary.lengthMax).contains(start), !bytes.isEmpty,
            bytes.count <= TranscriptSummary.lengthMax - start
        else { throw .malformed("range of a leaf") }
        guard blinder.count == TranscriptLeaf.blinderByteCount else { throw .malformed("blinder") }
        self.index = index
        self.direction = direction
        self.kind = kind
        self.start = start
        self.bytes = bytes
        self.blinder = blinder
    }

    /// Offsets of the bytes.
    public var range: Range<Int> { start..<start + bytes.count }

    /// The leaf that the segment opens.
    var leaf: TranscriptLeaf {
        get throws(AttestationError) {
            try TranscriptLeaf(
                direction: direction,
                range: range,
                kind: kind,
                commitment: TranscriptLeaf.commitment(to: bytes, blinder: blinder)
            )
        }
    }
}

extension ShownSegment: WireCodable {
    /// Bytes of the encoding besides the segment's own.
    static let overheadByteCount = 4 + 1 + 1 + 8 + 4 + TranscriptLeaf.blinderByteCount

    package func encode(into writer: inout WireWriter) {
        writer.uint32(UInt32(index))
        writer.uint8(direction.rawValue)
        writer.uint8(kind.rawValue)
        writer.uint64(UInt64(start))
        writer.variable(bytes)
        writer.fixed(blinder)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let index = Int(try reader.uint32())
        let direction = try reader.direction()
        let kind = try reader.kind()
        let start = try reader.length()
        let bytes = try reader.variable(limit: reader.left)
        let blinder = try reader.fixed(TranscriptLeaf.blinderByteCount)
        do {
            try self.init(
                index: index,
                direction: direction,
                kind: kind,
                start: start,
                bytes: bytes,
                blinder: blinder
            )
        } catch {
            throw .invalid("segment")
        }
    }
}

extension WireReader {
    mutating func direction() throws(WireError) -> TranscriptLeaf.Direction {
        guard let direction = TranscriptLeaf.Direction(rawValue: try uint8()) else { throw .invalid("direction") }
        return direction
    }

    mutating func kind() throws(WireError) -> TranscriptLeaf.Kind {
        guard let kind = TranscriptLeaf.Kind(rawValue: try uint8()) else { throw .invalid("kind") }
        return kind
    }
}
