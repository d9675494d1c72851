import CryptoCore
import Testing

@Suite struct BlockTests {
    @Test func bytesAreLittleEndian() {
        let bytes = Array(UInt8(0)..<16)
        let block = Block(littleEndian: bytes)
        #expect(block == Block(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        #expect(block.littleEndianBytes == bytes)
        #expect(Block(littleEndian: bytes[...].dropLast(0)) == block)
    }

    @Test func arraysOfBlocksAndBytesConvert() {
        let bytes = Array(UInt8(0)..<48)
        let blocks = [Block](littleEndian: bytes)
        #expect(blocks?.count == 3)
        #expect(blocks?.littleEndianBytes == bytes)
        #expect(blocks?[1].littleEndianBytes == Array(bytes[16..<32]))
        #expect([Block](littleEndian: Array(bytes.dropLast())) == nil)
        #expect([Block](littleEndian: [])?.isEmpty == true)
    }

    @Test func bitsCountFromTheFirstByte() {
        #expect(Block(1, 0).lowBit)
        #expect(!Block(2, 1).lowBit)
        #expect((0..<128).filter { Block(1 << 63 | 1 << 3, 1 << 1).bit($0) } == [3, 63, 65])
    }

    @Test func maskingKeepsOrClears() {
        let block = Block(.max, 5)
        #expect(block.masked(by: true) == block)
        #expect(block.masked(by: false) == .zero)
    }

    @Test func constantTimeEqualityIsEquality() {
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(constantTimeEqual([UInt8](), [UInt8]()))
        #expect(constantTimeEqual(Block(1, 2), Block(1, 2)))
        #expect(!constantTimeEqual(Block(1, 2), Block(1, 3)))
        #expect(!constantTimeEqual(Block(1, 2), Block(0, 2)))
        let blocks = [Block(1, 2), Block(3, 4), Block(5, 6)]
        #expect(constantTimeEqual(blocks, blocks))
        #expect(constantTimeEqual([Block](), [Block]()))
        #expect(!constantTimeEqual(blocks, Array(blocks.dropLast())))
        for index in blocks.indices {
            for error in [Block(1, 0), Block(1 << 63, 0), Block(0, 1), Block(0, 1 << 63)] {
                var other = blocks
                other[index] ^= error
                #expect(!constantTimeEqual(blocks, other))
            }
        }
        // Errors that cancel in a sum do not cancel here.
        #expect(!constantTimeEqual([Block(1, 0), Block(1, 0)], [Block.zero, Block.zero]))
    }
}
