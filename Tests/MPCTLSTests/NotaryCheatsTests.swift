import Correlations
import CryptoCore
import MPCTLS
import PartyChannel
import TLSProtocol
import Testing

/// The notary cheats.
///
/// The prover must stop before it shows the server anything that depends on the lie, or else find it
/// out when the seed is opened, before it proves anything.
@Suite(.serialized) struct NotaryCheatsTests {
    /// Runs a session with a server that goes on in spite of errors, so that they come to the opening.
    private func run(
        _ harness: SessionHarness = SessionHarness(),
        tampering rule: @escaping TamperingChannel.Rule
    ) async throws -> (SessionOutcome, plans: Int) {
        let plans = Shared(0)
        var harness = harness.cheatingNotary(rule)
        harness.proverChannel = { channel in
            TamperingChannel(channel) { frame in
                if frame.isSent(SessionFrame.plan) { plans.update { $0 += 1 } }
                return .pass
            }
        }
        let outcome = await harness.run(try ProverCheatsTests.lenientServer())
        return (outcome, plans.value)
    }

    private func expectMisbehaviour(
        _ words: String,
        _ harness: SessionHarness = SessionHarness(),
        _ rule: @escaping TamperingChannel.Rule
    ) async throws {
        let (outcome, plans) = try await run(harness, tampering: rule)
        expectRefusal(outcome.prover, .misbehaviour, words)
        expectRefusal(outcome.notary, .channel)
        #expect(plans == 0)
        guard case .failure(MPCTLSError.notaryMisbehaved(_, let evidence)) = outcome.prover else { return }
        let kept = try #require(evidence)
        #expect(kept.seed.count == 32 && kept.signature.count == 32 && kept.transcriptDigest.count == 32)
    }

    // MARK: - Found before anything reaches the server

    @Test func ephemeralShareOffTheCurveIsRefused() async throws {
        for rule: TamperingChannel.Rule in [
            { $0.isSent(SessionFrame.acceptance) ? .flip(byte: -1) : .pass },
            {
                $0.isSent(SessionFrame.acceptance)
                    ? .replace($0.payload.dropLast(65) + [UInt8](repeating: 0, count: 65)) : .pass
            },
        ] {
            let (outcome, _) = try await run(tampering: rule)
            expectRefusal(outcome.prover, .violation, "not a point of P-256")
        }
    }

    /// Another share than both parties name the session by.
    @Test func otherEphemeralShareIsRefused() async throws {
        let other = try P256Point.generatorMultiple(try P256Scalar(bytes: [UInt8](repeating: 3, count: 32)))
            .uncompressed
        let (outcome, _) = try await run {
            $0.isSent(SessionFrame.acceptance) ? .replace($0.payload.dropLast(65) + other) : .pass
        }
        #expect(throws: (any Error).self) { try outcome.prover.get() }
        #expect(throws: (any Error).self) { try outcome.notary.get() }
    }

    /// A notary that lies about a keystream bit cannot open what it committed to; it stands alone here, because an
    /// honest one would refuse the prover's labels for that bit.
    @Test(arguments: [0, 127, 128, 128 + 8 * 18 - 1]) func flippedKeystreamBitIsRefused(bit: Int) async throws {
        let server = try ScriptedTLSServer()
        let isRequest = bit >= 128
        let commitment = Shared<[UInt8]>([])
        let harness = SessionHarness().cheatingNotary { frame in
            if frame.isSent(SessionFrame.colours, KeyScheduleStep.nonces.rawValue) {
                commitment.update { $0 = frame.payload }
                return .flip(byte: bit / 8, bit: bit % 8)
            }
            if frame.isReceived(SessionFrame.finishedRecord), !isRequest {
                let answer = [UInt8](repeating: 7, count: frame.payload.count - 48 + 32)
                return .answerAndClose([(SessionFrame.finishedTag, answer)])
            }
            if frame.isReceived(SessionFrame.requestRecord) {
                return .answerAndClose([(SessionFrame.requestTag, [UInt8](repeating: 7, count: 32))])
            }
            return .pass
        }
        let outcome = await harness.run(server)
        expectRefusal(outcome.prover, .violation, "does not open its commitment")
        #expect(server.request == nil && server.clientWasFinished == isRequest)
    }

