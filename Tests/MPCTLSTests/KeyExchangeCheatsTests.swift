import CryptoCore
import MPCTLS
import PartyChannel
import TLSProtocol
import Testing

/// The prover cheats in the key exchange, or about the handshake.
@Suite(.serialized) struct KeyExchangeCheatsTests {
    /// Replaces the client's point in a committed handshake's message.
    private static func showing(_ point: [UInt8]) -> @Sendable ([UInt8]) -> [UInt8] {
        { message in
            var message = message
            message.replaceSubrange(1..<66, with: point)
            return message
        }
    }

    private static func outcome(
        _ server: ScriptedTLSServer,
        showing point: @escaping @Sendable (_ notaryPoint: P256Point) throws -> [UInt8]
    ) async throws -> SessionOutcome {
        let notaryPoint = Shared<P256Point?>(nil)
        let harness = ProverCheatsTests.committed().insisting().cheatingProver { frame in
            if frame.isReceived(SessionFrame.acceptance) {
                notaryPoint.update { $0 = try? P256Point(uncompressed: Array(frame.payload[64...])) }
            }
            guard frame.isSent(SessionFrame.keyExchange), let own = notaryPoint.value, let shown = try? point(own)
            else {
                return .pass
            }
            return .replace(Self.showing(shown)(frame.payload))
        }
        return await harness.run(server)
    }

    @Test func equalKeyShareIsRefused() async throws {
        let outcome = try await Self.outcome(ProverCheatsTests.lenientServer()) { try $0.adding($0).uncompressed }
        expectRefusal(outcome.notary, .violation, "not a sum of two shares")
    }

    @Test func keyWithoutAProversShareIsRefused() async throws {
        let outcome = try await Self.outcome(ProverCheatsTests.lenientServer()) { $0.uncompressed }
        expectRefusal(outcome.notary, .violation, "not a sum of two shares")
    }

    /// T_P = −T_V makes the sum infinite, which no encoding of 65 bytes expresses.
    @Test func negatedKeyShareIsRefused() async throws {
        for encoding in [[UInt8](repeating: 0, count: 65), [4] + [UInt8](repeating: 0, count: 64)] {
            let outcome = try await Self.outcome(ProverCheatsTests.lenientServer()) { _ in encoding }
            expectRefusal(outcome.notary, .violation, "not a point of P-256")
        }
    }

    /// T_P = X − T_V for an X whose logarithm the prover knows: with its server it knows every key, and can forge at
    /// will, but not for the keys that the two-party computation arrives at.
    @Test func rogueKeyShareIsRefusedInTheProof() async throws {
        var random = BlockPRG(seed: Block(5, 6))
        let rogue = try P256Point.generatorMultiple(P256Scalar.random(from: &random)).uncompressed
        var script = ScriptedTLSServer.Script()
        script.checksClient = false
        script.clientPoint = rogue
        let outcome = try await Self.outcome(try ScriptedTLSServer(script)) { _ in rogue }
        expectRefusal(outcome.notary, .rejectedProof, "the server's Finished is wrong")
    }

    @Test func serverPointOffTheCurveIsRefused() async throws {
        let harness = ProverCheatsTests.committed().cheatingProver { frame in
            frame.isSent(SessionFrame.keyExchange) ? .flip(byte: 66 + 40) : .pass
        }
        let outcome = await harness.run(try ProverCheatsTests.lenientServer())
        expectRefusal(outcome.notary, .violation, "the server's ephemeral key is not a point")
    }

    // MARK: - Additive errors

    /// Both masked coordinates.
    @Test(arguments: [-33, -1]) func errorInADifferenceIsRefusedInTheProof(byte: Int) async throws {
        let harness = SessionHarness().insisting().cheatingProver { frame in
            frame.isSent(SessionFrame.keyExchange) ? .flip(byte: byte) : .pass
        }
        let outcome = await harness.run(try ProverCheatsTests.lenientServer())
        expectRefusal(outcome.notary, .rejectedProof, "the server's Finished is wrong")
    }

    @Test func errorInTheSlopeIsRefusedInTheProof() async throws {
        let error = Shared(P256FieldElement.zero)
        let harness = SessionHarness()
            .insisting(shareError: { $0.fieldInputs[2] * error.value })
            .cheatingProver { frame in
                guard frame.isSent(SessionFrame.slope) else { return .pass }
                let isOdd = frame.payload[31] & 1 == 1
                error.update { $0 = isOdd ? -P256FieldElement.one : P256FieldElement.one }
                return .flip(byte: 31)
            }
        let outcome = await harness.run(try ProverCheatsTests.lenientServer())
        expectRefusal(outcome.notary, .rejectedProof, "the server's Finished is wrong")
    }

    @Test func rightServerRefusesAnErrorByItself() async throws {
        let harness = SessionHarness().cheatingProver { $0.isSent(SessionFrame.slope) ? .flip(byte: 31) : .pass }
        let server = try ScriptedTLSServer()
        let outcome = await harness.run(server)
        #expect(!server.clientWasFinished)
        #expect(throws: TLSError.alertReceived(TLSAlert(.fatal, .decryptError))) { try outcome.prover.get() }
        expectRefusal(outcome.notary, .channel)
    }

