import CryptoCore
import MPCTLS
import PartyChannel
import TLSProtocol
import Testing

/// The server, or somebody on the way to it, does what TLS or this protocol excludes.
@Suite(.serialized) struct ServerMisbehaviourTests {
    private typealias Script = ScriptedTLSServer.Script

    private static func run(
        _ harness: SessionHarness = SessionHarness(),
        _ change: (inout ScriptedTLSServer.Script) -> Void
    ) async throws -> SessionOutcome {
        var script = ScriptedTLSServer.Script()
        change(&script)
        return await harness.run(try ScriptedTLSServer(script))
    }

    private static func expect(
        _ error: TLSError,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (inout ScriptedTLSServer.Script) -> Void
    ) async throws {
        let outcome = try await run(SessionHarness(), change)
        #expect(throws: error, sourceLocation: sourceLocation) { try outcome.prover.get() }
        expectRefusal(outcome.notary, .channel, sourceLocation: sourceLocation)
    }

    // MARK: - The handshake

    @Test func serverWithoutExtendedMasterSecretIsRefused() async throws {
        try await Self.expect(.extendedMasterSecretMissing) { $0.extensions = [(0xff01, [0])] }
    }

    @Test func serverWithoutSecureRenegotiationIsRefused() async throws {
        try await Self.expect(.secureRenegotiationMissing) { $0.extensions = [(23, [])] }
    }

    @Test(arguments: [0x0302, 0x0304] as [UInt16]) func otherVersionsAreRefused(version: UInt16) async throws {
        try await Self.expect(.unsupportedVersion(version)) { $0.version = version }
    }

    @Test func extensionThatWasNotOfferedIsRefused() async throws {
        try await Self.expect(.extensionNotOffered(35)) { $0.extensions.append((35, [])) }
    }

    @Test func wrongSignatureIsRefusedBeforeAnythingSecretIsSent() async throws {
        let frames = Shared(0)
        var harness = SessionHarness()
        harness.proverChannel = { channel in
            TamperingChannel(channel) { frame in
                if frame.tag == SessionFrame.keyExchange { frames.update { $0 += 1 } }
                return .pass
            }
        }
        let outcome = try await Self.run(harness) { $0.signature = { _ in [0] } }
        expectRefusal(outcome.prover, .server, "not signed by the server")
        expectRefusal(outcome.notary, .channel)
        #expect(frames.value == 0)
    }

    /// Its Finished is encrypted, so that the error shows after the opening, in both parties.
    @Test(arguments: [14, 30, 44]) func wrongFinishedIsFoundWhenTheSeedIsOpened(byte: Int) async throws {
        let outcome = try await Self.run {
            $0.editFinished = { records in
                var records = records
                records[1][byte] ^= 1
                return records
            }
        }
        expectRefusal(outcome.prover, .server, "the server's Finished is wrong")
        expectRefusal(outcome.notary, .channel)
    }

    @Test func finishedOfAnotherLengthIsRefused() async throws {
        try await Self.expect(.malformed(.finished)) {
            $0.editFinished = { [$0[0], ScriptedTLSServer.record(22, Array($0[1].dropFirst(5)) + [0])] }
        }
    }

    // MARK: - The response

    @Test func responseThatSomebodyChangedIsFound() async throws {
        let edits: [(words: String, edit: @Sendable ([[UInt8]]) -> [[UInt8]])] = [
            ("record 1", { [$0[0].dropLast() + [$0[0][$0[0].count - 1] ^ 1]] + $0.dropFirst() }),
            ("record 1", { [$0[1], $0[0], $0[2]] }),
            ("record 1", { Array($0.dropFirst()) }),
            ("record 2", { [$0[0], $0[2]] }),
            ("record 2", { [$0[0], ScriptedTLSServer.record(23, [UInt8](repeating: 9, count: 40)), $0[1], $0[2]] }),
        ]
        for (words, edit) in edits {
            let outcome = try await Self.run { $0.edit = edit }
            expectRefusal(outcome.prover, .server, "\(words) of the response is not authentic")
            expectRefusal(outcome.notary, .channel)
        }
    }

    @Test func duplicateNonceIsRefused() async throws {
        try await Self.expect(.nonceReused(5)) {
            $0.replies = [.data([1], nonce: 5), .data([2], nonce: 5), .closeNotify]
        }
        try await Self.expect(.nonceReused(0)) { $0.replies = [.data([1], nonce: 0), .closeNotify] }
    }

    @Test func renegotiationIsRefused() async throws {
        try await Self.expect(.renegotiationRefused) {
            $0.replies.insert(.init(type: .handshake, plaintext: [0, 0, 0, 0]), at: 1)
        }
    }

    @Test func changeCipherSpecInTheResponseIsRefused() async throws {
        try await Self.expect(.unexpected(.changeCipherSpec)) {
            $0.edit = { [$0[0], ScriptedTLSServer.record(20, [1])] + $0.dropFirst() }
        }
    }

