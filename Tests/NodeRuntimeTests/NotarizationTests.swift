import Attestations
import CryptoCore
import Foundation
import MPCTLS
import NodeRuntime
import ServerIdentity
import TLSProtocol
import Testing

/// Whole notarizations over the peer network, up to what a relying party is told.
@Suite(.timeLimit(.minutes(10)))
struct NotarizationTests {
    @Test(arguments: [true, false])
    func aPresentationIsVerified(revealsServerIdentity: Bool) async throws {
        let notary = try await TestNotary()
        var buyer = Buyer()
        buyer.revealsServerIdentity = revealsServerIdentity
        buyer.reveal = ["request.line", "response.json:$.payment.amount"]
        let outcome = try await buyer.notarize(with: notary.address)
        #expect(await notary.isIdle())
        let header = outcome.attestation.header
        #expect(header.notary == (try Secp256k1PrivateKey(bytes: TestNotary.keyBytes)).ethereumAddress)
        #expect(header.transcript.complete)
        #expect(outcome.attestation.contextText == buyer.contextText)
        #expect(outcome.secrets.sent == buyer.request)
        #expect(String(decoding: outcome.secrets.received, as: UTF8.self).hasSuffix(WebServer.body))
        #expect(header.endTime >= header.startTime)
        #expect(abs(Double(header.endTime) / 1000 - Date().timeIntervalSince1970) < 60)

        // The buyer shows less and more than the notary saw: the payee was only committed to.
        let payee = try #require(
            outcome.secrets.openings.first { opening in
                opening.direction == .received && opening.kind == .committed
                    && String(decoding: outcome.secrets.received[opening.range], as: UTF8.self).contains("Ada")
            }
        )
        let presentation = try outcome.secrets.presentation(
            of: outcome.attestation,
            showing: outcome.secrets.openings.indices.filter {
                outcome.secrets.openings[$0].kind == .disclosed || outcome.secrets.openings[$0] == payee
            },
            opensIdentity: true,
            includesContextText: false
        )
        let parsed = try Presentation(bytes: presentation.bytes)
        var policy = PresentationPolicy(
            notaries: .addresses([header.notary]),
            now: UInt64(Date().timeIntervalSince1970 * 1000)
        )
        policy.serverName = "localhost"
        policy.requiresCompleteTranscript = true
        policy.contextHash = AttestationPurpose.contextHash(of: buyer.contextText ?? "")
        let verified = try PresentationVerifier(policy: policy, identityCheck: Self.identityCheck).verify(parsed)
        let shown = verified.received.segments.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(shown.contains { $0.contains(#""amount":"12.30""#) })
        #expect(shown.contains { $0.contains("Ada") })
        let all = (verified.sent.segments + verified.received.segments).flatMap(\.bytes)
        #expect(!String(decoding: all, as: UTF8.self).contains("4711"))
        #expect(!String(decoding: all, as: UTF8.self).contains("s3cr3t"))
        if case .revealed(let server) = header.server {
            #expect(revealsServerIdentity && server.name == "localhost")
        } else {
            #expect(!revealsServerIdentity)
            // Who trusts other authorities does not accept the opened handshake.
            let other = PresentationVerifier(policy: policy) { _ in throw ServerIdentityError.badSignature }
            #expect(throws: AttestationError.self) { try other.verify(parsed) }
        }
        #expect(await eventually { notary.log.text.contains("attestation signed") })
        await notary.close()
        expectNoPlaintext(in: notary.log.text)
    }

    /// Opened directions cost no proof per byte; what the notary saw is in the attestation's tree all the same.
    @Test func aWholeDirectionIsDisclosed() async throws {
        let notary = try await TestNotary()
        var buyer = Buyer()
        buyer.path = "/chunked"
        buyer.reveal = ["received"]
        let outcome = try await buyer.notarize(with: notary.address)
        let disclosed = outcome.secrets.openings.filter { $0.direction == .received && $0.kind == .disclosed }
        #expect(disclosed.map(\.range.count).reduce(0, +) == outcome.secrets.received.count)
        #expect(outcome.meter.total([.proof]).bytesOut < 200_000)
        await notary.close()
        expectNoPlaintext(in: notary.log.text)
    }

    /// A notary's time counts only as far as the buyer's own clock agrees.
    @Test func timesThatTheNotarySignsAreChecked() async throws {
        let notary = try await TestNotary()
        var buyer = Buyer()
        buyer.clockLead = 200_000
        _ = try await buyer.notarize(with: notary.address)
        buyer.clockLead = 400_000
        let error = await #expect(throws: MPCTLSError.self) { try await buyer.notarize(with: notary.address) }
        #expect("\(String(describing: error))".contains("s before the session by this machine's clock"))
        await notary.close()
        let tolerance: UInt64 = 300_000
        for (times, isPlausible) in [
            ([1_000_000], true), ([1_000_000 - tolerance, 1_005_000 + tolerance], true),
            ([1_000_000, 1_000_000 - tolerance - 1], false), ([1_005_000 + tolerance + 1, 1_000_000], false),
            ([0], false), ([.max], false),
        ] as [([UInt64], Bool)] {
            let problem = NotarizationClient.clockProblem(times, start: 1_000_000, end: 1_005_000)
            #expect((problem == nil) == isPlausible, "\(times)")
        }
    }

    @Test func twoSessionsShareNothing() async throws {
        let notary = try await TestNotary()
        let first = try await Buyer().notarize(with: notary.address)
        let second = try await Buyer().notarize(with: notary.address)
        #expect(first.attestation.id != second.attestation.id)
        #expect(first.attestation.header.sessionID != second.attestation.header.sessionID)
        #expect(first.attestation.header.tls.clientRandom != second.attestation.header.tls.clientRandom)
        #expect(first.secrets.openings.map(\.blinder) != second.secrets.openings.map(\.blinder))
        #expect(throws: AttestationError.secretsMismatch) { try first.secrets.check(against: second.attestation) }
        await notary.close()
    }

    /// What a relying party's program does with an opened handshake.
    static let identityCheck: PresentationVerifier.IdentityCheck = { opened in
        let handshake = try HandshakeTranscript(decoding: opened.handshake)
        let name = try #require(handshake.clientHello.serverName)
        let roots = try WebServer.shared.get().roots
        _ = try ServerIdentityVerifier(roots: roots)
            .verify(handshake.serverFlight, for: name, at: Int64(opened.endTime / 1000))
        return PresentationVerifier.CheckedServer(
            name: "\(name)",
            certificateFingerprint: try #require(Bytes32(SHA256.hash(handshake.serverFlight.certificateChain[0])))
        )
    }
}

/// No line of a log holds anything of what the buyer sent or received.
func expectNoPlaintext(in log: String, sourceLocation: SourceLocation = #_sourceLocation) {
    for secret in ["buyers-cookie", "4711", "s3cr3t", "12.30", "Ada", "/payment", "/chunked"] {
        #expect(!log.contains(secret), "\(secret)", sourceLocation: sourceLocation)
    }
}
