import CryptoCore
import Testing

/// Intermediate values of McGrew and Viega, *The Galois/Counter Mode of Operation*, appendix B, test cases 2 and 4.
@Suite struct GHASHTests {
    @Test func testCase2() {
        let ciphertext = hex("0388dace60b6a392f328c2b971b2fe78")
        let result = GHASH.compute(h: hex("66e94bd4ef8a2c3b884cfa59ca342b2e"), aad: [], ciphertext: ciphertext)
        #expect(result == hex("f38cbb1ad69223dcc3457ae5b6b0f885"))
    }

    @Test func testCase4PadsBothParts() {
        let test = AES128GCMTests.Case4()
        let result = GHASH.compute(
            h: hex("b83b533708bf535d0aa6e52980d53b78"),
            aad: test.aad,
            ciphertext: test.ciphertext
        )
        #expect(result == hex("698e57f70e6ecc7fd9463b7260a9ae5f"))
    }

    @Test func isAPolynomialInTheKey() {
        let h = hex("b83b533708bf535d0aa6e52980d53b78")
        let test = AES128GCMTests.Case4()
        let inputs = GHASH.inputBlocks(aad: test.aad, ciphertext: test.ciphertext)
        #expect(inputs.count == 2 + 4 + 1)
        let powers = GF128.powers(of: GF128.fromGHASH(bytes: h), count: inputs.count + 1).dropFirst().reversed()
        let value = GF128.innerProduct(inputs, Array(powers))
        #expect(GF128.toGHASH(value) == GHASH.compute(h: h, aad: test.aad, ciphertext: test.ciphertext))
    }

    @Test func nothingHashesTheLengthsOnly() {
        let h = hex("66e94bd4ef8a2c3b884cfa59ca342b2e")
        #expect(GHASH.inputBlocks(aad: [], ciphertext: []) == [.zero])
        #expect(GHASH.compute(h: h, aad: [], ciphertext: []) == [UInt8](repeating: 0, count: 16))
    }
}
