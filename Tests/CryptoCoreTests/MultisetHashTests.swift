import CryptoCore
import Testing

@Suite struct MultisetHashTests {
    /// Elements, their hashes, and the hashes of all up to them, as computed with Python's integers.
    static let vectors: [(element: [UInt8], hash: String, sum: String)] = [
        (
            [],
            "483f6c81f7a0a6404a61376ab8a111034d5c57bb272ad0b696f53bf0125a85f0"
                + "d8b5c64870dc7bec952753772ed42e5d2c591fa5dbf3b9c07248954f617b15c0",
            "483f6c81f7a0a6404a61376ab8a111034d5c57bb272ad0b696f53bf0125a85f0"
                + "d8b5c64870dc7bec952753772ed42e5d2c591fa5dbf3b9c07248954f617b15c0"
        ),
        (
            Array("a".utf8),
            "dbf184f7fb3c931a982c3a9455193b99f61db56e515a652e97731e7f8df0172f"
                + "6c462bd50d529b7da405c252af9bc06d864c58262526b1f83bcffe73eee146b8",
            "13e01b47433c7da51b0f3180d0c6f845237b0e272eb4b2eebca05d9867f2a50a"
                + "14ea0a08daf900a4ace0339264f741e09f77a2536b7457dbabc25d4d93e779cf"
        ),
        (
            Array("tabellion".utf8),
            "18df3b6e05c06135a293d309f76cc23fb7e2e7d109d2a360b10eddab57d07484"
                + "57c67d6041a3d7480ce2a07685fcaae1577c09ee241394b2d4cbf8a6dce61032",
            "70426c2eb10a920ab8d9b112eb4f6a03ad3381c95a6a0584a7e9527299d63163"
                + "ae6c74c0ba272dbc4991ca7649255833c4172d6ef106b71804994a1a65afdcc2"
        ),
        (
            Array(0..<32),
            "52599595faaabfbd6c0db24105bad49f21d170c097af652d772ea7960c219bb8"
                + "0bb5ac172bc54820e1ad05f19634eb00d5fcd30b193b4c9f29cf55035ce2f6c6",
            "36fd298d2a5d80db8181d40b9c2e270fd765ddf91395a0cb945c831d2a4e0d61"
                + "3280848c5ac8b4efb67b9515471b939e83f333b5207801170e3a52aca9868e38"
        ),
    ]
    /// The element "a" twice: a multiset counts.
    static let twice = vectorBytes(
        "87cd32a1697592438cca281c4789ef9386be5659f0eafe159d0fc783d51d7ac1"
            + "036471dd3f4b15ac96290c2de53df3e1bc72c97702d80dabee48933ee33a4dac"
    )

    @Test func knownAnswers() {
        var sum = MultisetHash()
        #expect(sum.isEmpty)
        for vector in Self.vectors {
            let hash = MultisetHash(of: vector.element)
            #expect(hash.bytes == vectorBytes(vector.hash))
            sum.insert(hash)
            #expect(sum.bytes == vectorBytes(vector.sum))
        }
        var whole = MultisetHash()
        whole.insert(contentsOf: Self.vectors.map { MultisetHash(of: $0.element) })
        #expect(whole == sum)
        var double = MultisetHash(of: Array("a".utf8))
        double.insert(double)
        #expect(double.bytes == Self.twice)
    }

    @Test func whatWasAddedIsTakenOutInAnyOrder() {
        let hashes = (0..<20).map { MultisetHash(of: [UInt8($0)]) }
        var sum = MultisetHash()
        sum.insert(contentsOf: hashes)
        let all = sum
        for hash in hashes.reversed().dropLast() { sum.remove(hash) }
        #expect(sum == hashes[0])
        sum.remove(hashes[0])
        #expect(sum.isEmpty)
        #expect(sum.bytes == [UInt8](repeating: 0, count: 64))
        // Nothing is added to or taken out of nothing; two that cancel each other leave the rest.
        sum.insert(MultisetHash())
        sum.remove(MultisetHash())
        sum.insert(contentsOf: [])
        #expect(sum == MultisetHash())
        sum.insert(all)
        sum.remove(MultisetHash())
        #expect(sum == all)
        sum.remove(all)
        #expect(sum.isEmpty)
        sum.remove(hashes[3])
        sum.insert(contentsOf: [hashes[3], hashes[5]])
        #expect(sum == hashes[5])
    }

    @Test func onlyPointsAndNothingAreRead() throws {
        let hash = MultisetHash(of: [1])
        #expect(try MultisetHash(bytes: hash.bytes) == hash)
        #expect(try MultisetHash(bytes: MultisetHash().bytes).isEmpty)
        var other = hash.bytes
        other[63] ^= 1
        let prime = vectorBytes("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f")
        for bytes in [
            [], Array(hash.bytes.dropLast()), hash.bytes + [0], other, [UInt8](repeating: 0, count: 63) + [1],
            [UInt8](repeating: 0xff, count: 64), prime + hash.bytes.suffix(32), Array(hash.bytes.prefix(32)) + prime,
        ] {
            #expect(throws: Secp256k1Error.invalidPublicKey) { try MultisetHash(bytes: bytes) }
        }
    }
}
