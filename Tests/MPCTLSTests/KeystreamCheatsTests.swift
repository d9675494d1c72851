import CryptoCore
import MPCTLS
import TLSProtocol
import Testing

/// The prover garbles other counters than AES-GCM's.
///
/// Counters enter the circuits as constants, so what the notary evaluates is up to the prover: with 1 where 2 belongs
/// the keystream begins with E(J0), the mask of the record's tag, which nobody is to know.
@Suite(.serialized) struct KeystreamCheatsTests {
    /// What the cheater saw: its record, the plaintext that it had in mind, and the keystream that follows.
    private struct Loot: Sendable {
        var keystream: [UInt8] = []
        var record: ProtectedRecord?
    }

    /// The mask of the tag of the client's record `sequence`, computed with the server's keys.
    private static func tagMask(_ server: ScriptedTLSServer, sequence: UInt64) throws -> [UInt8] {
        let key = try #require(server.keys?.client)
        let nonce = key.salt + GCMFragment.explicitNonce(sequenceNumber: sequence)
        return AES128(key: key.key.bytes).encrypt(nonce + [0, 0, 0, 1])
    }

    private static func xor(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] { zip(a, b).map { $0 ^ $1 } }

    @Test(arguments: [KeystreamCounters(finished: 2, request: 1), KeystreamCounters(finished: 1, request: 2)])
    func counterOfTheTagMaskAsKeystreamIsRefusedInTheProof(counters: KeystreamCounters) async throws {
        let isRequest = counters.request == 1
        let loot = Shared(Loot())
        var harness = SessionHarness()
        harness.counters = counters
        let request = harness.request
        harness = harness.insisting { exchange in
            let record = isRequest ? exchange.record.request : exchange.record.clientFinished
            let verifyData = exchange.record.view.digest(.verifyData)
            let plaintext = isRequest ? request : HandshakeMessage(type: .finished, body: verifyData).encoded
            loot.update { $0 = Loot(keystream: Self.xor(record.ciphertext, plaintext), record: record) }
        }
        // A right server notices a wrong Finished, and cannot notice a request that authenticates.
        let server = try isRequest ? ScriptedTLSServer() : ProverCheatsTests.lenientServer()
        let outcome = await harness.run(server)
        // The cheat works as far as it goes: the prover has E(J0) and a tag, hence GHASH of its record.
        let mask = try Self.tagMask(server, sequence: isRequest ? 1 : 0)
        let record = try #require(loot.value.record)
        #expect(Array(loot.value.keystream.prefix(16)) == mask)
        let key = try #require(server.keys?.client.key.bytes)
        let hash = GHASH.compute(
            h: AES128(key: key).encrypt([UInt8](repeating: 0, count: 16)),
            aad: GCMFragment.additionalData(
                sequenceNumber: isRequest ? 1 : 0,
                type: record.type,
                plaintextByteCount: record.ciphertext.count
            ),
            ciphertext: record.ciphertext
        )
        #expect(Self.xor(record.tag, mask) == hash)
        if isRequest {
            let arrived = try #require(server.request)
            #expect(arrived != request)
        }
        expectRefusal(outcome.notary, .rejectedProof)
    }

    @Test(arguments: [KeystreamCounters(finished: 2, request: 3), KeystreamCounters(finished: 0, request: 2)])
    func anyOtherCounterIsRefusedInTheProof(counters: KeystreamCounters) async throws {
        var harness = SessionHarness().insisting()
        harness.counters = counters
        let outcome = await harness.run(try ProverCheatsTests.lenientServer())
        expectRefusal(outcome.notary, .rejectedProof)
    }

    /// A prover that checks itself sees that its own record is wrong, and stops before it proves anything.
    @Test func proverThatChecksStopsItself() async throws {
        var harness = SessionHarness()
        harness.counters.request = 1
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.prover, .misbehaviour, "its part in protecting record 1")
        expectRefusal(outcome.notary, .channel)
    }

    /// The control: AES-GCM's counters, given by hand.
    @Test func countersOfTheStandardAreAccepted() async throws {
        var harness = SessionHarness()
        harness.counters = KeystreamCounters(finished: 2, request: 2)
        let server = try ScriptedTLSServer()
        let outcome = await harness.run(server)
        #expect(throws: Never.self) { try outcome.both() }
        #expect(server.request == harness.request)
    }
}
