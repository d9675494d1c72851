import CryptoCore
import Testing

@Suite struct CorrelationRobustHashTests {
    // Expected values: the definition, computed with another AES implementation; the key is the first 128 fraction bits
    // of pi.
    @Test func knownAnswers() {
        let inputs = [Block](littleEndian: Array(UInt8(0)..<48)) ?? []
        let expected = [
            "a55241918887167d56168539ee663c1e", "25312dd8e3a6644d0c4443c0df470207", "1b47c7deffb739b77a3995b893cc4bdb",
        ]
        #expect(CorrelationRobustHash.hash(inputs, firstTweak: 5).map(\.littleEndianBytes) == expected.map(hex))
    }

    @Test func batchesAreElementwise() {
        var random = BlockPRG(seed: .zero)
        let inputs = random.blocks(100)
        let single = inputs.enumerated().map { CorrelationRobustHash.hash($1, tweak: 7 + UInt64($0)) }
        #expect(CorrelationRobustHash.hash(inputs, firstTweak: 7) == single)
        #expect(CorrelationRobustHash.hash([], firstTweak: 7) == [])
    }

    @Test func worksInPlace() {
        var random = BlockPRG(seed: .zero)
        var blocks = random.blocks(37)
        let expected = CorrelationRobustHash.hash(blocks, firstTweak: 1)
        blocks.withUnsafeMutableBufferPointer { buffer in
            CorrelationRobustHash.hash(UnsafeBufferPointer(buffer), into: buffer, firstTweak: 1)
        }
        #expect(blocks == expected)
    }

    @Test func theTweakMatters() {
        #expect(CorrelationRobustHash.hash(.zero, tweak: 0) != CorrelationRobustHash.hash(.zero, tweak: 1))
    }
}
