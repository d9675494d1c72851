import BooleanCircuits
import CryptoCore
import Testing

private let prime = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")

/// A 256-bit integer given big-endian as wire values, least significant bit first.
private func integerBits(_ bigEndian: [UInt8]) -> [Bool] {
    BitOrder.bits(ofBytes: bigEndian.reversed())
}

private func add(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    let sum = Circuits.p256ModularAdd.evaluate(integerBits(a) + integerBits(b))
    return BitOrder.bytes(ofBits: BitOrder.littleEndianIntegerBitsToByteBits(sum))
}

/// p + offset for a small offset, big-endian.
private func nearPrime(_ offset: Int) -> [UInt8] {
    var value = prime
    var carry = offset
    for index in value.indices.reversed() {
        carry += Int(value[index])
        value[index] = UInt8(truncatingIfNeeded: carry)
        carry >>= 8
    }
    return value
}

private func small(_ value: UInt8) -> [UInt8] {
    [UInt8](repeating: 0, count: 31) + [value]
}

@Suite struct P256AdditionCircuitTests {
    @Test func edgesOfTheField() {
        #expect(add(small(0), small(0)) == small(0))
        #expect(add(small(200), small(55)) == small(255))
        // The sum is p − 1, p, p + 1.
        #expect(add(nearPrime(-2), small(1)) == nearPrime(-1))
        #expect(add(nearPrime(-1), small(1)) == small(0))
        #expect(add(small(1), nearPrime(-1)) == small(0))
        #expect(add(nearPrime(-1), small(2)) == small(1))
        #expect(add(nearPrime(-1), small(0)) == nearPrime(-1))
        // Beyond 2^256: 2p − 2 is p − 2.
        #expect(add(nearPrime(-1), nearPrime(-1)) == nearPrime(-2))
    }

    /// 2^255 + 2^255 carries out of bit 255: 2^256 mod p = 2^224 − 2^192 − 2^96 + 1.
    @Test func carriesOutOfTheTopBit() {
        let half = [0x80] + [UInt8](repeating: 0, count: 31)
        #expect(add(half, half) == hex("00000000fffffffeffffffffffffffffffffffff000000000000000000000001"))
        // 2^256 − 1 = (2^255) + (2^255 − 1) does not carry and still exceeds p.
        let halfLessOne = [0x7f] + [UInt8](repeating: 0xff, count: 31)
        #expect(add(half, halfLessOne) == hex("00000000fffffffeffffffffffffffffffffffff000000000000000000000000"))
    }

    @Test(arguments: 0..<50)
    func randomSumsMatch(seed: Int) {
        var random = BlockPRG(seed: Block(256, UInt64(seed)))
        let a = P256FieldElement.random(from: &random)
        let b = P256FieldElement.random(from: &random)
        #expect(add(a.bytes, b.bytes) == (a + b).bytes)
        #expect(add(a.bytes, (-a).bytes) == small(0))
    }
}
