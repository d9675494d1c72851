import Attestations
import CryptoCore
import EthereumCodec
import Testing
import WireFormat

/// Compares with PyPI eth-account, which knows nothing of our code.
@Suite("Independent implementation (eth-account)")
struct IndependentImplementationTests {
    private static func samples() throws -> [Attestation] {
        var committed = SampleSession()
        committed.identity = try SampleSession.sampleIdentity()
        committed.contextText = nil
        committed.declaredValue = .zero
        committed.currency = ""
        var extreme = SampleSession()
        extreme.mode = .proxy
        extreme.complete = false
        extreme.openings = []
        extreme.sessionHash = [UInt8](repeating: 0xff, count: 48)
        extreme.serverFinishedHash = [UInt8](repeating: 0x00, count: 48)
        extreme.declaredValue = UInt256(bigEndianBytes: [UInt8](repeating: 0xff, count: 32)) ?? .zero
        extreme.expiry = .max
        return [try SampleSession().attestation(), try committed.attestation(), try extreme.attestation()]
    }

    private static func typedData(_ attestation: Attestation) throws -> JSONMember {
        JSONMember(
            "typedData",
            try JSONValue(parsing: Array(attestation.header.typedData.json().utf8), limit: 1 << 16)
        )
    }

    @Test("It recovers the notary", arguments: 0..<3)
    func recovers(sample: Int) throws {
        let attestation = try Self.samples()[sample]
        let answer = try EthAccountOracle.ask(
            "recover",
            [
                try Self.typedData(attestation),
                JSONMember("signature", .string(Hexadecimal.encode(attestation.signatureBytes))),
            ]
        )
        #expect(answer["digest"] == .string(attestation.id.description))
        #expect(answer["address"] == .string(attestation.header.notary.checksummed))
    }

    @Test("It does not recover the notary from another message")
    func recoversSomebodyElse() throws {
        let samples = try Self.samples()
        let answer = try EthAccountOracle.ask(
            "recover",
            [
                try Self.typedData(samples[1]),
                JSONMember("signature", .string(Hexadecimal.encode(samples[0].signatureBytes))),
            ]
        )
        #expect(answer["address"]?.string != samples[0].header.notary.checksummed)
    }

    @Test("Its signatures are ours", arguments: 0..<3)
    func signs(sample: Int) throws {
        let attestation = try Self.samples()[sample]
        let key = try SampleSession.key().withSecretBytes { Hexadecimal.encode($0) }
        let answer = try EthAccountOracle.ask(
            "sign",
            [try Self.typedData(attestation), JSONMember("key", .string(key))]
        )
        let signature = try #require(answer["signature"]?.string.flatMap { Hexadecimal.decode($0) })
        #expect(signature == attestation.signatureBytes)
        #expect(throws: Never.self) {
            try Attestation(header: attestation.header, contextText: nil, signature: signature)
        }
    }

    @Test func itComputesTheSameRoot() throws {
        for leaves in [Array(0..<6), []] {
            var session = SampleSession()
            if leaves.isEmpty { session.openings = [] }
            let presentation = try Presentation(json: Array(session.presentation(showing: leaves).json.utf8))
            let segments = presentation.segments.map { segment in
                JSONValue.object([
                    JSONMember("direction", .string(segment.direction == .sent ? "sent" : "received")),
                    JSONMember("kind", .string(segment.kind == .disclosed ? "disclosed" : "committed")),
                    JSONMember("start", .string(String(segment.start))),
                    JSONMember("bytes", .string(Hexadecimal.encode(segment.bytes))),
                    JSONMember("blinder", .string(Hexadecimal.encode(segment.blinder))),
                ])
            }
            let answer = try EthAccountOracle.ask("merkleRoot", [JSONMember("segments", .array(segments))])
            #expect(answer["root"] == .string(presentation.attestation.header.transcript.root.description))
        }
    }

    @Test("Key files go both ways", arguments: [("scrypt", UInt64(4096)), ("pbkdf2", 1000)])
    func keyFiles(derivation: String, work: UInt64) throws {
        let key = try SampleSession.key()
        let text = key.withSecretBytes { Hexadecimal.encode($0) }
        let password = "Übergröße 42"
        let theirs = try EthAccountOracle.ask(
            "encrypt",
            [
                JSONMember("key", .string(text)), JSONMember("password", .string(password)),
                JSONMember("kdf", .string(derivation)), JSONMember("iterations", .unsigned(work)),
            ]
        )
        let file = try KeystoreV3(json: Array(try #require(theirs["keyfile"]?.string).utf8))
        #expect(try file.decrypt(password: Array(password.utf8)).publicKey == key.publicKey)

        var counter: UInt8 = 0
        let ours = try KeystoreV3.encrypt(key, password: Array(password.utf8), strength: .light) { count in
            counter += 1
            return [UInt8](repeating: counter, count: count)
        }
        let answer = try EthAccountOracle.ask(
            "decrypt",
            [JSONMember("keyfile", .string(ours.json)), JSONMember("password", .string(password))]
        )
        #expect(answer["key"] == .string(text))
    }
}
