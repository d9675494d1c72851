import CryptoCore
import Testing

@Suite struct AES128CTRTests {
    private let key = hex("2b7e151628aed2a6abf7158809cf4f3c")
    private let counter = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")

    /// NIST SP 800-38A §F.5.1.
    @Test func encryptsTheExampleOfSP80038A() throws {
        let plaintext =
            hex("6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51")
            + hex("30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710")
        let ciphertext =
            hex("874d6191b620e3261bef6864990db6ce 9806f66b7970fdff8617187bb9fffdff")
            + hex("5ae4df3edbd5d35e5b4f09020db03eab 1e031dda2fbe03d1792170a0f3009cee")
        #expect(try AES128CTR.apply(key: key, counter: counter, to: plaintext) == ciphertext)
        #expect(try AES128CTR.apply(key: key, counter: counter, to: Array(ciphertext.prefix(21))).count == 21)
        #expect(try AES128CTR.apply(key: key, counter: counter, to: ciphertext) == plaintext)
        #expect(try AES128CTR.apply(key: key, counter: counter, to: []) == [])
    }

    @Test func wrongLengthsAreRefused() {
        #expect(throws: CryptoError.wrongLength(expected: 16, received: 0)) {
            try AES128CTR.apply(key: [], counter: counter, to: [1])
        }
        #expect(throws: CryptoError.wrongLength(expected: 16, received: 12)) {
            try AES128CTR.apply(key: key, counter: Array(counter.prefix(12)), to: [1])
        }
    }
}
