import HTTPTranscript
import Testing

@Suite struct SpanSetTests {
    @Test func mergesOverlapsAndNeighbours() {
        #expect(SpanSet([5..<7, 1..<3, 3..<4, 6..<9, 2..<2]).ranges == [1..<4, 5..<9])
        #expect(SpanSet(3..<3).isEmpty)
    }

    @Test func agreesWithSetsOfIntegers() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let (left, right) = (randomSet(&generator), randomSet(&generator))
            #expect(positions(left.union(right)) == positions(left).union(positions(right)))
            #expect(positions(left.intersection(right)) == positions(left).intersection(positions(right)))
            #expect(positions(left.subtracting(right)) == positions(left).subtracting(positions(right)))
            #expect(left.isSuperset(of: right) == positions(left).isSuperset(of: positions(right)))
            #expect(left.byteCount == positions(left).count)
        }
    }

    @Test func extractRefusesWhatLiesOutside() {
        #expect(SpanSet([0..<1, 2..<4]).extract(from: [1, 2, 3, 4]) == [1, 3, 4])
        #expect(SpanSet(2..<5).extract(from: [1, 2, 3, 4]) == nil)
        #expect(SpanSet(-1..<2).extract(from: [1, 2, 3, 4]) == nil)
    }

    private func randomSet(_ generator: inout SeededGenerator) -> SpanSet {
        SpanSet(
            (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                let start = Int.random(in: 0..<40, using: &generator)
                return start..<start + Int.random(in: 0..<9, using: &generator)
            }
        )
    }

    private func positions(_ set: SpanSet) -> Set<Int> { Set(set.ranges.flatMap { Array($0) }) }
}
