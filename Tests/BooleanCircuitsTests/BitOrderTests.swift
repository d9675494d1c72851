import BooleanCircuits
import Testing

@Suite struct BitOrderTests {
    @Test func wordsAndBytesAreTheSameNumber() {
        let bytes: [UInt8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]
        let words: [UInt32] = [0x0123_4567, 0x89ab_cdef]
        let byteBits = BitOrder.bits(ofBytes: bytes)
        let wordBits = BitOrder.bits(ofWords: words)
        #expect(byteBits != wordBits)
        #expect(BitOrder.byteBitsToWordBits(byteBits) == wordBits)
        #expect(BitOrder.wordBitsToByteBits(wordBits) == byteBits)
        #expect(BitOrder.bytes(ofBits: byteBits) == bytes)
        #expect(BitOrder.words(ofBits: wordBits) == words)
    }

    @Test func theLowestBitComesFirst() {
        #expect(BitOrder.bits(ofBytes: [0b0000_0001]) == [true] + Array(repeating: false, count: 7))
        #expect(BitOrder.bits(ofWords: [0x8000_0000]) == Array(repeating: false, count: 31) + [true])
    }

    @Test func integersAreBigEndianOnTheWire() {
        let integer = BitOrder.bits(ofBytes: [0x34, 0x12])
        #expect(BitOrder.bytes(ofBits: BitOrder.littleEndianIntegerBitsToByteBits(integer)) == [0x12, 0x34])
        #expect(BitOrder.byteBitsToLittleEndianIntegerBits(BitOrder.bits(ofBytes: [0x12, 0x34])) == integer)
    }

    /// Permutations move labels exactly as they move bits.
    @Test func permutationsAreGeneric() {
        let indices = Array(0..<64)
        let permuted = BitOrder.wordBitsToByteBits(indices)
        #expect(permuted[0] == 24)
        #expect(Set(permuted) == Set(indices))
        #expect(BitOrder.byteBitsToWordBits(permuted) == indices)
    }
}
