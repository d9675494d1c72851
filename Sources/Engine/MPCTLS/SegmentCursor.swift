internal import CryptoCore

/// Walks sorted segments alongside blocks of plaintext wires, and holds what is unfinished of the current one.
struct SegmentCursor: Redacted {
    private let segments: [PlannedSegment]
    private var index = 0

    /// Bytes so far of a disclosed segment that is not complete yet.
    var disclosed: [UInt8] = []
    /// Hash so far of a committed segment that is not complete yet.
    var hash = WireSHA256()

    init(segments: [PlannedSegment]) {
        self.segments = segments
    }

    /// The parts of segments inside `range`, in order; segments that end in it are left behind.
    mutating func parts(in range: Range<Int>) -> [(segment: PlannedSegment, range: Range<Int>)] {
        var result: [(segment: PlannedSegment, range: Range<Int>)] = []
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
