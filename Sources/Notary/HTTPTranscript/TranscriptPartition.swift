/// Assigns every byte of a transcript to exactly one part, then splits the parts by what is revealed.
struct TranscriptPartition {
    private struct Part {
        let label: String
        let commits: Bool
    }

    private struct Piece {
        let range: Range<Int>
        let part: Int
    }

    private var parts: [Part]
    /// Sorted, disjoint, covering the transcript.
    private var pieces: [Piece]

    /// The parts that `atoms` name; the atoms must be disjoint.
    init(atoms: [TranscriptAtom], commits: Bool) {
        parts = atoms.map { Part(label: $0.label, commits: commits) }
        pieces = atoms.enumerated().flatMap { index, atom in
            atom.spans.ranges.map { Piece(range: $0, part: index) }
        }
        pieces.sort { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// Takes `spans` out of the parts they are in and makes them a part of their own.
    mutating func assign(_ spans: SpanSet, label: String, commits: Bool) {
        let part = parts.count
        parts.append(Part(label: label, commits: commits))
        pieces = split(by: spans).map { $0.inside ? Piece(range: $0.piece.range, part: part) : $0.piece }
    }

    /// The parts as segments; a part that is revealed only in part becomes two.
    func segments(revealing revealed: SpanSet) -> [TranscriptSegment] {
        var inside = [[Range<Int>]](repeating: [], count: parts.count)
        var outside = inside
        for (piece, isInside) in split(by: revealed) {
            if isInside { inside[piece.part].append(piece.range) } else { outside[piece.part].append(piece.range) }
        }
        var segments: [TranscriptSegment] = []
        for (index, part) in parts.enumerated() {
            let isSplit = !inside[index].isEmpty && !outside[index].isEmpty
            let label = isSplit ? "\(part.label) (part)" : part.label
            if !inside[index].isEmpty {
                segments.append(TranscriptSegment(spans: SpanSet(inside[index]), label: label, kind: .reveal))
            }
            if !outside[index].isEmpty {
                let kind: TranscriptSegment.Kind = part.commits ? .commit : .hidden
                segments.append(TranscriptSegment(spans: SpanSet(outside[index]), label: label, kind: kind))
            }
        }
        // No segment is empty, and no two begin at the same byte.
        return segments.sorted { ($0.spans.ranges.first?.lowerBound ?? 0) < ($1.spans.ranges.first?.lowerBound ?? 0) }
    }

    /// All pieces, cut where `spans` begin and end; linear in the number of pieces and ranges.
    private func split(by spans: SpanSet) -> [(piece: Piece, inside: Bool)] {
        var result: [(piece: Piece, inside: Bool)] = []
        result.reserveCapacity(pieces.count + 2 * spans.ranges.count)
        var next = 0
        for piece in pieces {
            var start = piece.range.lowerBound
            let end = piece.range.upperBound
            while start < end {
                while next < spans.ranges.count, spans.ranges[next].upperBound <= start { next += 1 }
                guard next < spans.ranges.count, spans.ranges[next].lowerBound < end else {
                    result.append((Piece(range: start..<end, part: piece.part), false))
                    break
                }
                let span = spans.ranges[next]
                let isInside = span.lowerBound <= start
                let stop = min(end, isInside ? span.upperBound : span.lowerBound)
                result.append((Piece(range: start..<stop, part: piece.part), isInside))
                start = stop
            }
        }
        return result
    }
}
