import Foundation
import MPCTLS
import NodeRuntime
import PartyChannel
import PeerNetworking
import Synchronization
import TestServers
import Testing

/// One party gone, or a message changed, at every message of a session.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct InterruptedSessionsTests {
    /// The messages of a whole session; of the garbled tables the first, one in the middle and the last.
    private func messages(of notary: TestNotary) async throws -> [FrameRelay.Frame] {
        let relay = try await FrameRelay(to: notary.address) { _ in .pass }
        _ = try await Buyer().notarize(with: relay.address)
        await relay.close()
        let tables = relay.frames.filter(\.isTables)
        try #require(tables.count > 10)
        let chosen = [tables[0], tables[tables.count / 2], tables[tables.count - 1]]
        return relay.frames.filter { !$0.isTables } + chosen
    }

    init() { ProcessMemory.useOneArena() }

    /// Both parties end promptly with an error wherever the connection is lost, and nothing stays behind: once all kinds
    /// of ends have been seen, 2N of them leave the memory as N do.
    @Test func everyMessageCanBeTheLast() async throws {
        let notary = try await TestNotary()
        let messages = try await messages(of: notary)
        #expect(messages.contains { $0.direction == .toProver && $0.tag == 400 })
        let actions: [FrameRelay.Action] = [.hangUp, .close, .reset, .halve]
        func interruptEach(_ step: Int) async throws {
            for (number, message) in messages.enumerated() where number.isMultiple(of: step) {
                try await interrupt(notary, at: message, by: actions[number / step % actions.count])
            }
        }
        try await interruptEach(1)
        var used: [Int] = []
        let growth = try await ProcessMemory.growth(upTo: Self.growthMax) {
            try await interruptEach(4)
            let idle = await idleByteCount()
            used.append(idle.used)
            return idle.resident
        }
        expectNothingStays(used)
        #expect(growth <= Self.growthMax, "\(messages.count / 4) more sessions left \(growth >> 10) KB behind")
        expectNoPlaintext(in: notary.log.text)
        _ = try await Buyer().notarize(with: notary.address)
        await notary.close()
    }

    /// Runs a session that ends at `message`.
    private func interrupt(
        _ notary: TestNotary,
        at message: FrameRelay.Frame,
        by action: FrameRelay.Action
    ) async throws {
        let cut = Mutex<ContinuousClock.Instant?>(nil)
        let relay = try await FrameRelay(to: notary.address) { frame in
            guard frame.direction == message.direction, frame.index == message.index else { return .pass }
            cut.withLock { $0 = .now }
            return action
        }
        let error = await #expect(throws: (any Error).self, "\(message)") {
            try await Buyer().notarize(with: relay.address)
        }
        let moment = try #require(cut.withLock { $0 }, "\(message) did not come")
        #expect(error is ChannelError, "\(message): \(String(describing: error))")
        #expect(await notary.isIdle(), "\(message)")
        #expect(ContinuousClock.now - moment < .seconds(25), "\(message)")
        await relay.close()
    }

    /// A notary that answers wrongly, or another one that answers, is found out.
    @Test func whatTheNotarySignsIsChecked() async throws {
        let notary = try await TestNotary()
        // An attestation of another session, and one with a damaged signature.
        let recorded = Mutex<[UInt8]>([])
        let recorder = try await FrameRelay(to: notary.address) { frame in
            if frame.tag == 400 { recorded.withLock { $0 = frame.payload } }
            return .pass
        }
        _ = try await Buyer().notarize(with: recorder.address)
        await recorder.close()
        let replayed = recorded.withLock { $0 }
        #expect(!replayed.isEmpty)
        let replay = try await FrameRelay(to: notary.address) { $0.tag == 400 ? .replace(replayed) : .pass }
        await #expect(throws: MPCTLSError.self) { try await Buyer().notarize(with: replay.address) }
        await replay.close()
        for change in [0, 40, 200] {
            let damage = try await FrameRelay(to: notary.address) { frame in
                guard frame.tag == 400 else { return .pass }
                var bytes = frame.payload
                bytes[bytes.count - 1 - change] ^= 1
                return .replace(bytes)
            }
            await #expect(throws: (any Error).self) { try await Buyer().notarize(with: damage.address) }
            await damage.close()
        }
        // The signature under the transcript, before anything was opened.
        let opening = try await FrameRelay(to: notary.address) { frame in
            guard frame.tag == 341 else { return .pass }
            var bytes = frame.payload
            bytes[40] ^= 1
            return .replace(bytes)
        }
        let error = await #expect(throws: MPCTLSError.self) { try await Buyer().notarize(with: opening.address) }
        #expect("\(String(describing: error))".contains("did not sign the transcript with its own key"))
        await opening.close()
        // Somebody who passes a notary's work off as its own.
        let impostor = try await FrameRelay(to: notary.address, key: [UInt8](repeating: 0x22, count: 32)) { _ in .pass }
        let other = await #expect(throws: MPCTLSError.self) { try await Buyer().notarize(with: impostor.address) }
        #expect("\(String(describing: other))".contains("did not sign the transcript with its own key"))
        await impostor.close()
        #expect(await notary.isIdle())
        await notary.close()
    }

    /// Sessions that fail half way leave no memory behind, however many there are.
    @Test func failingSessionsDoNotAddUp() async throws {
        let notary = try await TestNotary()
        func fail(_ count: Int) async {
            for _ in 0..<count {
                var buyer = Buyer()
                let connection = Mutex<(@Sendable () -> Void)?>(nil)
                buyer.didConnect = { peer in connection.withLock { $0 = { peer.close(gracefully: false) } } }
                buyer.didEnter = { phase in
                    if phase == .handshake { connection.withLock { $0 }?() }
                }
                await #expect(throws: (any Error).self) { try await buyer.notarize(with: notary.address) }
                #expect(await notary.isIdle())
            }
        }
        var used: [Int] = []
        let growth = await ProcessMemory.growth(upTo: Self.growthMax) {
            await fail(12)
            let idle = await idleByteCount()
            used.append(idle.used)
            return idle.resident
        }
        expectNothingStays(used)
        #expect(growth <= Self.growthMax, "12 more left \(growth >> 10) KB behind")
        await notary.close()
    }

    /// What allocators and runtimes may keep more, in bytes; a session that stayed would have 9 MB at least.
    private static let growthMax = 4 << 20

    /// No round leaves blocks of a session that the one before did not have: a single one would be 9 MB.
    private func expectNothingStays(_ used: [Int]) {
        #expect(used.allSatisfy { $0 > 1 << 20 }, "\(used)")
        #expect((used.max() ?? 0) - (used.first ?? 0) <= 2 << 20, "\(used)")
    }

    /// The memory of both parties, once the threads of the last session are gone.
    private func idleByteCount() async -> (resident: Int, used: Int) {
        var least = (resident: Int.max, used: Int.max)
        for _ in 0..<20 {
            try? await Task.sleep(for: .milliseconds(50))
            least.resident = min(least.resident, ProcessMemory.trimmedByteCount())
            least.used = min(least.used, ProcessMemory.usedByteCount())
        }
        return least
    }
}
