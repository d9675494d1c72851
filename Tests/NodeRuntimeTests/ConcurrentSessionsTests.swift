import Attestations
import CryptoCore
import MPCTLS
import NodeRuntime
import PartyChannel
import PeerNetworking
import PeerProtocols
import Synchronization
import Testing

/// Many sessions at a time on one notary.
@Suite(.timeLimit(.minutes(10)))
struct ConcurrentSessionsTests {
    /// All sessions that fit run, none starves, and one more is told at once that there is no room.
    @Test func thirtyTwoFinishAndOneMoreIsRefused() async throws {
        let count = 32
        let notary = try await TestNotary { $0.messageTimeout = .seconds(100) }
        let gate = Gate()
        let arrivals = Arrivals()
        let clock = ContinuousClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Duration.self) { group in
            for _ in 0..<count {
                group.addTask {
                    var buyer = Buyer()
                    buyer.didEnter = { phase in
                        // Everything that takes long is behind the sessions now; they meet, so that all are running.
                        guard phase == .handshake else { return }
                        arrivals.add(clock.now - start)
                        gate.wait()
                    }
                    let outcome = try await buyer.notarize(with: notary.address)
                    #expect(outcome.attestation.header.transcript.complete)
                    return clock.now - start
                }
            }
            let allWait = await eventually(within: .seconds(120)) { arrivals.sorted.count == count }
            #expect(allWait, "\(arrivals.sorted.count) of \(count) sessions finished their setup")
            #expect(notary.service.runningSessionCount == count)
            let refused = clock.now
            let error = await #expect(throws: ChannelError.self) { try await Buyer().notarize(with: notary.address) }
            #expect(clock.now - refused < .seconds(20))
            #expect("\(String(describing: error))".contains("busy: 32 sessions are running"))
            gate.open()
            let opened = clock.now - start
            var ends: [Duration] = []
            for try await end in group { ends.append(end) }
            #expect(ends.count == count)

            // Fair: nobody's setup took many times as long as the others', and nobody finished long after them.
            let setups = arrivals.sorted
            #expect(setups[count - 1] < setups[count / 2] * 3, "setups ended after \(setups)")
            let rests = ends.map { $0 - opened }.sorted()
            #expect(rests[count - 1] < rests[count / 2] * 3 + .seconds(1), "sessions ended after \(rests)")
        }
        #expect(await notary.isIdle())
        // The places are free again.
        _ = try await Buyer().notarize(with: notary.address)
        await notary.close()
    }

    /// A peer has a quarter of the places; another one still finds room.
    @Test func onePeerGetsNoMoreThanItsShare() async throws {
        let notary = try await TestNotary { $0.sessionCountMax = 4 }
        let host = PeerHost(identity: PeerIdentity(privateKey: try Secp256k1PrivateKey.random(SecureRandom.bytes)))
        let gate = Gate()
        let running = Gate()
        var buyer = Buyer()
        buyer.didEnter = { phase in
            guard phase == .garbling else { return }
            running.open()
            gate.wait()
        }
        let holding = buyer
        async let first = onThread { try holding.notarize(through: host, with: notary.address) }
        try await onThread { running.wait() }
        let error = await #expect(throws: ChannelError.self) {
            try await onThread { try Buyer().notarize(through: host, with: notary.address) }
        }
        #expect("\(String(describing: error))".contains("you have 1 sessions running, which is the limit for one peer"))
        _ = try await Buyer().notarize(with: notary.address)
        gate.open()
        _ = try await first
        await host.shutDown(grace: .milliseconds(200))
        await notary.close()
    }
}

/// When sessions got as far as the web server.
private final class Arrivals: Sendable {
    private let moments = Mutex<[Duration]>([])

    var sorted: [Duration] { moments.withLock { $0.sorted() } }

    func add(_ moment: Duration) { moments.withLock { $0.append(moment) } }
}