    @Test func recordsOfImpossibleLengthsAreRefused() async throws {
        let longest = 1 << 14
        try await Self.expect(.recordOverflow(byteCount: longest + 25, limit: longest + 24)) {
            $0.edit = { _ in [ScriptedTLSServer.record(23, [UInt8](repeating: 0, count: longest + 25))] }
        }
        try await Self.expect(.recordOverflow(byteCount: longest + 2049, limit: longest + 2048)) {
            $0.edit = { _ in [[23, 3, 3, 0x48, 0x01]] }
        }
        try await Self.expect(.malformed(.record)) {
            $0.edit = { _ in [ScriptedTLSServer.record(23, [UInt8](repeating: 0, count: 23))] }
        }
    }

    @Test func closeInsideARecordIsRefused() async throws {
        try await Self.expect(.truncated) { $0.edit = { [$0[0], Array($0[1].dropLast())] } }
    }

    @Test func closeBeforeTheFinishedIsRefused() async throws {
        try await Self.expect(.truncated) { $0.editFinished = { _ in [] } }
    }

    /// The limits are on application data, and a response of exactly the limit passes.
    @Test func responseWithinAndBeyondTheAgreedLength() async throws {
        var harness = SessionHarness()
        harness.maxReceived = 100
        let facts = try await Self.run(harness) {
            $0.replies = [
                .data([UInt8](repeating: 1, count: 60)), .data([UInt8](repeating: 2, count: 40)), .closeNotify,
            ]
        }.both().notary
        #expect(facts.receivedByteCount == 100 && facts.endedWithCloseNotify)
        for last: ScriptedTLSServer.Reply? in [.closeNotify, nil] {
            let outcome = try await Self.run(harness) {
                $0.replies = [.data([UInt8](repeating: 1, count: 101))] + (last.map { [$0] } ?? [])
            }
            expectRefusal(outcome.prover, .server, "longer than the 100 bytes agreed")
            expectRefusal(outcome.notary, .channel)
        }
    }

    @Test func tooManyRecordsAreRefused() async throws {
        var harness = SessionHarness()
        harness.maxReceived = 16
        let most = try await Self.run(harness) {
            $0.replies = [ScriptedTLSServer.Reply](repeating: .data([UInt8]()), count: 256) + [.closeNotify]
        }
        #expect(throws: Never.self) { try most.both() }
        let outcome = try await Self.run(harness) {
            $0.replies = [ScriptedTLSServer.Reply](repeating: .data([UInt8]()), count: 258)
        }
        #expect(throws: TLSError.tooLarge(.record, limit: 258)) { try outcome.prover.get() }
        expectRefusal(outcome.notary, .channel)
    }

    // MARK: - How it ends

    /// Without an authenticated close_notify the facts never say that the response is complete.
    @Test func endsWithoutCloseNotifyAreIncomplete() async throws {
        let ends: [[ScriptedTLSServer.Reply]] = [
            [], [.data("partial")], [.data([UInt8]())],
            [.data("partial"), .init(type: .alert, plaintext: [2, 80])],
            [.data("partial"), .init(type: .alert, plaintext: [1, 90])],
            [.data("partial"), .init(type: .alert, plaintext: [1, 100]), .data("never read"), .closeNotify],
        ]
        for replies in ends {
            let (prover, facts) = try await Self.run { $0.replies = replies }.both()
            #expect(prover.facts == facts)
            #expect(!facts.endedWithCloseNotify)
            #expect(facts.receivedByteCount == (replies.first?.plaintext.count ?? 0))
        }
    }

    @Test func alertThatSomebodyMadeUpIsFound() async throws {
        let outcome = try await Self.run {
            $0.edit = { [$0[0], ScriptedTLSServer.record(21, [UInt8](repeating: 9, count: 26))] }
        }
        expectRefusal(outcome.prover, .server, "record 2 of the response is not authentic")
        expectRefusal(outcome.notary, .channel)
    }

    @Test func alertOfAnotherLengthIsRefused() async throws {
        let outcome = try await Self.run { $0.replies = [.data("x"), .init(type: .alert, plaintext: [1, 0, 0])] }
        expectRefusal(outcome.prover, .server, "unexpected record")
        expectRefusal(outcome.notary, .channel)
    }

    @Test func connectionIsClosedWhateverHappens() async throws {
        for checks in [true, false] {
            let closed = Shared(0)
            let server = try ScriptedTLSServer(
                checks
                    ? Script()
                    : {
                        var script = Script(); script.version = 1; return script
                    }()
            )
            let outcome = await SessionHarness().run { ClosingConnection(server, closed: closed) }
            #expect((try? outcome.prover.get()) != nil || !checks)
            #expect(closed.value == 1)
        }
    }
}

/// Counts how often a connection is closed.
private final class ClosingConnection: ServerConnection {
    private let server: ScriptedTLSServer
    private let closed: Shared<Int>

    init(_ server: ScriptedTLSServer, closed: Shared<Int>) {
        self.server = server
        self.closed = closed
    }

    func write(_ bytes: [UInt8]) throws { try server.write(bytes) }

    func read() throws -> [UInt8] { try server.read() }

    func close() { closed.update { $0 += 1 } }
}
