import CryptoCore
import Testing

/// Examples of FIPS 180-4 (NIST, *Cryptographic Standards and Guidelines*, SHA-256 examples).
@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func knownAnswers(message: String, digest: String) {
        #expect(SHA256.hash(Array(message.utf8)) == hex(digest))
    }

    @Test func aMillionTimesA() {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        let digest = hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(SHA256.hash(message) == digest)
        var hasher = SHA256Hasher()
        for start in stride(from: 0, to: message.count, by: 997) {
            hasher.update(Array(message[start..<min(start + 997, message.count)]))
        }
        #expect(hasher.finalize() == digest)
    }

    @Test func copiesOfAHasherContinueIndependently() {
        var hasher = SHA256Hasher()
        hasher.update(Array("ab".utf8))
        var copy = hasher
        copy.update(Array("x".utf8))
        let before = hasher.finalize()
        hasher.update(Array("c".utf8))
        #expect(before == SHA256.hash(Array("ab".utf8)))
        #expect(copy.finalize() == SHA256.hash(Array("abx".utf8)))
        #expect(hasher.finalize() == SHA256.hash(Array("abc".utf8)))
    }

    @Test func oneCompressionIsTheHashOfAPaddedBlock() {
        let block = Array("abc".utf8) + [0x80] + [UInt8](repeating: 0, count: 59) + [24]
        let state = SHA256.compress(state: SHA256.initialState, block: block)
        let bytes = state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * $0)) } }
        #expect(bytes == SHA256.hash(Array("abc".utf8)))
    }

    @Test func compressionsChain() {
        let message = Array(UInt8(0)..<128)
        let padding = [0x80] + [UInt8](repeating: 0, count: 61) + [4, 0]
        let state = [Array(message[..<64]), Array(message[64...]), padding].reduce(SHA256.initialState) {
            SHA256.compress(state: $0, block: $1)
        }
        let bytes = state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * $0)) } }
        #expect(bytes == SHA256.hash(message))
    }

    @Test func roundConstantsAreTheFractionsOfCubeRoots() {
        let primes = (2...311).filter { candidate in !(2..<candidate).contains { candidate.isMultiple(of: $0) } }
        #expect(primes.count == 64)
        for (prime, constant) in zip(primes, SHA256.roundConstants) {
            // The largest r with r³ ≤ prime·2^96, found bit by bit; its low 32 bits are the fraction.
            let target = UInt128(prime) << 96
            let root = (0..<35).reversed().reduce(UInt128(0)) { root, bit in
                let next = root | 1 << UInt128(bit)
                return next * next * next <= target ? next : root
            }
            #expect(UInt32(truncatingIfNeeded: root) == constant)
        }
    }
}
