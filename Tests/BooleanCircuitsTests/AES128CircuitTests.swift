import BooleanCircuits
import CryptoCore
import Testing

private func roundKeys(_ key: [UInt8]) -> [Bool] {
    Circuits.aes128KeySchedule.evaluate(BitOrder.bits(ofBytes: key))
}

private func encrypt(_ block: [UInt8], roundKeys: [Bool]) -> [UInt8] {
    BitOrder.bytes(ofBits: Circuits.aes128Block.evaluate(roundKeys + BitOrder.bits(ofBytes: block)))
}

@Suite struct AES128CircuitTests {
    /// FIPS 197, appendix A.1: the words of the expanded key.
    @Test func keyExpansionOfAppendixA() {
        let expanded = BitOrder.bytes(ofBits: roundKeys(hex("2b7e151628aed2a6abf7158809cf4f3c")))
        #expect(expanded.count == 176)
        #expect(Array(expanded[16..<20]) == hex("a0fafe17"))
        #expect(Array(expanded[20..<24]) == hex("88542cb1"))
        #expect(Array(expanded[160...]) == hex("d014f9a8c9ee2589e13f0cc8b6630ca6"))
    }

    /// FIPS 197 appendices B and C.1; NIST SP 800-38A §F.1.1.
    @Test(arguments: [
        ("2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734", "3925841d02dc09fbdc118597196a0b32"),
        ("000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a"),
        ("2b7e151628aed2a6abf7158809cf4f3c", "6bc1bee22e409f96e93d7e117393172a", "3ad77bb40d7a3660a89ecaf32466ef97"),
        ("2b7e151628aed2a6abf7158809cf4f3c", "ae2d8a571e03ac9c9eb76fac45af8e51", "f5d3d58503b9699de785895a96fdbaaf"),
    ])
    func knownCiphertexts(key: String, plaintext: String, ciphertext: String) {
        #expect(encrypt(hex(plaintext), roundKeys: roundKeys(hex(key))) == hex(ciphertext))
    }

    @Test(arguments: 0..<20)
    func randomBlocksMatch(seed: Int) {
        var random = BlockPRG(seed: Block(3, UInt64(seed)))
        let (key, plaintext) = (random.bytes(16), random.bytes(16))
        #expect(encrypt(plaintext, roundKeys: roundKeys(key)) == AES128(key: key).encrypt(plaintext))
    }

    /// All 256 values of a byte through the S-box: they enter the last round key word by way of RotWord and SubWord.
    @Test func everySBoxEntryIsRight() {
        let keys = (0...255).map { value in [UInt8](repeating: 0, count: 12) + [0, UInt8(value), 0, 0] }
        for key in keys {
            #expect(BitOrder.bytes(ofBits: roundKeys(key)) == AES128(key: key).roundKeys)
        }
    }
}

@Suite struct AES128CounterCircuitTests {
    /// The cached circuit gives AES for counters within a prefix and on both sides of a change of prefix.
    @Test(
        arguments: [
            1, 2, 3, 255, 256, 257, 511, 512, 0x00ff_ffff, 0x0100_0000, 0x0100_00ff, 0x0100_0100, 0xffff_fffe,
            0xffff_ffff,
        ] as [UInt32]
    )
    func counterBlocksAreAES(counter: UInt32) {
        var random = BlockPRG(seed: Block(12, UInt64(counter)))
        let (key, nonce) = (random.bytes(16), random.bytes(12))
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: counter >> UInt32(24 - 8 * $0)) }
        let keys = roundKeys(key)
        let prefix = Circuits.aes128CTRPrefix.evaluate(keys + BitOrder.bits(ofBytes: nonce + bytes[..<3]))
        #expect(prefix.count == Circuits.aes128CTRPrefixBitCount)
        let block = Circuits.aes128CTRBlock.evaluate(keys + prefix + BitOrder.bits(ofBytes: bytes[3...]))
        #expect(BitOrder.bytes(ofBits: block) == AES128(key: key).encrypt(nonce + bytes))
    }

    @Test func onePrefixServesAllItsCounters() {
        var random = BlockPRG(seed: Block(13, 0))
        let (key, nonce) = (random.bytes(16), random.bytes(12))
        let keys = roundKeys(key)
        let prefix = Circuits.aes128CTRPrefix.evaluate(keys + BitOrder.bits(ofBytes: nonce + [9, 8, 7]))
        let aes = AES128(key: key)
        for last in UInt8.min...UInt8.max {
            let block = Circuits.aes128CTRBlock.evaluate(keys + prefix + BitOrder.bits(ofBytes: [last]))
            #expect(BitOrder.bytes(ofBits: block) == aes.encrypt(nonce + [9, 8, 7, last]))
        }
    }

    /// A prefix used for a counter with other upper bytes does not give AES.
    @Test func aPrefixDoesNotServeOtherCounters() {
        let (key, nonce) = ([UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 12))
        let keys = roundKeys(key)
        let prefix = Circuits.aes128CTRPrefix.evaluate(keys + BitOrder.bits(ofBytes: nonce + [0, 0, 0]))
        let block = Circuits.aes128CTRBlock.evaluate(keys + prefix + BitOrder.bits(ofBytes: [1]))
        #expect(BitOrder.bytes(ofBits: block) != AES128(key: key).encrypt(nonce + [0, 0, 1, 1]))
    }
}
