import CryptoCore
import MPCTLS
import PartyChannel
import Testing
import WireFormat

/// The prover cheats after the opening: in its plan, or in the proof itself.
@Suite(.serialized) struct ProofCheatsTests {
    static func planning(_ plan: DisclosurePlan) -> SessionHarness {
        SessionHarness().cheatingProver { $0.isSent(SessionFrame.plan) ? .replace(plan.wireBytes) : .pass }
    }

    private static func received(_ segments: [PlannedSegment], opensKey: Bool = false) -> DisclosurePlan {
        DisclosurePlan(sent: .hidden, received: DirectionPlan(opensKey: opensKey, segments: segments))
    }

    @Test(arguments: [0..<43, 42..<50, 100_000..<100_001]) func planOutsideTheTranscriptIsRefused(
        range: Range<Int>
    ) async throws {
        let plan = Self.received([PlannedSegment(range: range, treatment: .disclosed)])
        let outcome = await Self.planning(plan).run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .violation, "inside the transcript")
    }

    @Test func unsortedOverlappingAndContradictingPlansAreRefused() async throws {
        let first = PlannedSegment(range: 0..<8, treatment: .disclosed)
        let second = PlannedSegment(range: 7..<12, treatment: .committed)
        for plan in [Self.received([first, second]), Self.received([second, first])] {
            let outcome = await Self.planning(plan).run(try ScriptedTLSServer())
            expectRefusal(outcome.notary, .violation, "sorted, disjoint")
        }
        let outcome = await Self.planning(Self.received([second], opensKey: true)).run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .violation, "whose key is opened")
    }

    @Test func malformedPlanIsRefused() async throws {
        let valid = Self.received([PlannedSegment(range: 0..<8, treatment: .disclosed)]).wireBytes
        for bytes in [[], Array(valid.dropLast()), valid + [0], [2] + valid.dropFirst()] {
            let harness = SessionHarness().cheatingProver { frame in
                frame.isSent(SessionFrame.plan) ? .replace(bytes) : .pass
            }
            let outcome = await harness.run(try ScriptedTLSServer())
            expectRefusal(outcome.notary, .violation, "malformed")
        }
    }

    @Test func planOutsideTheTranscriptIsRefusedByTheProverItself() async throws {
        var harness = SessionHarness()
        harness.plan = { _ in Self.received([PlannedSegment(range: 0..<43, treatment: .disclosed)]) }
        let outcome = await harness.run(try ScriptedTLSServer())
        #expect(throws: MPCTLSError.self) { try outcome.prover.get() }
        expectRefusal(outcome.notary, .channel)
    }

    /// Bits of commitments, of AND gates, of S-boxes and of what is opened.
    @Test(arguments: [0, 4000, 30_000, -6000, -200, -10, -1]) func changedProofIsRefused(byte: Int) async throws {
        let harness = SessionHarness().cheatingProver { frame in
            frame.isSent(SessionFrame.proof) ? .flip(byte: byte, bit: 2) : .pass
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .rejectedProof)
    }

    @Test(arguments: [0, 15, 16, 31]) func changedFinalProofIsRefused(byte: Int) async throws {
        let harness = SessionHarness().cheatingProver { frame in
            frame.isSent(SessionFrame.finalProof) ? .flip(byte: byte, bit: 7) : .pass
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .rejectedProof)
    }

    @Test func proofOfAnotherLengthIsRefused() async throws {
        for rule: TamperingChannel.Rule in [
            { $0.isSent(SessionFrame.proof) ? .replace($0.payload.dropLast()) : .pass },
            { $0.isSent(SessionFrame.proof) ? .replace($0.payload + [0]) : .pass },
            { $0.isSent(SessionFrame.finalProof) ? .replace($0.payload.dropLast()) : .pass },
            { $0.isSent(SessionFrame.finalProof) ? .replace($0.payload + [0]) : .pass },
            { $0.isSent(SessionFrame.finalProof) ? .replace([]) : .pass },
        ] {
            let outcome = await SessionHarness().cheatingProver(rule).run(try ScriptedTLSServer())
            expectRefusal(outcome.notary, .rejectedProof)
        }
    }

    /// A proof that is made for one plan does not verify under another.
    @Test func proofForAnotherPlanIsRefused() async throws {
        let other = Self.received([PlannedSegment(range: 0..<41, treatment: .disclosed)], opensKey: true)
        var harness = Self.planning(other)
        harness.plan = { _ in DisclosurePlan(sent: .hidden, received: .hidden) }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .rejectedProof)
    }

    /// Many short commitments: each is a hash of its own, and they are settled in many chunks.
    @Test func manyShortCommitmentsFitTheLimits() async throws {
        var harness = SessionHarness()
        harness.plan = { opened in
            let segments = (0..<opened.received.count).map { PlannedSegment(range: $0..<$0 + 1, treatment: .committed) }
            return Self.received(segments)
        }
        let challenges = Shared(0)
        harness.notaryChannel = { channel in
            TamperingChannel(channel) { frame in
                if frame.tag == SessionFrame.challenge { challenges.update { $0 += 1 } }
                return .pass
            }
        }
        let (prover, facts) = try await harness.run(try ScriptedTLSServer()).both()
        #expect(facts.segments.count == 42)
        #expect(challenges.value > 1)
        for (index, segment) in facts.segments.enumerated() {
            let bytes = Array(prover.secrets.received[segment.range]) + prover.secrets.blinders[index]
            #expect(segment.content == .committed(SHA256.hash(bytes)))
        }
    }
}
