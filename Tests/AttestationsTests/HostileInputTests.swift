import Attestations
import CryptoCore
import Testing

@Suite("Hostile input")
struct HostileInputTests {
    /// Changes bytes, cuts, repeats and inserts at places drawn from a seed.
    private struct Mutator {
        var random: BlockPRG

        mutating func draw(_ bound: Int) -> Int {
            Int(random.nextBlock()[0] % UInt64(max(bound, 1)))
        }

        mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            for _ in 0...draw(3) {
                let place = draw(bytes.count)
                switch draw(5) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: draw(256))
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + draw(40)))
                case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + draw(40))], at: place)
                case 3: bytes.replaceSubrange(place..<min(bytes.count, place + 4), with: [0xff, 0xff, 0xff, 0xff])
                default: bytes = Array(bytes.prefix(place))
                }
                if bytes.isEmpty { break }
            }
            return bytes
        }
    }

    @Test("No mutation is accepted, and none traps", arguments: 0..<4)
    func mutations(seed: UInt64) throws {
        var mutator = Mutator(random: BlockPRG(seed: [seed, 42]))
        var session = SampleSession()
        session.identity = try SampleSession.sampleIdentity()
        let attestation = try session.attestation()
        let presentation = try session.presentation()
        let secrets = try session.secrets(of: attestation)
        let verifier = PresentationVerifier(policy: try session.policy()) { _ in
            .init(name: "bank.example", certificateFingerprint: .zero)
        }
        func accepts(_ decode: () throws -> Presentation) -> Bool {
            guard let decoded = try? decode(), decoded != presentation else { return false }
            return (try? verifier.verify(decoded)) != nil
        }
        func shown(_ secrets: AttestationSecrets) throws -> Presentation {
            try secrets.presentation(
                of: attestation,
                showing: session.openings.indices,
                opensIdentity: false,
                includesContextText: true
            )
        }
        for _ in 0..<300 {
            let binary = mutator.mutate(presentation.bytes)
            #expect(!accepts { try Presentation(bytes: binary) })
            let json = mutator.mutate(Array(presentation.json.utf8))
            // Leaving out the optional context text, the one thing that is not signed, is no forgery.
            let decoded = try? Presentation(json: json)
            if decoded?.attestation.contextText != nil { #expect(!accepts { try Presentation(json: json) }) }
            // Bytes that no leaf covers are not signed; whatever can be shown is the same, or the secrets are refused.
            if let opened = try? AttestationSecrets(bytes: mutator.mutate(secrets.bytes)),
                (try? opened.check(against: attestation)) != nil
            {
                #expect(try shown(opened) == shown(secrets))
            }
            _ = try? AttestationSecrets(json: mutator.mutate(Array(secrets.json.utf8)))
        }
    }

    @Test func aMegabyteFullyShown() throws {
        var session = SampleSession()
        session.received = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        session.openings = [SampleSession.opening(.received, .disclosed, 0..<1 << 20, 7)]
        let presentation = try session.presentation(showing: [0])
        let again = try Presentation(json: Array(presentation.json.utf8))
        let verified = try PresentationVerifier(policy: session.policy()).verify(again)
        #expect(verified.received.bytes { _ in [] } == session.received)
        #expect(verified.received.hiddenRanges.isEmpty)
    }
}
