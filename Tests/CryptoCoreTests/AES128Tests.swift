import CKernels
import CryptoCore
import Testing

@Suite struct AES128Tests {
    @Test func encryptsTheExampleOfFIPS197AppendixC() {
        let cipher = AES128(key: hex("000102030405060708090a0b0c0d0e0f"))
        #expect(
            cipher.encrypt(hex("00112233445566778899aabbccddeeff")) == hex("69c4e0d86a7b0430d8cdb78070b4c55a")
        )
    }

    @Test func expandsTheKeyOfFIPS197AppendixA() {
        let keys = AES128(key: hex("2b7e151628aed2a6abf7158809cf4f3c")).roundKeys
        #expect(Array(keys[16..<32]) == hex("a0fafe1788542cb123a339392a6c7605"))
        #expect(Array(keys[160..<176]) == hex("d014f9a8c9ee2589e13f0cc8b6630ca6"))
    }

    @Test func encryptsTheECBBlocksOfSP80038AWithAndWithoutAESInstructions() {
        let plain =
            hex("6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51")
            + hex("30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710")
        let cipher =
            hex("3ad77bb40d7a3660a89ecaf32466ef97 f5d3d58503b9699de785895a96fdbaaf")
            + hex("43b1cd7f598ece23881b00e3ed030688 7b0c785e27e8ad3f8223207104725dd4")
        let blocks = [Block](littleEndian: plain) ?? []
        let (fast, portable) = onBothPaths {
            AES128(key: hex("2b7e151628aed2a6abf7158809cf4f3c")).encrypt(blocks).littleEndianBytes
        }
        #expect(fast == cipher)
        #expect(portable == cipher)
    }
}