    @Test(arguments: [SessionFrame.keyExchange, SessionFrame.slope])
    func numberAboveThePrimeIsRefused(tag: FrameTag) async throws {
        let harness = SessionHarness().cheatingProver { frame in
            guard frame.isSent(tag) else { return .pass }
            return .replace(frame.payload.dropLast(32) + [UInt8](repeating: 0xff, count: 32))
        }
        let outcome = await harness.run(try ProverCheatsTests.lenientServer())
        expectRefusal(outcome.notary, .violation, "not below the field's prime")
    }

    /// Errors of the prover's in sharing the hash key, and in its powers: the tags are wrong.
    @Test(arguments: [SessionFrame.labels, SessionFrame.finishedRecord])
    func errorInTheHashKeyIsRefusedInTheProof(tag: FrameTag) async throws {
        let occurrence = tag == SessionFrame.labels ? KeyScheduleStep.nonces.rawValue : 0
        let harness = SessionHarness().insisting().cheatingProver { frame in
            frame.isSent(tag, occurrence) ? .flip(byte: -3, bit: 4) : .pass
        }
        let outcome = await harness.run(try ProverCheatsTests.lenientServer())
        expectRefusal(outcome.notary, .rejectedProof, "the client's record 0")
    }

    // MARK: - The handshake that is shown

    @Test func forgedServerKeyExchangeIsRefused() async throws {
        var script = ScriptedTLSServer.Script()
        script.signature = { _ in [1, 2, 3] }
        var harness = SessionHarness()
        harness.validateFlight = { _ in }
        let outcome = await harness.run(try ScriptedTLSServer(script))
        expectRefusal(outcome.notary, .server, "not signed by the server")
        expectRefusal(outcome.prover, .channel)
    }

    /// A genuine ServerKeyExchange under other randoms.
    @Test func replayedServerKeyExchangeIsRefused() async throws {
        let recorded = Shared<[UInt8]>([])
        var first = ScriptedTLSServer.Script()
        first.signature = { parameters in
            let signature = ScriptedTLSServer.signature(parameters)
            recorded.update { $0 = signature }
            return signature
        }
        let honest = await SessionHarness().run(try ScriptedTLSServer(first))
        #expect(throws: Never.self) { try honest.both() }
        var second = ScriptedTLSServer.Script()
        second.signature = { _ in recorded.value }
        var harness = SessionHarness()
        harness.validateFlight = { _ in }
        let outcome = await harness.run(try ScriptedTLSServer(second))
        expectRefusal(outcome.notary, .server, "not signed by the server")
    }

    /// A whole genuine handshake of an earlier connection, with this session's client key: its signature is right.
    @Test func replayedHandshakeIsRefusedInTheProof() async throws {
        let earlier = Shared<HandshakeTranscript?>(nil)
        var recording = SessionHarness()
        recording.validateHandshake = { handshake in earlier.update { $0 = handshake } }
        let honest = await recording.run(try ScriptedTLSServer())
        #expect(throws: Never.self) { try honest.both() }
        let old = try #require(earlier.value)

        let harness = SessionHarness().insisting().cheatingProver { frame in
            guard frame.isSent(SessionFrame.keyExchange) else { return .pass }
            let own = try? HandshakeTranscript(decoding: Array(frame.payload[5...].dropLast(64)))
            let shown = own.flatMap {
                try? HandshakeTranscript(
                    clientHello: old.clientHello,
                    serverFlight: old.serverFlight,
                    clientPoint: $0.clientPoint
                )
            }
            guard let shown else { return .disconnect }
            let count = (0..<4).map { UInt8(truncatingIfNeeded: shown.encoded.count >> (24 - 8 * $0)) }
            return .replace([0] + count + shown.encoded + frame.payload.suffix(64))
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        // The hash that Finished covers is the notary's own; the prover's does not fit the handshake it showed.
        expectRefusal(outcome.notary, .violation, "the hash of the handshake is wrong")
    }

    @Test func wrongSessionHashIsRefusedInTheProof() async throws {
        let harness = ProverCheatsTests.committed().insisting().cheatingProver { frame in
            frame.isSent(SessionFrame.keyExchange) ? .flip(byte: 200) : .pass
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .rejectedProof)
    }

    @Test func disclosureMustBeTheAgreedOne() async throws {
        let transcript = Shared<[UInt8]>([])
        let recording = ProverCheatsTests.committed().cheatingProver { frame in
            if frame.isSent(SessionFrame.keyExchange) { transcript.update { $0 = frame.payload } }
            return .pass
        }
        _ = await recording.run(try ScriptedTLSServer())
        let harness = SessionHarness().cheatingProver { frame in
            frame.isSent(SessionFrame.keyExchange) ? .replace(transcript.value) : .pass
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .violation, "not disclosed in the way that was agreed")
    }
}
