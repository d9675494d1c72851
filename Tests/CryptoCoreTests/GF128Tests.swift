import CryptoCore
import Testing

@Suite struct GF128Tests {
    private let a = Block(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
    private let b = Block(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210)
    private let top = Block(0, 1 << 63)

    // Expected values come from shift-and-add arithmetic on big integers.
    @Test func knownProducts() {
        let (fast, portable) = onBothPaths {
            [GF128.multiply(a, b), GF128.multiply(top, Block(2, 0)), GF128.square(top)]
        }
        let product = Block(0xf4cd_9953_6474_08e6, 0x9c41_0708_c373_583a)
        #expect(fast == [product, Block(0x87, 0), Block(0x1067, 0xc000_0000_0000_0000)])
        #expect(fast == portable)
    }

    @Test func knownInverse() {
        #expect(GF128.inverse(a) == Block(0x5fc6_d25b_57fa_6eea, 0x0c2b_9489_d697_0b23))
        #expect(GF128.inverse(.zero) == .zero)
        #expect(GF128.inverse(GF128.one) == GF128.one)
    }

    @Test(arguments: 0..<50) func isAField(seed: Int) {
        var random = BlockPRG(seed: Block(UInt64(seed), 4))
        let (x, y, z) = (random.nextBlock(), random.nextBlock(), random.nextBlock())
        #expect(GF128.multiply(x, y) == GF128.multiply(y, x))
        #expect(GF128.multiply(GF128.multiply(x, y), z) == GF128.multiply(x, GF128.multiply(y, z)))
        #expect(GF128.multiply(x, y ^ z) == GF128.multiply(x, y) ^ GF128.multiply(x, z))
        #expect(GF128.multiply(x, GF128.one) == x)
        #expect(GF128.multiply(x, GF128.inverse(x)) == GF128.one)
        #expect(GF128.square(x ^ y) == GF128.square(x) ^ GF128.square(y))
    }

    @Test func everySingleBitMultipliesAsAPowerOfX() {
        // x^i·x^j = x^(i+j), followed by doubling with the reduction written out.
        func doubled(_ block: Block) -> Block {
            let carry = block[1] >> 63
            return Block(block[0] << 1 ^ (carry == 1 ? 0x87 : 0), block[1] << 1 | block[0] >> 63)
        }
        var powers = [GF128.one]
        for _ in 1..<256 { powers.append(doubled(powers[powers.count - 1])) }
        for i in 0..<128 {
            let row = onBothPaths { (0..<128).map { GF128.multiply(powers[i], powers[$0]) } }
            #expect(row.accelerated == Array(powers[i..<i + 128]))
            #expect(row.portable == Array(powers[i..<i + 128]))
        }
    }

    @Test func innerProductOfNothingIsZero() {
        #expect(GF128.innerProduct([], []) == .zero)
        #expect(GF128.powers(of: a, count: 0) == [])
        #expect(GF128.powers(of: a, count: 3) == [GF128.one, a, GF128.square(a)])
    }

    @Test func gcmBitOrderReversesEveryByte() {
        #expect(GF128.fromGHASH(bytes: hex("80000000000000000000000000000000")) == GF128.one)
        #expect(GF128.toGHASH(Block(0b10, 1 << 63)) == hex("40000000000000000000000000000001"))
        var random = BlockPRG(seed: .zero)
        let bytes = random.bytes(16)
        #expect(GF128.toGHASH(GF128.fromGHASH(bytes: bytes)) == bytes)
    }
}
