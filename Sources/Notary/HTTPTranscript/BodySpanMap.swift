/// Maps ranges of a body to the places of those bytes in the transcript, which chunk framing may have torn apart.
struct BodySpanMap: Sendable {
    private let pieces: [Range<Int>]
    /// `starts[i]` is how many bytes of the body come before `pieces[i]`.
    private let starts: [Int]
    private let count: Int

    init(_ pieces: [Range<Int>]) {
        var total = 0
        var starts: [Int] = []
        starts.reserveCapacity(pieces.count)
        for piece in pieces {
            starts.append(total)
            total += piece.count
        }
        self.pieces = pieces
        self.starts = starts
        count = total
    }

    /// The ranges of the transcript that hold the bytes `range` of the body, in ascending order.
    func transcriptRanges(_ range: Range<Int>) -> [Range<Int>] {
        let wanted = range.clamped(to: 0..<count)
        guard !wanted.isEmpty else { return [] }
        // The last piece that starts at or before the first wanted byte, by bisection.
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= wanted.lowerBound { low = middle } else { high = middle }
        }
        var result: [Range<Int>] = []
        var index = low
        while index < pieces.count, starts[index] < wanted.upperBound {
            let first = max(wanted.lowerBound, starts[index])
            let last = min(wanted.upperBound, starts[index] + pieces[index].count)
            let shift = pieces[index].lowerBound - starts[index]
            if first < last { result.append(first + shift..<last + shift) }
            index += 1
        }
        return result
    }
}
