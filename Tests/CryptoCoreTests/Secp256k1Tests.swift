import CryptoCore
import Testing

@Suite("secp256k1 identities")
struct Secp256k1Tests {
    /// Key, public key, address and signature as PyPI eth-keys computes them (RFC 6979 fixes the nonce).
    static let secret = vectorBytes("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
    static let point = vectorBytes("024e3b81af9c2234cad09d679ce6035ed1392347ce64ce405f5dcd36228a25de6e")
    static let digest = vectorBytes("e266825fdc3bb1092d6bbf1e11aadc0449af9b11161d702f2a56af811b5ee1c5")
    static let signature = vectorBytes(
        "bcad3f5350938a7269176ab023694cdd8cd858675476f2a01a8be898c0bf0e30"
            + "548343cae33b96ab33b3f7530dcce82a929e82d33d0e739c7904208f34f158a9" + "1b"
    )
    static let order = vectorBytes("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")

    @Test func knownKeyAndSignature() throws {
        let key = try Secp256k1PrivateKey(bytes: Self.secret)
        #expect(key.publicKey.compressed == Self.point)
        #expect(key.ethereumAddress.description == "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23")
        #expect(Keccak256.hash(Array("tabellion".utf8)) == Self.digest)
        #expect(try key.sign(digest: Self.digest).bytes == Self.signature)
    }

    @Test func addressOfTheKeyOne() throws {
        let one = [UInt8](repeating: 0, count: 31) + [1]
        let key = try Secp256k1PrivateKey(bytes: one)
        #expect(key.ethereumAddress.description == "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")
    }

    @Test func recoveryNamesTheSignerAndNobodyElse() throws {
        let key = try Secp256k1PrivateKey(bytes: Self.secret)
        let signature = try key.sign(digest: Self.digest)
        #expect(try Secp256k1PublicKey.recover(signature, digest: Self.digest) == key.publicKey)
        var other = Self.digest
        other[0] ^= 1
        #expect(try Secp256k1PublicKey.recover(signature, digest: other) != key.publicKey)
        let flipped = try Secp256k1Signature(r: signature.r, s: signature.s, v: signature.v ^ 1)
        #expect(try Secp256k1PublicKey.recover(flipped, digest: Self.digest) != key.publicKey)
    }

    @Test func malleatedSignatureIsRefused() throws {
        // (r, n - s, v ^ 1) recovers the same key under plain ECDSA; only the low one may be parsed.
        let signature = try Secp256k1Signature(bytes: Self.signature)
        var high = [UInt8](repeating: 0, count: 32)
        var borrow = 0
        for index in stride(from: 31, through: 0, by: -1) {
            let difference = Int(Self.order[index]) - Int(signature.s[index]) - borrow
            high[index] = UInt8(truncatingIfNeeded: difference)
            borrow = difference < 0 ? 1 : 0
        }
        #expect(throws: Secp256k1Error.highS) {
            try Secp256k1Signature(r: signature.r, s: high, v: signature.v ^ 1)
        }
    }

    @Test func scalarsOutOfRangeAreRefused() {
        let zero = [UInt8](repeating: 0, count: 32)
        let one = [UInt8](repeating: 0, count: 31) + [1]
        for (r, s, v) in [(zero, one, 0), (one, zero, 0), (Self.order, one, 0), (one, Self.order, 0), (one, one, 2)] {
            #expect(throws: Secp256k1Error.invalidSignature) { try Secp256k1Signature(r: r, s: s, v: UInt8(v)) }
        }
        for count in [0, 64, 66] {
            #expect(throws: Secp256k1Error.invalidSignature) {
                try Secp256k1Signature(bytes: [UInt8](repeating: 27, count: count))
            }
        }
        #expect(throws: Secp256k1Error.invalidPrivateKey) { try Secp256k1PrivateKey(bytes: zero) }
        #expect(throws: Secp256k1Error.invalidPrivateKey) { try Secp256k1PrivateKey(bytes: Self.order) }
        #expect(throws: Secp256k1Error.invalidPrivateKey) { try Secp256k1PrivateKey(bytes: [1]) }
    }

    @Test func derSignatures() throws {
        let key = try Secp256k1PrivateKey(bytes: Self.secret)
        let der = try key.signDER(digest: Self.digest)
        #expect(key.publicKey.verifyDER(digest: Self.digest, signature: der))
        for index in der.indices {
            var tampered = der
            tampered[index] ^= 1
            #expect(!key.publicKey.verifyDER(digest: Self.digest, signature: tampered), "byte \(index)")
        }
        #expect(!key.publicKey.verifyDER(digest: Self.digest, signature: der + [0]))
        #expect(!key.publicKey.verifyDER(digest: Self.digest, signature: Array(der.dropLast())))
        #expect(!key.publicKey.verifyDER(digest: Self.digest, signature: []))
        #expect(!key.publicKey.verifyDER(digest: [1, 2], signature: der))
    }

    @Test func publicKeyEncodings() throws {
        let key = try Secp256k1PublicKey(bytes: Self.point)
        #expect(try Secp256k1PublicKey(bytes: key.uncompressed) == key)
        var hybrid = key.uncompressed
        hybrid[0] = 6 | hybrid[64] & 1
        var offCurve = key.uncompressed
        offCurve[64] ^= 1
        for bytes in [[], hybrid, offCurve, Array(Self.point.dropLast()), Self.point + [0], [0]] {
            #expect(throws: Secp256k1Error.invalidPublicKey) { try Secp256k1PublicKey(bytes: bytes) }
        }
    }

    @Test func theSecretIsNotPrinted() throws {
        let key = try Secp256k1PrivateKey(bytes: Self.secret)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("4c0883a6") && !text.contains("131, 166, 145"))
        }
        #expect(key.withSecretBytes { $0 } == Self.secret)
    }

    @Test func drawingSkipsInvalidBytes() throws {
        var draws = [[UInt8](repeating: 0xff, count: 32), Self.secret]
        let key = try Secp256k1PrivateKey.random { _ in draws.removeFirst() }
        #expect(key.publicKey.compressed == Self.point)
        #expect(throws: Secp256k1Error.invalidPrivateKey) {
            try Secp256k1PrivateKey.random { [UInt8](repeating: 0, count: $0) }
        }
    }
}

@Suite("Ethereum addresses (EIP-55)")
struct SecpEthereumAddressTests {
    @Test(
        "Examples of EIP-55",
        arguments: [
            "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
            "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ]
    )
    func examples(text: String) throws {
        #expect(try EthereumAddress(text).description == text)
        #expect(try EthereumAddress(text.lowercased()).description == text)
    }

    @Test func aWrongCaseIsCaught() {
        #expect(throws: EthereumAddressError.checksumMismatch) {
            try EthereumAddress("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
        }
    }

    @Test(
        "Malformed texts",
        arguments: [
            "", "0x", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",
            "0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x+aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        ]
    )
    func malformed(text: String) {
        #expect(throws: EthereumAddressError.malformed) { try EthereumAddress(text) }
    }

    @Test func twentyBytes() {
        #expect(EthereumAddress(bytes: [UInt8](repeating: 1, count: 19)) == nil)
        #expect(EthereumAddress(bytes: [UInt8](repeating: 0, count: 20)) == .zero)
    }
}
