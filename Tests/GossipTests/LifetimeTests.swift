import Gossip
import PeerProtocols
import Testing

/// What a router forgets, and when; and what it does not remember beyond a number.
struct LifetimeTests {
    private func bench(_ change: (inout GossipConfiguration) -> Void = { _ in }) throws -> RouterBench {
        var bench = try RouterBench(change)
        bench.connect(2...7)
        bench.join()
        bench.clear()
        return bench
    }

    @Test func idsAreForgottenAfterTheirLifetime() throws {
        var bench = try bench { $0.seenLifetime = .seconds(30) }
        let message = try bench.message("m", by: 4)
        let id = try bench.id(message)
        bench.receive(GossipRPC(messages: [message]), from: 2)
        bench.report(.ignore, of: id)
        #expect(bench.takeValidations() == [id])
        bench.pass(.seconds(28))
        bench.receive(GossipRPC(messages: [message]), from: 3)
        #expect(bench.takeValidations().isEmpty)
        bench.pass(.seconds(4))
        #expect(bench.router.occupancy.seenCount == 0)
        // An old message is new again: the application knows better.
        bench.receive(GossipRPC(messages: [message]), from: 3)
        #expect(bench.takeValidations() == [id])
    }

    @Test func theFanoutIsFilledUpTellsOfMessagesAndEnds() throws {
        var bench = try RouterBench {
            $0.floodsPublishing = false
            $0.fanoutLifetime = .seconds(30)
        }
        bench.connect(2...20)
        bench.clear()
        let t = bench.topic
        func recipients(_ bench: inout RouterBench, of byte: UInt8) throws -> [Int] {
            bench.clear()
            try bench.perform { try $0.publish([byte], to: t, now: $1).effects }
            return (2...20).filter { !bench.takeSent(to: $0).messages.isEmpty }
        }
        let first = try recipients(&bench, of: 1)
        #expect(first.count == 6)
        // Others hear of it with the next heartbeat.
        bench.heartbeat()
        let told = (2...20).filter { !bench.takeSent(to: $0).have.isEmpty }
        #expect(told.count >= 3 && Set(told).isDisjoint(with: first))
        // Who leaves, or falls below the publish threshold, is replaced.
        bench.router.disconnect(RouterBench.peer(first[0]).id, now: bench.now)
        bench.earn(first[1], -600)
        bench.heartbeat()
        let second = try recipients(&bench, of: 2)
        #expect(second.count == 6)
        #expect(Set(second).isDisjoint(with: first[..<2]) && Set(second).isSuperset(of: first[2...]))
        // Not published to for a while: drawn anew.
        bench.pass(.seconds(31))
        bench.heartbeat()
        let draws = try (3..<6 as Range<UInt8>).map { byte in
            bench.pass(.seconds(31))
            return try recipients(&bench, of: byte)
        }
        #expect(draws.contains { $0 != second })
        #expect(draws.allSatisfy { $0.count == 6 })
    }

    @Test func promisesBeyondTheNumberAreNotFollowed() throws {
        var bench = try bench {
            $0.promiseCountMax = 3
            $0.scoring.behaviourThreshold = 0
        }
        for number in 2...7 {
            let bogus = GossipTests.id("bogus \(number)")
            bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: [bogus])]), from: number)
        }
        #expect(bench.router.occupancy.promiseCount == 3)
        bench.pass(.seconds(5))
        #expect(bench.router.statistics.promisesBroken == 3)
        #expect(bench.router.occupancy.promiseCount == 0)
    }

    @Test func strangersToTheMeshHaveNoBackoffs() throws {
        var bench = try bench()
        bench.connect(8...30)
        for number in 8...30 where !bench.inMesh(number) {
            bench.receive(GossipRPC(prune: [.init(topic: bench.topic, backoffSeconds: 3_600)]), from: number)
        }
        #expect(bench.router.occupancy.backoffCount == 0)
        bench.receive(GossipRPC(prune: [.init(topic: bench.topic)]), from: 2)
        #expect(bench.router.occupancy.backoffCount == 1)
    }

    @Test func backoffsBeyondTheNumberReplaceThoseThatEndFirst() throws {
        var bench = try bench { $0.backoffCountMax = 4 }
        for number in 2...7 {
            let prune = GossipRPC.Prune(topic: bench.topic, backoffSeconds: 60 + UInt64(number))
            bench.receive(GossipRPC(prune: [prune]), from: number)
        }
        #expect(bench.router.occupancy.backoffCount == 4)
        bench.clear()
        // Those whose backoff was forgotten may be grafted, the others not.
        bench.heartbeat(3)
        let grafted = (2...7).filter { !bench.takeSent(to: $0).graft.isEmpty }
        #expect(grafted == [2, 3])
    }
}
