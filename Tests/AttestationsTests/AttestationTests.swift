import Attestations
import CryptoCore
import EthereumCodec
import Testing

@Suite("Attestations")
struct AttestationTests {
    /// Every signed field, changed alone.
    static let changes: [(name: String, change: @Sendable (inout SampleSession) -> Void)] = [
        ("network", { $0.network = NetworkID(named: "other") }),
        ("sessionID", { $0.sessionID = SampleSession.fill(1) }),
        ("mode", { $0.mode = .proxy }),
        ("engineVersion", { $0.engineVersion = 2 }),
        ("tlsVersion", { $0.tlsVersion = 0x0304 }),
        ("cipherSuite", { $0.cipherSuite = 0xc02f }),
        ("group", { $0.group = 0x001d }),
        ("serverEphemeralKey", { $0.serverEphemeralKey[64] = 5 }),
        ("clientRandom", { $0.clientRandom = SampleSession.fill(1) }),
        ("serverRandom", { $0.serverRandom = SampleSession.fill(1) }),
        ("sessionHash", { $0.sessionHash[31] = 1 }),
        ("serverFinishedHash", { $0.serverFinishedHash[0] = 1 }),
        ("serverName", { $0.serverName = "bank.examples" }),
        ("fingerprint", { $0.fingerprint = SampleSession.fill(1) }),
        ("validatedAt", { $0.validatedAt += 1 }),
        ("identity", { $0.identity = try? SampleSession.sampleIdentity() }),
        ("startTime", { $0.startTime += 1 }),
        ("endTime", { $0.endTime += 1 }),
        ("sentLength", { $0.sent.append(0) }),
        ("receivedLength", { $0.received.append(0) }),
        ("complete", { $0.complete = false }),
        ("leafCount", { $0.openings.removeLast() }),
        ("root", { $0.received[60] ^= 1 }),
        ("owner", { $0.owner = SampleSession.address(1) }),
        ("contextHash", { $0.contextText = "other" }),
        ("declaredValue", { $0.declaredValue = UInt256(1) }),
        ("currency", { $0.currency = "EUR" }),
        ("nonce", { $0.nonce = SampleSession.fill(1) }),
        ("expiry", { $0.expiry += 1 }),
        ("notary", { $0.notary = SampleSession.address(1) }),
    ]

    @Test func bothFormsRoundTrip() throws {
        for identity in [nil, try SampleSession.sampleIdentity()] {
            for text in [nil, "", "context"] {
                var session = SampleSession()
                session.identity = identity
                session.contextText = text
                let attestation = try session.attestation()
                #expect(try Attestation(bytes: attestation.bytes) == attestation)
                #expect(try Attestation(json: Array(attestation.json.utf8)) == attestation)
                #expect(try Attestation(json: Array(attestation.json.utf8)).bytes == attestation.bytes)
                #expect(attestation.bytes.count <= Attestation.byteCountMax)
            }
        }
    }

