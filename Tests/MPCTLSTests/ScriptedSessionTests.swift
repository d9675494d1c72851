import CryptoCore
import MPCTLS
import PartyChannel
import Testing

/// The honest session against the scripted server, on which every cheater's test builds.
@Suite(.serialized) struct ScriptedSessionTests {
    @Test(arguments: [true, false]) func succeeds(revealsServerIdentity: Bool) async throws {
        let server = try ScriptedTLSServer()
        var harness = SessionHarness()
        harness.revealsServerIdentity = revealsServerIdentity
        let (prover, notary) = try await harness.run(server).both()
        #expect(server.clientWasFinished)
        #expect(server.request == harness.request)
        #expect(prover.facts == notary)
        #expect(notary.endedWithCloseNotify)
        #expect(notary.segments.map(\.content) == [.disclosed(prover.secrets.received)])
        #expect(String(decoding: prover.secrets.received, as: UTF8.self).hasSuffix("\r\n\r\npaid"))
    }

    @Test func insistingProverWithoutADeviationSucceeds() async throws {
        let harness = SessionHarness().insisting()
        let outcome = await harness.run(try ScriptedTLSServer())
        #expect(throws: Never.self) { try outcome.both() }
    }
}
