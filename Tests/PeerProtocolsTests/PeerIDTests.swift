import CryptoCore
import PeerProtocols
import Testing

struct PeerIDTests {
    /// What PyPI libp2p 0.8.1 gives for the private keys 1 and 2.
    @Test(
        arguments: [
            (
                1, "16Uiu2HAm3cuhhRL2msUuLF62KRSfneFDx94RsuouyW25Ho42cFMq",
                "0025080212210279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
            ),
            (
                2, "16Uiu2HAm8kegYGp6XeybmZAuNcnLosyjsRwZ44yLgfEuqLqYL9zt",
                "00250802122102c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"
            ),
        ] as [(UInt8, String, String)]
    )
    func knownAnswers(number: UInt8, text: String, hex: String) throws {
        let identity = try identity(number)
        #expect(identity.id.description == text)
        #expect(identity.id.bytes == bytes(hex))
        let parsed = try PeerID(text)
        #expect(parsed == identity.id)
        #expect(parsed.publicKey == identity.publicKey)
        #expect(parsed.ethereumAddress == identity.publicKey.ethereumAddress)
        #expect(PeerKeyEncoding.encode(identity.publicKey) == Array(bytes(hex).dropFirst(2)))
    }

    /// Ids of an Ed25519 and an RSA peer: names that can be passed on, but nobody to talk to.
    @Test(arguments: [
        "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA", "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
    ])
    func otherKindsOfIDs(text: String) throws {
        let id = try PeerID(text)
        #expect(id.description == text)
        #expect(id.publicKey == nil)
    }

    @Test(arguments: ["", "1", "16Uiu2HA", "0OIl", "16Uiu2HAm3cuhhRL2msUuLF62KRSfneFDx94RsuouyW25Ho42cFMq1"])
    func refusesMalformedText(text: String) {
        #expect(throws: PeerIDError.self) { try PeerID(text) }
    }

    @Test(arguments: ["00", "0000", "002b", "001300", "1220", "1320aa", "0024080212", "0102aabb"])
    func refusesMalformedMultihashes(hex: String) {
        #expect(throws: PeerIDError.self) { try PeerID(bytes: bytes(hex)) }
    }

    @Test func onlyTheCanonicalEncodingOfAKeyIsAccepted() throws {
        let encoded = PeerKeyEncoding.encode(try identity(1).publicKey)
        #expect(try PeerKeyEncoding.decode(encoded) == identity(1).publicKey)
        let reordered = encoded.dropFirst(2) + encoded.prefix(2)
        #expect(throws: PeerKeyError.malformed) { try PeerKeyEncoding.decode(Array(reordered)) }
        #expect(throws: PeerKeyError.malformed) { try PeerKeyEncoding.decode(encoded + [0x18, 0x00]) }
        #expect(throws: PeerKeyError.malformed) { try PeerKeyEncoding.decode(encoded + encoded) }
        #expect(throws: PeerKeyError.unsupportedKeyType(1)) {
            try PeerKeyEncoding.decode([0x08, 0x01] + encoded.dropFirst(2))
        }
        let uncompressed = try identity(1).publicKey.uncompressed
        #expect(throws: PeerKeyError.malformed) {
            try PeerKeyEncoding.decode([0x08, 0x02, 0x12, 0x41] + uncompressed)
        }
        for length in 0..<encoded.count {
            #expect(throws: PeerKeyError.malformed) { try PeerKeyEncoding.decode(Array(encoded.prefix(length))) }
        }
        for index in encoded.indices where index < 4 {
            for bit in 0..<8 {
                var changed = encoded
                changed[index] ^= 1 << bit
                #expect(throws: PeerKeyError.self) { try PeerKeyEncoding.decode(changed) }
            }
        }
    }
}

/// The identity with the private key `number`.
func identity(_ number: UInt8) throws -> PeerIdentity {
    PeerIdentity(privateKey: try Secp256k1PrivateKey(bytes: [UInt8](repeating: 0, count: 31) + [number]))
}