    @Test("Another field, another digest, another signature", arguments: 0..<changes.count)
    func everyFieldIsSigned(index: Int) throws {
        let (name, change) = Self.changes[index]
        let honest = try SampleSession().attestation()
        var session = SampleSession()
        change(&session)
        let header = try session.header()
        #expect(header.id != honest.id, "\(name) is part of the digest")
        #expect(throws: AttestationError.badSignature, "\(name)") {
            try Attestation(header: header, contextText: nil, signature: honest.signatureBytes)
        }
    }

    @Test func noByteCanBeChanged() throws {
        let attestation = try SampleSession().attestation()
        for index in attestation.bytes.indices {
            for bit in [UInt8(1), 0x80] {
                var tampered = attestation.bytes
                tampered[index] ^= bit
                #expect(throws: AttestationError.self, "byte \(index)") { try Attestation(bytes: tampered) }
            }
        }
    }

    @Test func truncationAndExcessAreRefused() throws {
        let bytes = try SampleSession().attestation().bytes
        for count in 0..<bytes.count {
            #expect(throws: AttestationError.self, "\(count) bytes") {
                try Attestation(bytes: Array(bytes.prefix(count)))
            }
        }
        #expect(throws: AttestationError.malformed("1 bytes after the end")) { try Attestation(bytes: bytes + [0]) }
        #expect(throws: AttestationError.self) {
            try Attestation(bytes: bytes + [UInt8](repeating: 0, count: Attestation.byteCountMax))
        }
    }

    @Test func anotherVersionIsSaidToBeOne() throws {
        let attestation = try SampleSession().attestation()
        var bytes = attestation.bytes
        bytes[5] = 2
        #expect(throws: AttestationError.unsupportedVersion(2)) { try Attestation(bytes: bytes) }
        let json = attestation.json.replacing("\"version\": 1", with: "\"version\": 9", maxReplacements: 1)
        #expect(throws: AttestationError.unsupportedVersion(9)) { try Attestation(json: Array(json.utf8)) }
        let inner = attestation.json.replacing("\"formatVersion\": 1", with: "\"formatVersion\": 3")
        #expect(throws: AttestationError.unsupportedVersion(3)) { try Attestation(json: Array(inner.utf8)) }
    }

    @Test func aMalleatedSignatureIsRefused() throws {
        let attestation = try SampleSession().attestation()
        // (r, n - s) with the other parity is a valid ECDSA signature by the same key.
        let order: [UInt8] =
            [UInt8](repeating: 0xff, count: 15) + [0xfe] + [
                0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
            ]
        var signature = attestation.signatureBytes
        var borrow = 0
        for index in stride(from: 31, through: 0, by: -1) {
            let difference = Int(order[index]) - Int(signature[32 + index]) - borrow
            signature[32 + index] = UInt8(truncatingIfNeeded: difference)
            borrow = difference < 0 ? 1 : 0
        }
        signature[64] ^= 27 ^ 28
        #expect(throws: AttestationError.badSignature) {
            try Attestation(header: attestation.header, contextText: nil, signature: signature)
        }
        var wrongParity = attestation.signatureBytes
        wrongParity[64] ^= 27 ^ 28
        var zeroBased = attestation.signatureBytes
        zeroBased[64] -= 27
        for other in [wrongParity, zeroBased, [], attestation.signatureBytes + [0]] {
            #expect(throws: AttestationError.badSignature) {
                try Attestation(header: attestation.header, contextText: nil, signature: other)
            }
        }
    }

    @Test func onlyTheNamedNotaryCanSign() throws {
        let header = try SampleSession().header()
        let other = try Secp256k1PrivateKey(bytes: Keccak256.hash([1]))
        #expect(throws: AttestationError.badSignature) {
            try Attestation(signing: header, contextText: nil, with: other)
        }
    }

    @Test func theContextTextCanBeLeftOutButNotReplaced() throws {
        let attestation = try SampleSession().attestation()
        let without = attestation.withoutContextText
        #expect(without.contextText == nil && without.id == attestation.id && without.header == attestation.header)
        #expect(try Attestation(bytes: without.bytes) == without)
        #expect(throws: AttestationError.contextTextMismatch) {
            try Attestation(
                header: attestation.header,
                contextText: "intent 7: 1.00 EUR",
                signature: attestation.signatureBytes
            )
        }
        var long = SampleSession()
        long.contextText = String(repeating: "x", count: Attestation.contextTextByteCountMax + 1)
        #expect(throws: AttestationError.malformed("contextText")) { try long.attestation() }
        long.contextText = String(repeating: "x", count: Attestation.contextTextByteCountMax)
        #expect(try Attestation(bytes: long.attestation().bytes).contextText == long.contextText)
    }

    @Test func valuesOutOfRangeMakeNoHeader() {
        let changes: [(String, (inout SampleSession) -> Void)] = [
            ("endTime", { $0.startTime = $0.endTime + 1 }),
            ("expiry", { $0.expiry = $0.endTime - 1 }),
            ("serverEphemeralKey", { $0.serverEphemeralKey = [] }),
            ("serverEphemeralKey", { $0.serverEphemeralKey = [UInt8](repeating: 1, count: 134) }),
            ("sessionHash", { $0.sessionHash = [1] }),
            ("sessionHash", { $0.sessionHash = [UInt8](repeating: 1, count: 65) }),
            ("serverFinishedHash", { $0.serverFinishedHash.append(1) }),
            ("server name", { $0.serverName = "" }),
            ("server name", { $0.serverName = "bank example" }),
            ("server name", { $0.serverName = "bänk.example" }),
            ("server name", { $0.serverName = String(repeating: "a", count: 254) }),
            ("currency", { $0.currency = "" }),
            ("currency", { $0.currency = "EUR\u{1b}[31m" }),
            ("currency", { $0.currency = String(repeating: "E", count: 17) }),
        ]
        for (field, change) in changes {
            var session = SampleSession()
            change(&session)
            #expect(throws: AttestationError.malformed(field), "\(field)") { try session.header() }
        }
    }

    @Test func jsonHasOneSpelling() throws {
        let json = try SampleSession().attestation().json
        let changes: [(String, String)] = [
            ("\"format\": \"tabellion-attestation\"", "\"format\": \"tabellion-secrets\""),
            ("\"engineVersion\": 1", "\"engineVersion\": \"1\""), ("\"engineVersion\": 1", "\"engineVersion\": 1.0"),
            ("\"engineVersion\": 1", "\"engineVersion\": 65537"),
            ("\"startTime\": \"1760000000000\"", "\"startTime\": 1760000000000"),
            ("\"startTime\": \"1760000000000\"", "\"startTime\": \"01760000000000\""),
            ("\"complete\": true", "\"complete\": 1"), ("\"complete\": true", "\"complete\": true, \"more\": 1"),
            ("0x1111", "0X1111"), ("0x1111", "1111"), ("0x1111", "0x11"), ("0x666666", "0x6666"),
            ("0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa", "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("\"mode\": \"mpc\"", "\"mode\": \"MPC\""), ("\"mode\": \"mpc\",", ""),
            ("\"disclosure\": \"revealed\"", "\"disclosure\": \"committed\""),
            ("\"sentLength\": \"73\"", "\"sentLength\": \"-73\""),
            ("\"sentLength\": \"73\"", "\"sentLength\": \"9223372036854775808\""),
            ("\"contextText\": ", "\"contextText\": null, \"other\": "),
            ("\"signature\": \"0x", "\"signature\": \"0x00"),
            ("{\n  \"format\"", "{\n  \"format\": \"tabellion-attestation\",\n  \"format\""),
        ]
        for (find, replace) in changes {
            let altered = json.replacing(find, with: replace, maxReplacements: 1)
            #expect(altered != json, "\(find) occurs")
            #expect(throws: AttestationError.self, "\(replace)") { try Attestation(json: Array(altered.utf8)) }
        }
        #expect(throws: AttestationError.self) {
            try Attestation(json: Array((json + String(repeating: " ", count: Attestation.jsonByteCountMax)).utf8))
        }
    }

    @Test func unusedServerMembersMustBeZero() throws {
        var session = SampleSession()
        session.identity = try SampleSession.sampleIdentity()
        let json = try session.attestation().json
        for (find, replace) in [
            ("\"name\": \"\"", "\"name\": \"bank.example\""), ("\"validatedAt\": \"0\"", "\"validatedAt\": \"1\""),
        ] {
            let altered = json.replacing(find, with: replace)
            #expect(altered != json)
            #expect(throws: AttestationError.malformed("server.name")) { try Attestation(json: Array(altered.utf8)) }
        }
    }
}
