import Attestations
import Testing

@Suite("What a relying party demands")
struct PresentationPolicyTests {
    private struct Refusal: Error {}

    private func verify(
        _ session: SampleSession = SampleSession(),
        check: PresentationVerifier.IdentityCheck? = nil,
        _ adjust: (inout PresentationPolicy) -> Void
    ) throws -> VerifiedPresentation {
        var policy = try session.policy()
        adjust(&policy)
        return try PresentationVerifier(policy: policy, identityCheck: check).verify(try session.presentation())
    }

    @Test func trustIsByAddress() throws {
        let notary = try SampleSession.key().ethereumAddress
        #expect(throws: AttestationError.untrustedNotary(notary)) { try verify { $0.notaries = .addresses([]) } }
        #expect(throws: AttestationError.untrustedNotary(notary)) {
            try verify { $0.notaries = .addresses([SampleSession.address(1)]) }
        }
        let verified = try verify { $0.notaries = .anyone }
        #expect(verified.notProven.first == .notaryUnknown)
    }

    @Test func purpose() throws {
        let session = SampleSession()
        let context = AttestationPurpose.contextHash(of: try #require(session.contextText))
        let verified = try verify {
            $0.network = session.network
            $0.owner = session.owner
            $0.contextHash = context
            $0.serverName = "BANK.example"
            $0.requiresCompleteTranscript = true
        }
        #expect(verified.header.purpose.declaredValue.decimal == "12990")
        #expect(throws: AttestationError.wrongNetwork(found: session.network)) {
            try verify { $0.network = NetworkID(named: "other") }
        }
        #expect(throws: AttestationError.wrongOwner(found: session.owner)) {
            try verify { $0.owner = SampleSession.address(1) }
        }
        #expect(throws: AttestationError.wrongContext(found: context)) { try verify { $0.contextHash = .zero } }
        #expect(throws: AttestationError.wrongServerName(found: "bank.example")) {
            try verify { $0.serverName = "bank.example.org" }
        }
    }

    @Test func times() throws {
        let session = SampleSession()
        #expect(throws: AttestationError.notYetValid(endTime: session.endTime)) {
            try verify { $0.now = session.endTime - $0.clockToleranceMilliseconds - 1 }
        }
        #expect(throws: Never.self) { try verify { $0.now = session.endTime - $0.clockToleranceMilliseconds } }
        #expect(throws: Never.self) { try verify { $0.now = session.expiry } }
        #expect(throws: AttestationError.expired(at: session.expiry)) { try verify { $0.now = session.expiry + 1 } }
        #expect(throws: AttestationError.expired(at: session.expiry)) { try verify { $0.now = .max } }
        #expect(throws: Never.self) {
            try verify {
                $0.now = session.endTime + 1000
                $0.ageMillisecondsMax = 1000
            }
        }
        #expect(throws: AttestationError.tooOld(ageMilliseconds: 1001)) {
            try verify {
                $0.now = session.endTime + 1001
                $0.ageMillisecondsMax = 1000
            }
        }
    }

    @Test func aPrefixIsSaidToBeOne() throws {
        var session = SampleSession()
        session.complete = false
        #expect(try verify(session) { _ in }.notProven.contains(.prefixOnly))
        #expect(throws: AttestationError.incomplete) { try verify(session) { $0.requiresCompleteTranscript = true } }
    }

    @Test func committedIdentities() throws {
        var session = SampleSession()
        let opening = try SampleSession.sampleIdentity()
        session.identity = opening
        let accept: PresentationVerifier.IdentityCheck = { opened in
            guard String(decoding: opened.handshake, as: UTF8.self).contains("bank.example"),
                opened.tls.cipherSuite == 0xc02b, opened.endTime == 1_760_000_004_200
            else { throw Refusal() }
            return .init(name: "bank.example", certificateFingerprint: SampleSession.fill(0x66))
        }
        let verified = try verify(session, check: accept) { $0.serverName = "bank.example" }
        #expect(verified.server?.name == "bank.example" && verified.server?.checker == .relyingParty)
        #expect(!verified.notProven.contains(.certificateCheckedByNotary))
        #expect(throws: AttestationError.identityNotChecked) { try verify(session) { _ in } }
        #expect(throws: AttestationError.identityRejected("Refusal()")) {
            try verify(session, check: { _ in throw Refusal() }) { _ in }
        }
        let attestation = try session.attestation()
        let closed = try session.secrets(of: attestation).presentation(
            of: attestation,
            showing: [0],
            opensIdentity: false,
            includesContextText: false
        )
        var policy = try session.policy()
        #expect(throws: AttestationError.identityMissing) { try PresentationVerifier(policy: policy).verify(closed) }
        policy.requiresServerIdentity = false
        let anonymous = try PresentationVerifier(policy: policy).verify(closed)
        #expect(anonymous.server == nil && anonymous.notProven.contains(.serverUnknown))
        policy.serverName = "bank.example"
        #expect(throws: AttestationError.identityMissing) { try PresentationVerifier(policy: policy).verify(closed) }
    }

    @Test func anotherHandshakeDoesNotOpenTheCommitment() throws {
        var session = SampleSession()
        let opening = try SampleSession.sampleIdentity()
        session.identity = opening
        let honest = try session.presentation()
        let other = try IdentityOpening(blinder: opening.blinder, handshake: Array("evil.example".utf8))
        // Bytes moved from the handshake's front into the blinder's end give another hash, as both lengths are fixed.
        let shifted = try IdentityOpening(
            blinder: SampleSession.fill(0x89),
            handshake: opening.handshake
        )
        let check: PresentationVerifier.IdentityCheck = { _ in
            .init(name: "bank.example", certificateFingerprint: .zero)
        }
        for wrong in [other, shifted] {
            let cheat = try Presentation(
                attestation: honest.attestation,
                segments: honest.segments,
                proof: honest.proof,
                identity: wrong
            )
            #expect(throws: AttestationError.identityOpeningMismatch) {
                try PresentationVerifier(policy: session.policy(), identityCheck: check).verify(cheat)
            }
        }
        let revealed = try SampleSession().presentation()
        let added = try Presentation(
            attestation: revealed.attestation,
            segments: revealed.segments,
            proof: revealed.proof,
            identity: opening
        )
        #expect(throws: AttestationError.identityOpeningMismatch) {
            try PresentationVerifier(policy: session.policy(), identityCheck: check).verify(added)
        }
    }
}
