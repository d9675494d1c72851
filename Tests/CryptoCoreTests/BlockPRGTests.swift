import CryptoCore
import Testing

@Suite struct BlockPRGTests {
    private let seed = Block(littleEndian: Array(UInt8(0)..<16))

    // Expected values: AES-128 of the little-endian counters 0, 1, 2 by another implementation.
    @Test func isAESInCounterMode() {
        var random = BlockPRG(seed: seed)
        let expected =
            hex("c6a13b37878f5b826f4f8162a1c8d879") + hex("e37cd363dd7c87a09aff0e3e60e09c82")
            + hex("fb8ae31ba5db9cad97364d8722d47326")
        #expect(random.blocks(3).littleEndianBytes == expected)
    }

    @Test func forksAreKnownAndIndependentOfDraws() {
        var random = BlockPRG(seed: seed)
        var first = random.fork()
        _ = random.blocks(5)
        var second = random.fork()
        #expect(first.nextBlock().littleEndianBytes == hex("d07273453eecebb86dca30898145bf33"))
        #expect(second.nextBlock().littleEndianBytes == hex("6739b5a6d83d7e35d189eb904e8066e8"))
    }

    @Test func everyWayOfDrawingReadsOneStream() {
        var a = BlockPRG(seed: seed)
        var b = BlockPRG(seed: seed)
        var c = BlockPRG(seed: seed)
        let blocks = a.blocks(300)
        #expect((0..<300).map { _ in b.nextBlock() } == blocks)
        #expect(c.bytes(4800) == blocks.littleEndianBytes)
        #expect(a.nextBlock() == c.nextBlock())
        #expect(a.blocks(0) == [])
        #expect(a.bytes(0) == [])
        #expect(a.nextBlock() == c.nextBlock())
    }

    @Test(arguments: [1, 15, 16, 17, 1023, 1024, 1025, 5000])
    func bytesTakeWholeBlocks(count: Int) {
        var a = BlockPRG(seed: seed)
        var b = BlockPRG(seed: seed)
        let bytes = a.bytes(count)
        let blocks = b.blocks((count + 15) / 16)
        #expect(bytes == Array(blocks.littleEndianBytes.prefix(count)))
        #expect(a.nextBlock() == b.nextBlock())
    }

    @Test func aCopyContinuesFromTheSamePoint() {
        var random = BlockPRG(seed: seed)
        _ = random.nextBlock()
        var copy = random
        #expect(copy.nextBlock() == random.nextBlock())
    }

    @Test func systemRandomnessDiffersEachTime() {
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
        #expect(SecureRandom.bytes(0) == [])
        #expect(SecureRandom.bytes(33).count == 33)
        #expect(SecureRandom.block() != SecureRandom.block())
    }

    @Test func deltaHasItsLowBitSetAndPrintsNothing() {
        var random = BlockPRG(seed: seed)
        var again = BlockPRG(seed: seed)
        let delta = Delta(random: &random)
        #expect(delta.block == again.nextBlock() | Block(1, 0))
        #expect(Delta(settingLowBitOf: Block(4, 7)).block == Block(5, 7))
        #expect("\(delta)" == "Delta(redacted)")
        #expect(String(reflecting: delta) == "Delta(redacted)")
        #expect(Mirror(reflecting: delta).children.isEmpty)
    }
}
