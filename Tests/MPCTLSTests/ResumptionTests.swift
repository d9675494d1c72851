import CryptoCore
import MPCTLS
import PartyChannel
import TLSProtocol
import Testing

/// The conversation is cut around the opening: nothing goes on afterwards, and the seed leaves the notary once at most.
@Suite(.serialized) struct ResumptionTests {
    /// Where the prover's end is cut.
    enum Cut: String, CaseIterable, Sendable {
        /// Instead of the records.
        case beforeTheRecords
        /// Right after the records left.
        case afterTheRecords
        /// When the opening has arrived, before the prover sees it.
        case atTheOpening
        /// Instead of the plan.
        case beforeThePlan

        func action(_ frame: TamperedFrame) -> FrameAction {
            switch self {
            case .beforeTheRecords where frame.isSent(SessionFrame.close): .disconnect
            case .afterTheRecords where frame.isSent(SessionFrame.close):
                .answerAndClose([(SessionFrame.close, frame.payload)])
            case .atTheOpening where frame.isReceived(SessionFrame.opening): .disconnect
            case .beforeThePlan where frame.isSent(SessionFrame.plan): .disconnect
            default: .pass
            }
        }
    }

    /// A notary's channel that counts the openings that really left, and may lose its peer when the records are in.
    private final class CountingChannel: PartyChannel {
        private let base: any PartyChannel
        private let openings: Shared<Int>
        private let closesAfterTheRecords: Bool

        init(_ base: any PartyChannel, _ openings: Shared<Int>, closesAfterTheRecords: Bool = false) {
            self.base = base
            self.openings = openings
            self.closesAfterTheRecords = closesAfterTheRecords
        }

        func send(_ tag: FrameTag, _ payload: [UInt8]) throws(ChannelError) {
            try base.send(tag, payload)
            if tag == SessionFrame.opening { openings.update { $0 += 1 } }
        }

        func flush() throws(ChannelError) { try base.flush() }

        func receive(_ tag: FrameTag, limit: Int) throws(ChannelError) -> [UInt8] {
            let payload = try base.receive(tag, limit: limit)
            if closesAfterTheRecords, tag == SessionFrame.close { base.close() }
            return payload
        }

        func close() { base.close() }
    }

    /// A transcript as somebody would make it up who wants to prove without having opened.
    private static func madeUp(_ harness: SessionHarness, _ exchange: ClosedExchange) -> OpenedTranscript {
        OpenedTranscript(
            sent: harness.request,
            received: [UInt8](repeating: 0, count: exchange.record.receivedByteCount),
            endedWithCloseNotify: true,
            notaryShare: .zero,
            disclosureSalt: [UInt8](repeating: 0, count: 32)
        )
    }

    /// Every step that a session has, tried once more; gives what was not refused as it must be.
    private static func retry(
        _ prover: Prover,
        _ harness: SessionHarness,
        _ exchange: ClosedExchange
    ) -> [String] {
        let steps: [(String, () throws -> Void)] = [
            ("open", { _ = try prover.open(exchange) }),
            ("requestOpening", { _ = try prover.requestOpening(exchange) }),
            ("prove", { _ = try harness.finish(prover, exchange, Self.madeUp(harness, exchange)) }),
            ("exchange", { _ = try harness.exchange(prover, try ScriptedTLSServer()) }),
            ("open again", { _ = try prover.open(exchange) }),
        ]
        return steps.compactMap { name, step in
            do {
                try step()
                return "\(name) succeeded"
            } catch MPCTLSError.invalidRequest(let what) where what.contains("in this order, until something fails") {
                return nil
            } catch {
                return "\(name): \(error)"
            }
        }
    }

    @Test(arguments: Cut.allCases) func nothingResumesAfterACut(cut: Cut) async throws {
        let sent = Shared(0)
        let seen = Shared(0)
        let wrong = Shared<[String]?>(nil)
        var harness = SessionHarness()
        harness.proverChannel = { channel in
            TamperingChannel(channel) { frame in
                let action = cut.action(frame)
                if frame.isReceived(SessionFrame.opening), case .pass = action { seen.update { $0 += 1 } }
                return action
            }
        }
        harness.notaryChannel = { CountingChannel($0, sent) }
        harness.drive = { prover, harness, connection in
            let exchange = try harness.exchange(prover, connection)
            do {
                let opened = try prover.open(exchange)
                return try harness.finish(prover, exchange, opened)
            } catch {
                wrong.update { $0 = Self.retry(prover, harness, exchange) }
                throw error
            }
        }
        let again = Shared<(any Error)?>(nil)
        harness.driveNotary = { notary in
            do {
                return try notary.run()
            } catch {
                // A notary that is asked to go on does not.
                do { _ = try notary.run() } catch { again.update { $0 = error } }
                throw error
            }
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.prover, .channel)
        expectRefusal(outcome.notary, .channel)
        #expect(wrong.value == [])
        #expect(again.value as? MPCTLSError == .invalidRequest("a notary runs one session"))
        #expect(seen.value == (cut == .beforeThePlan ? 1 : 0))
        switch cut {
        case .beforeTheRecords: #expect(sent.value == 0)
        case .afterTheRecords: #expect(sent.value <= 1)
        case .atTheOpening, .beforeThePlan: #expect(sent.value == 1)
        }
    }

    /// A peer that is gone when the records have arrived: the seed stays with the notary.
    @Test func seedIsNotOpenedToAPeerThatIsGone() async throws {
        let sent = Shared(0)
        var harness = SessionHarness()
        harness.notaryChannel = { CountingChannel($0, sent, closesAfterTheRecords: true) }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.prover, .channel)
        expectRefusal(outcome.notary, .channel)
        #expect(sent.value == 0)
    }

    /// An opening that was refused, here for its signature, is not asked for twice.
    @Test func openingWithAWrongSignatureIsTheLast() async throws {
        let sent = Shared(0)
        let wrong = Shared<[String]?>(nil)
        var harness = SessionHarness()
        harness.checkSignature = { _, _ in throw MPCTLSError.peerViolation("signature") }
        harness.notaryChannel = { CountingChannel($0, sent) }
        harness.drive = { prover, harness, connection in
            let exchange = try harness.exchange(prover, connection)
            do {
                return try harness.finish(prover, exchange, try prover.open(exchange))
            } catch {
                wrong.update { $0 = Self.retry(prover, harness, exchange) }
                throw error
            }
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.prover, .violation, "signature")
        expectRefusal(outcome.notary, .channel)
        #expect(wrong.value == [] && sent.value == 1)
    }

    /// The control: without a cut the seed is opened once, and everything is refused after the end.
    @Test func finishedSessionOpenedOnce() async throws {
        let sent = Shared(0)
        let wrong = Shared<[String]?>(nil)
        var harness = SessionHarness()
        harness.notaryChannel = { CountingChannel($0, sent) }
        harness.drive = { prover, harness, connection in
            let exchange = try harness.exchange(prover, connection)
            let result = try harness.finish(prover, exchange, try prover.open(exchange))
            wrong.update { $0 = Self.retry(prover, harness, exchange) }
            return result
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        #expect(throws: Never.self) { try outcome.both() }
        #expect(wrong.value == [] && sent.value == 1)
    }
}