    @Test(arguments: [SessionFrame.finishedTag, SessionFrame.requestTag])
    func wrongOpeningOfALabelCommitmentIsRefused(tag: FrameTag) async throws {
        let (outcome, _) = try await run { $0.isSent(tag) ? .flip(byte: 15) : .pass }
        expectRefusal(outcome.prover, .violation, "does not open its commitment")
    }

    @Test func wrongCommitmentIsRefused() async throws {
        for byte in [-96, -64] {
            let (outcome, _) = try await run {
                $0.isSent(SessionFrame.colours, KeyScheduleStep.nonces.rawValue) ? .flip(byte: byte) : .pass
            }
            expectRefusal(outcome.prover, .violation, "does not open its commitment")
        }
    }

    @Test(arguments: [SessionFrame.keyExchangeReply, SessionFrame.slopeReply])
    func numberAboveThePrimeIsRefused(tag: FrameTag) async throws {
        let (outcome, _) = try await run {
            $0.isSent(tag) ? .replace([UInt8](repeating: 0xff, count: 32) + $0.payload.dropFirst(32)) : .pass
        }
        expectRefusal(outcome.prover, .violation, "not below the field's prime")
    }

    // MARK: - Found when the seed is opened

    @Test(arguments: OpenedValue.allCases) func flippedColourBitIsFound(value: OpenedValue) async throws {
        let step = try #require(KeyScheduleStep.allCases.first { $0.opens.contains(value) })
        let before = step.opens.prefix { $0 != value }.reduce(0) { $0 + $1.bitCount }
        // A notary that saw the handshake would also have to overlook that the hash under Finished changes.
        let harness = ProverCheatsTests.committed()
        try await expectMisbehaviour("its answer for \(value) is wrong", harness) { frame in
            frame.isSent(SessionFrame.colours, step.rawValue) ? .flip(byte: before / 8 + 5, bit: 6) : .pass
        }
    }

    @Test func wrongTagShareOfFinishedIsFound() async throws {
        try await expectMisbehaviour("its part in protecting record 0") {
            $0.isSent(SessionFrame.finishedTag) ? .flip(byte: -1) : .pass
        }
    }

    @Test func wrongTagShareOfTheRequestIsFound() async throws {
        try await expectMisbehaviour("its part in protecting record 1") {
            $0.isSent(SessionFrame.requestTag) ? .flip(byte: 16) : .pass
        }
    }

    /// v and m of both coordinates, and v of the square.
    @Test(arguments: [31, 63, 95, 127, 128]) func errorInTheKeyExchangeIsFound(byte: Int) async throws {
        try await expectMisbehaviour("its key exchange does not follow from its seed") { frame in
            if byte < 128 { return frame.isSent(SessionFrame.keyExchangeReply) ? .flip(byte: byte) : .pass }
            return frame.isSent(SessionFrame.slopeReply) ? .flip(byte: 31) : .pass
        }
    }

    /// The right share of the key, and another share of the premaster secret in the circuit.
    @Test func otherInputThanItsShareIsFound() async throws {
        try await expectMisbehaviour("its answer for premasterInner is wrong") {
            $0.isSent(SessionFrame.slopeReply) ? .flip(byte: 32, bit: 1) : .pass
        }
    }

    /// v and m for the hash key itself.
    @Test(arguments: [-17, -1]) func errorInTheHashKeyIsFound(byte: Int) async throws {
        try await expectMisbehaviour("its sharing of the hash key does not follow from its seed") {
            $0.isSent(SessionFrame.colours, KeyScheduleStep.nonces.rawValue) ? .flip(byte: byte) : .pass
        }
    }

