internal import CryptoCore

/// Walks sorted segments alongside blocks of plaintext wires, and holds what is unfinished of the current one.
struct SegmentCursor {
    private let segments: [PlannedSegment]
    private var index = 0

    /// Bytes so far of a disclosed segment that is not complete yet.
    var disclosed: [UInt8] = []
    /// Hash so far of a committed segment that is not complete yet.
    var hash = WireSHA256()

    init(segments: [PlannedSegment]) {
        self.segments = segments
    }

    /// The smallest range that contains all that segments cover of `range`, or nil if they cover nothing of it.
    func needed(in range: Range<Int>) -> Range<Int>? {
        var result: Range<Int>?
        for segment in segments[index...] {
            guard segment.range.lowerBound < range.upperBound else { break }
            let part = segment.range.clamped(to: range)
            guard !part.isEmpty else { continue }
            result = (result?.lowerBound ?? part.lowerBound)..<part.upperBound
        }
        return result
    }

    /// The parts of segments inside `range`, in order; segments that end in it are left behind.
    mutating func parts(in range: Range<Int>) -> [(PlannedSegment, Range<Int>)] {
        var result: [(PlannedSegment, Range<Int>)] = []
        while index < segments.count, segments[index].range.lowerBound < range.upperBound {
            let segment = segments[index]
            let part = segment.range.clamped(to: range)
            if !part.isEmpty { result.append((segment, part)) }
            guard segment.range.upperBound <= range.upperBound else { break }
            index += 1
        }
        return result
    }
}
