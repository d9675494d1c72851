/// A set of byte positions, kept as sorted, disjoint, non-empty and non-adjacent ranges.
///
/// A piece of a message may lie in several places of a transcript (chunked framing interrupts it), so everything that
/// is selected, revealed or committed is a `SpanSet`. All operations are linear in the number of ranges.
package struct SpanSet: Sendable, Hashable {
    /// The ranges in ascending order; neighbours never touch.
    package private(set) var ranges: [Range<Int>]

    /// The empty set.
    package init() {
        ranges = []
    }

    /// The positions of one range; an empty range gives the empty set.
    package init(_ range: Range<Int>) {
        ranges = range.isEmpty ? [] : [range]
    }

    /// The union of `ranges`, which may overlap and come in any order.
    package init(_ ranges: some Sequence<Range<Int>>) {
        let sorted = ranges.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        var merged: [Range<Int>] = []
        merged.reserveCapacity(sorted.count)
        for range in sorted {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
    }

    /// Whether no position is in the set.
    package var isEmpty: Bool { ranges.isEmpty }

    /// How many positions are in the set.
    package var byteCount: Int { ranges.reduce(0) { $0 + $1.count } }

    /// The positions in this set, in the other, or in both.
    package func union(_ other: SpanSet) -> SpanSet {
        SpanSet(ranges + other.ranges)
    }

    /// The positions in both sets.
    package func intersection(_ other: SpanSet) -> SpanSet {
        var result: [Range<Int>] = []
        var left = 0
        var right = 0
        while left < ranges.count, right < other.ranges.count {
            let common = ranges[left].clamped(to: other.ranges[right])
            if !common.isEmpty { result.append(common) }
            if ranges[left].upperBound <= other.ranges[right].upperBound {
                left += 1
            } else {
                right += 1
            }
        }
        return SpanSet(result)
    }

    /// The positions in this set that are not in the other.
    package func subtracting(_ other: SpanSet) -> SpanSet {
        var result: [Range<Int>] = []
        var right = 0
        for range in ranges {
            var start = range.lowerBound
            while right < other.ranges.count, other.ranges[right].upperBound <= start { right += 1 }
            var cursor = right
            while cursor < other.ranges.count, other.ranges[cursor].lowerBound < range.upperBound {
                if other.ranges[cursor].lowerBound > start { result.append(start..<other.ranges[cursor].lowerBound) }
                start = max(start, other.ranges[cursor].upperBound)
                cursor += 1
            }
            if start < range.upperBound { result.append(start..<range.upperBound) }
        }
        return SpanSet(result)
    }

    /// Whether every position of the other set is in this one.
    package func isSuperset(of other: SpanSet) -> Bool {
        other.subtracting(self).isEmpty
    }

    /// The bytes at these positions, in ascending order, or nil if a position lies outside `bytes`.
    package func extract(from bytes: [UInt8]) -> [UInt8]? {
        guard let first = ranges.first, let last = ranges.last else { return [] }
        guard first.lowerBound >= 0, last.upperBound <= bytes.count else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(byteCount)
        for range in ranges { result.append(contentsOf: bytes[range]) }
        return result
    }
}
