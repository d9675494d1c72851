import CryptoCore
import Testing

@Suite("Keccak-256")
struct Keccak256Tests {
    /// The text digests are quoted throughout Ethereum's documents; the patterned ones, whose byte i is 7i + 3, come
    /// from pycryptodome and surround multiples of the rate of 136 bytes.
    static let patterned: [(Int, String)] = [
        (1, "69c322e3248a5dfc29d73c5b0553b0185a35cd5bb6386747517ef7e53b15e287"),
        (135, "00ef96af9cf4b24c7f269d922294444a197d0a33638c2e56634c57e892103a8f"),
        (136, "742061bcad767ed4c4f5883b1dcb1aad11afdcc140dc469d953759b127b9f9ed"),
        (137, "e3371f61e770abf254c34239c3b0099ad90594507415bc81dd0a10b9692bbf2a"),
        (271, "4401c4afbe16ff911bdbf2d38e556e5b861f3fdf0f9d4306b1c46f6ae4f73584"),
        (272, "ac141fd7b0a0ffcd2e967254d508da3ec616596493c36fa304425647d90e6de5"),
        (273, "16192ea86793083e47731cb3c970600f04768414d92bc0540e54ce8607a0fce0"),
        (1000, "80cdc8dd52cbb3dbaea8f383209893fa2bb52efbd5aedbb4b26dcfe307fcdc9b"),
    ]

    static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0 + 3) }
    }

    @Test func knownTexts() {
        #expect(
            Keccak256.hash([]) == vectorBytes("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
        )
        #expect(
            Keccak256.hash(Array("abc".utf8))
                == vectorBytes("4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")
        )
    }

    @Test("Lengths around the rate", arguments: patterned)
    func aroundTheRate(count: Int, digest: String) {
        #expect(Keccak256.hash(Self.pattern(count)) == vectorBytes(digest))
    }

    @Test func splittingDoesNotMatter() {
        let message = Self.pattern(500)
        let whole = Keccak256.hash(message)
        for step in [1, 7, 135, 136, 137] {
            var hasher = Keccak256()
            for start in stride(from: 0, to: message.count, by: step) {
                hasher.update(message[start..<min(start + step, message.count)])
            }
            #expect(hasher.finalize() == whole)
            #expect(hasher.finalize() == whole, "finalize leaves the hasher as it was")
        }
    }

    @Test func paddingIsNotThatOfSHA3() {
        // SHA3-256 of the empty text (FIPS 202 examples).
        let sha3 = vectorBytes("a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a")
        #expect(Keccak256.hash([]) != sha3)
    }
}