    @Test func errorInAPowerOfTheHashKeyIsFound() async throws {
        try await expectMisbehaviour("its powers of the hash key do not follow from its seed") {
            $0.isSent(SessionFrame.finishedTag) ? .flip(byte: 20) : .pass
        }
    }

    /// Errors in the linear evaluations themselves, which come in the setup: of both fields, in each of the products.
    @Test(arguments: [(FrameTag.p256OLE, 3), (.gf128OLE, 2)])
    func errorInALinearEvaluationIsFound(tag: FrameTag, productCount: Int) async throws {
        for product in 0..<productCount {
            try await expectMisbehaviour("its linear evaluations do not follow from its seed") { frame in
                frame.isSent(tag) ? .flip(byte: frame.payload.count / productCount * product + 31) : .pass
            }
        }
    }

    @Test func otherSeedThanCommittedIsFound() async throws {
        try await expectMisbehaviour("another seed than it committed to") {
            $0.isSent(SessionFrame.opening) ? .flip(byte: 31) : .pass
        }
    }

    @Test func wrongSignatureIsRefusedBeforeTheSeedIsUsed() async throws {
        for byte in [32, -1] {
            var harness = SessionHarness()
            harness.notaryChannel = { channel in
                TamperingChannel(channel) { $0.isSent(SessionFrame.opening) ? .flip(byte: byte) : .pass }
            }
            let outcome = await harness.run(try ScriptedTLSServer())
            expectRefusal(outcome.prover, .violation, "signature")
            expectRefusal(outcome.notary, .channel)
        }
    }

    @Test func missingSignatureIsRefused() async throws {
        let (outcome, _) = try await run {
            $0.isSent(SessionFrame.opening) ? .replace(Array($0.payload.prefix(32))) : .pass
        }
        expectRefusal(outcome.prover, .violation, "the notary's opening is too short")
    }

    /// The signature covers what both said, the correlations included: a notary cannot deny a message, nor can anybody
    /// on the way change one.
    @Test(arguments: [
        (SessionFrame.masks, 0), (SessionFrame.openings, 0), (SessionFrame.keyExchangeReply, 0),
        (SessionFrame.slopeReply, 63), (SessionFrame.finishedTag, -1), (SessionFrame.requestTag, -1),
        (FrameTag.p256OLE, 31), (FrameTag.gf128OLE, 31),
    ])
    func signatureCoversEveryMessage(tag: FrameTag, byte: Int) async throws {
        var harness = ProverCheatsTests.committed()
        let rule: TamperingChannel.Rule = { $0.isSent(tag) ? .flip(byte: byte) : .pass }
        harness.proverChannel = { TamperingChannel($0, rule: rule) }
        harness.notaryChannel = { TamperingChannel($0, rule: rule) }
        let outcome = await harness.run(try ProverCheatsTests.lenientServer())
        expectRefusal(outcome.prover, .violation, "signature")
        expectRefusal(outcome.notary, .channel)
    }

    // MARK: - Found by the server

    @Test(arguments: [SessionFrame.finishedTag, SessionFrame.requestTag])
    func rightServerRefusesAWrongTag(tag: FrameTag) async throws {
        let harness = SessionHarness().cheatingNotary { $0.isSent(tag) ? .flip(byte: -1) : .pass }
        let server = try ScriptedTLSServer()
        let outcome = await harness.run(server)
        #expect(server.request == nil)
        if tag == SessionFrame.finishedTag {
            #expect(throws: TLSError.alertReceived(TLSAlert(.fatal, .decryptError))) { try outcome.prover.get() }
        } else {
            // The server's alert is encrypted, and the opening shows whose fault it was.
            expectRefusal(outcome.prover, .misbehaviour, "its part in protecting record 1")
        }
        expectRefusal(outcome.notary, .channel)
    }
}
