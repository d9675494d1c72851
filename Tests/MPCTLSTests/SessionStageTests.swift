import CryptoCore
import MPCTLS
import PartyChannel
import TLSProtocol
import Testing

/// Nothing of a session happens twice, and the opening happens only over what is fixed.
@Suite(.serialized) struct SessionStageTests {
    /// Runs `body` in place of the honest prover, and gives its outcome.
    private func run(
        _ body: @escaping @Sendable (Prover, SessionHarness, any ServerConnection) throws -> SessionOutcome.ProverResult
    ) async throws -> SessionOutcome {
        var harness = SessionHarness()
        harness.drive = body
        return await harness.run(try ScriptedTLSServer())
    }

    @Test func secondExchangeIsRefused() async throws {
        let outcome = try await run { prover, harness, connection in
            _ = try? harness.driveHonestly(prover, connection)
            return try harness.driveHonestly(prover, try ScriptedTLSServer())
        }
        #expect(throws: MPCTLSError.self) { try outcome.prover.get() }
        guard case .failure(MPCTLSError.invalidRequest) = outcome.prover else {
            return #expect(Bool(false), "the second exchange was refused as something else")
        }
    }

    /// A failure before the request burns the session: its masks were used.
    @Test func exchangeAfterAFailureIsRefused() async throws {
        let outcome = try await run { prover, harness, _ in
            var script = ScriptedTLSServer.Script()
            script.version = 0x0302
            #expect(throws: TLSError.self) { try harness.driveHonestly(prover, try ScriptedTLSServer(script)) }
            return try harness.driveHonestly(prover, try ScriptedTLSServer())
        }
        guard case .failure(MPCTLSError.invalidRequest) = outcome.prover else {
            return #expect(Bool(false), "an exchange after a failure was not refused")
        }
        expectRefusal(outcome.notary, .channel)
    }

    @Test func requestThatDoesNotFitIsRefusedAndBurnsNothing() async throws {
        let outcome = try await run { prover, harness, connection in
            for request in [[], [UInt8](repeating: 65, count: harness.maxSent + 1)] {
                var wrong = harness
                wrong.request = request
                #expect(throws: MPCTLSError.self) { try wrong.driveHonestly(prover, connection) }
            }
            return try harness.driveHonestly(prover, connection)
        }
        #expect(throws: Never.self) { try outcome.both() }
    }

    /// A connection that breaks when the records were sent, or just before: the notary opens nothing then.
    @Test(arguments: [SessionFrame.close, SessionFrame.requestRecord])
    func disconnectBeforeTheOpeningOpensNothing(tag: FrameTag) async throws {
        let openings = Shared(0)
        var harness = SessionHarness().cheatingProver { $0.isSent(tag) ? .disconnect : .pass }
        harness.notaryChannel = { channel in
            TamperingChannel(channel) { frame in
                if frame.tag == SessionFrame.opening { openings.update { $0 += 1 } }
                return .pass
            }
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .channel)
        expectRefusal(outcome.prover, .channel)
        #expect(openings.value == 0)
    }

    @Test func disconnectAfterTheOpeningEndsTheSession() async throws {
        for tag in [SessionFrame.plan, SessionFrame.proof, SessionFrame.finalProof] {
            let harness = SessionHarness().cheatingProver { $0.isSent(tag) ? .disconnect : .pass }
            let outcome = await harness.run(try ScriptedTLSServer())
            expectRefusal(outcome.notary, .channel)
        }
    }

    /// One notary is one session, whatever became of the first.
    @Test func notaryRunsOnce() throws {
        let (first, second) = InMemoryChannel.pair()
        first.close()
        let notary = Notary(
            channel: second,
            random: BlockPRG(seed: Block(1, 2)),
            hooks: NotaryHooks(phase: { _ in }, accept: { _ in }, validate: { _ in }, sign: { digest, _ in digest })
        )
        #expect(throws: ChannelError.closed) { try notary.run() }
        #expect(throws: MPCTLSError.invalidRequest("a notary runs one session")) { try notary.run() }
    }

    @Test func notaryRefusesByItsPolicyBeforeItDoesAnything() async throws {
        var harness = SessionHarness()
        harness.accept = { parameters in
            guard parameters.maxSent < 32 else { throw MPCTLSError.refusedByPolicy("too long a request") }
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        #expect(throws: MPCTLSError.refusedByPolicy("too long a request")) { try outcome.notary.get() }
        expectRefusal(outcome.prover, .channel)
    }

    @Test func parametersOutsideTheLimitsAreRefused() {
        func make(
            maxSent: Int = 1,
            maxReceived: Int = 1,
            prepared: Int = 0,
            nonce: Int = 32,
            application: Int = 0
        ) throws -> SessionParameters {
            try SessionParameters(
                maxSent: maxSent,
                maxReceived: maxReceived,
                revealsServerIdentity: true,
                preparedCorrelations: prepared,
                proverNonce: [UInt8](repeating: 0, count: nonce),
                application: [UInt8](repeating: 0, count: application)
            )
        }
        #expect(throws: Never.self) { try make() }
        #expect(throws: MPCTLSError.self) { try make(maxSent: 0) }
        #expect(throws: MPCTLSError.self) { try make(maxSent: (1 << 14) + 1) }
        #expect(throws: MPCTLSError.self) { try make(maxReceived: 0) }
        #expect(throws: MPCTLSError.self) { try make(maxReceived: 1 << 31) }
        #expect(throws: MPCTLSError.self) { try make(prepared: -1) }
        #expect(throws: MPCTLSError.self) { try make(prepared: (1 << 24) + 1) }
        #expect(throws: MPCTLSError.self) { try make(nonce: 31) }
        #expect(throws: MPCTLSError.self) { try make(application: 8193) }
    }
}
