/// A consecutive part of one direction and what happens to it: the unit of commitments and of engine operations.
package struct TranscriptPiece: Sendable, Hashable {
    /// The bytes.
    package let range: Range<Int>
    /// The selector text of the segment it comes from.
    package let label: String
    /// What happens to the bytes.
    package let kind: TranscriptSegment.Kind

    /// Creates a piece.
    package init(range: Range<Int>, label: String, kind: TranscriptSegment.Kind) {
        self.range = range
        self.label = label
        self.kind = kind
    }
}

extension DirectionDisclosure {
    /// The most pieces that are not hidden before `pieces` joins neighbours.
    package static let pieceLimit = 2048

    /// The plan as consecutive pieces: ascending, without gaps, from the first byte to the last.
    ///
    /// A comma (with the blanks around it) after a committed JSON member joins the member's piece, because a commitment
    /// to a comma alone would cost as much as one to the member. If there were more than `limit` pieces that are
    /// not hidden (a server may send a chunk per byte), neighbours of the same kind become one.
    ///
    /// - Parameter transcript: The transcript for which the plan was made.
    package func pieces(
        of transcript: AnnotatedTranscript,
        limit: Int = DirectionDisclosure.pieceLimit
    ) -> [TranscriptPiece] {
        let pieces = naturalPieces(of: transcript)
        guard pieces.count(where: { $0.kind != .hidden }) > limit else { return pieces }
        return Self.joined(pieces, label: { "\($0) …" }) { _, _ in true }
    }

    /// Where the pieces are coarser than the parts that were asked for; empty in all but very large documents.
    package func coarsenings(
        of transcript: AnnotatedTranscript,
        limit: Int = DirectionDisclosure.pieceLimit
    ) -> [PlanCoarsening] {
        var result: [PlanCoarsening] = []
        if let leafLimit, let document = transcript.document, segments.contains(where: { $0.kind == .commit }) {
            let leafCount = document.values.indices.count(where: document.isLeaf)
            let units = document.units(atMost: leafLimit)
            if units.count < leafCount {
                result.append(.groupedLeaves(direction, leafCount: leafCount, partCount: units.count))
            }
        }
        let natural = naturalPieces(of: transcript).count { $0.kind != .hidden }
        if natural > limit {
            let joined = pieces(of: transcript, limit: limit).count { $0.kind != .hidden }
            result.append(.joinedPieces(direction, pieceCount: natural, joinedCount: joined))
        }
        return result
    }

    /// The pieces before their number counts.
    private func naturalPieces(of transcript: AnnotatedTranscript) -> [TranscriptPiece] {
        var pieces: [TranscriptPiece] = []
        for segment in segments {
            for range in segment.spans.ranges {
                pieces.append(TranscriptPiece(range: range, label: segment.label, kind: segment.kind))
            }
        }
        pieces.sort { $0.range.lowerBound < $1.range.lowerBound }
        let structure = transcript.jsonStructureLabel
        let member = "\(direction.messageName).json:"
        return Self.joined(pieces, label: { $0 }) { last, next in
            last.kind == .commit && next.label == structure && last.label.hasPrefix(member)
                && transcript.bytes[next.range].allSatisfy(AnnotatedTranscript.isSeparator)
        }
    }

    /// Joins a piece to one of the same kind before it where `condition` says so.
    private static func joined(
        _ pieces: [TranscriptPiece],
        label: (String) -> String,
        where condition: (_ last: TranscriptPiece, _ next: TranscriptPiece) -> Bool
    ) -> [TranscriptPiece] {
        var result: [TranscriptPiece] = []
        var isJoined = false
        for next in pieces {
            guard let last = result.last, last.kind == next.kind, condition(last, next) else {
                result.append(next)
                isJoined = false
                continue
            }
            result[result.count - 1] = TranscriptPiece(
                range: last.range.lowerBound..<next.range.upperBound,
                label: isJoined ? last.label : label(last.label),
                kind: last.kind
            )
            isJoined = true
        }
        return result
    }
}

extension AnnotatedTranscript {
    /// Commas and blanks between JSON leaves: they may be shown along with a member without telling anything new.
    package var separatorSpans: SpanSet {
        let structure = atoms(leafLimit: Int.max).filter { $0.label == jsonStructureLabel }.flatMap(\.spans.ranges)
        var result: [Range<Int>] = []
        for range in structure {
            for index in range where Self.isSeparator(bytes[index]) { result.append(index..<index + 1) }
        }
        return SpanSet(result)
    }

    static func isSeparator(_ byte: UInt8) -> Bool {
        byte == 0x2c || byte == 0x0a || byte == 0x0d || HTTPCharacters.isBlank(byte)
    }
}
