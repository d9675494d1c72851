import Gossip
import PeerProtocols
import Testing

struct GossipExchangeTests {
    /// A bench whose mesh is full, so that further peers only gossip.
    private func bench(_ change: (inout GossipConfiguration) -> Void = { _ in }) throws -> RouterBench {
        var bench = try RouterBench(change)
        bench.connect(2...7)
        bench.join()
        bench.connect(8...13)
        bench.clear()
        return bench
    }

    private func ids(_ range: Range<Int>) -> [MessageID] { range.map { id("id \($0)") } }

    @Test func whatIsAdvertisedAndUnknownIsAskedForAndServed() throws {
        var bench = try bench()
        let message = try bench.message("m", by: 4)
        let known = try bench.id(message)
        bench.receive(GossipRPC(messages: [message]), from: 2)
        bench.report(.accept, of: known)
        bench.clear()
        bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: [known, id("new"), id("new")])]), from: 8)
        #expect(bench.takeSent(to: 8).want == [id("new")])
        // For topics that are not joined, nothing is asked for.
        bench.receive(GossipRPC(have: [.init(topic: topic("foreign"), ids: [id("other")])]), from: 8)
        #expect(bench.takeSent(to: 8).isEmpty)
        bench.receive(GossipRPC(want: [known, known, id("unknown")]), from: 9)
        #expect(bench.takeSent(to: 9).messages == [message])
    }

    @Test func recentMessagesAreAdvertisedToPeersOutsideTheMesh() throws {
        var bench = try bench { $0.floodsPublishing = false }
        bench.connect(14...60)
        bench.earn(20, -101)
        bench.clear()
        let t = bench.topic
        try bench.perform { try $0.publish([1], to: t, now: $1).effects }
        bench.clear()
        var told: [Int: Int] = [:]
        for _ in 0..<5 {
            bench.heartbeat()
            for number in 2...60 {
                let count = bench.takeSent(to: number).have.flatMap(\.ids).count
                if count > 0 { told[number, default: 0] += 1 }
                #expect(count <= 1)
            }
        }
        // A quarter of the 52 others with a good score, three times; then it is no longer advertised.
        #expect(told.values.reduce(0, +) == 39)
        for number in told.keys { #expect(!bench.inMesh(number) && number != 20) }
    }

    @Test func servingIsBoundedForEachPeerAndCostsWhoeverAsksForMore() throws {
        var bench = try bench()
        let t = bench.topic
        try bench.perform { try $0.publish([1], to: t, now: $1).effects }
        let id = try #require(MessageID(RouterBench.peer(1).id.bytes + [0, 0, 0, 0, 0, 0, 3, 0xe8]))
        bench.clear()
        for _ in 0..<3 {
            bench.receive(GossipRPC(want: [id]), from: 8)
            #expect(bench.takeSent(to: 8).messages.count == 1)
        }
        for _ in 0..<10 {
            bench.receive(GossipRPC(want: [id]), from: 8)
            #expect(bench.takeSent(to: 8).isEmpty)
        }
        #expect(bench.router.statistics.excesses == 1)
        bench.receive(GossipRPC(want: [id]), from: 9)
        #expect(bench.takeSent(to: 9).messages.count == 1)
    }

    @Test func advertisementsAreBounded() throws {
        var bench = try bench {
            $0.advertisementCountMax = 4
            $0.advertisedIDCountMax = 100
            $0.scoring.behaviourThreshold = 0
        }
        // More ids than may be asked for.
        bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: ids(0..<1_000))]), from: 8)
        #expect(bench.takeSent(to: 8).want.count == 100)
        #expect(bench.score(8) == -10)
        bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: ids(1_000..<1_010))]), from: 8)
        #expect(bench.takeSent(to: 8).isEmpty)
        // More RPCs than are looked at.
        for round in 0..<10 {
            bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: [id("r\(round)")])]), from: 9)
        }
        #expect(bench.takeSent(to: 9).want.count == 4)
        #expect(bench.score(9) == -10)
        // The next heartbeat begins anew.
        bench.heartbeat()
        bench.clear()
        bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: [id("later")])]), from: 9)
        #expect(bench.takeSent(to: 9).want.count == 1)
    }

    @Test func brokenPromisesCostScoreAndKeptOnesDoNot() throws {
        var bench = try bench { $0.scoring.behaviourThreshold = 0 }
        let message = try bench.message("m", by: 4)
        let real = try bench.id(message)
        bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: [real])]), from: 8)
        bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: [real])]), from: 9)
        bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: [id("bogus")])]), from: 10)
        bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: ids(0..<50))]), from: 11)
        #expect(bench.router.occupancy.promiseCount == 4)
        bench.pass(.seconds(2))
        // From anyone at all.
        bench.receive(GossipRPC(messages: [message]), from: 2)
        #expect(bench.router.occupancy.promiseCount == 2)
        bench.pass(.seconds(3))
        #expect(bench.score(8) == 0 && bench.score(9) == 0)
        #expect(bench.score(10) < 0 && bench.score(11) < 0)
        #expect(bench.router.statistics.promisesBroken == 2)
        #expect(bench.router.occupancy.promiseCount == 0)
    }

    @Test func promisesThatThisSideMadeUselessCostNothing() throws {
        var bench = try bench {
            $0.scoring.behaviourThreshold = 0
            $0.pendingCountMax = 1
        }
        let blocking = try bench.message("waits", by: 4)
        bench.receive(GossipRPC(messages: [blocking]), from: 2)
        let dropped = try bench.message("dropped", by: 4, sequenceNumber: 2)
        let own = try bench.message("from before a restart", by: 1, sequenceNumber: 3)
        for (number, message) in [(8, dropped), (9, own)] {
            bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: [try bench.id(message)])]), from: number)
            bench.receive(GossipRPC(messages: [message]), from: number)
        }
        bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: [id("of a topic that is left")])]), from: 10)
        #expect(bench.router.occupancy.promiseCount == 1)
        let t = bench.topic
        bench.perform { $0.leave(t, now: $1) }
        bench.pass(.seconds(5))
        for number in 8...10 { #expect(bench.score(number) == 0) }
        #expect(bench.router.statistics.promisesBroken == 0)
    }

    @Test func bogusAdvertisementsEndWithTheGraylist() throws {
        var bench = try bench()
        var heartbeats = 0
        while !bench.router.isGraylisted(RouterBench.peer(8).id), heartbeats < 20 {
            for part in 0..<10 {
                let bogus = ids(1_000 * heartbeats + 10 * part..<1_000 * heartbeats + 10 * part + 10)
                bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: bogus)]), from: 8)
            }
            bench.heartbeat()
            heartbeats += 1
        }
        #expect(heartbeats <= 6)
        #expect(bench.router.isGraylisted(RouterBench.peer(8).id))
    }

    @Test func promisesOfWhoeverLeavesAreKeptInMind() throws {
        var bench = try bench { $0.scoring.behaviourThreshold = 0 }
        bench.receive(GossipRPC(have: [.init(topic: bench.topic, ids: [id("bogus")])]), from: 8)
        bench.receive(GossipRPC(graft: [bench.topic]), from: 8)
        bench.earn(8, -1)
        bench.router.disconnect(RouterBench.peer(8).id, now: bench.now)
        bench.pass(.seconds(4))
        bench.connect(8...8)
        #expect(bench.score(8) == -10)
    }

    @Test func gossipOfBadPeersIsIgnored() throws {
        var bench = try bench()
        let t = bench.topic
        try bench.perform { try $0.publish([1], to: t, now: $1).effects }
        let id = try #require(MessageID(RouterBench.peer(1).id.bytes + [0, 0, 0, 0, 0, 0, 3, 0xe8]))
        bench.earn(8, -101)
        bench.clear()
        bench.receive(GossipRPC(have: [.init(topic: t, ids: [GossipTests.id("x")])], want: [id]), from: 8)
        bench.heartbeat()
        #expect(bench.takeSent(to: 8).isEmpty)
    }

    @Test func largeMessagesAreAnnouncedBeforeTheyAreValidated() throws {
        var bench = try RouterBench()
        bench.connect(2...4)
        bench.connect(5...6, version: .v1_1)
        bench.join()
        bench.clear()
        let large = try bench.message("large", by: 9, byteCount: 1_024)
        let small = try bench.message("small", by: 9, sequenceNumber: 2)
        bench.receive(GossipRPC(messages: [small]), from: 2)
        for number in 2...6 { #expect(bench.takeSent(to: number).isEmpty) }
        bench.clear()
        bench.perform { $0.receive(GossipRPC(messages: [large]), from: RouterBench.peer(2).id, now: $1) }
        guard case .validate = bench.effects.last else {
            Issue.record("the announcements must come first")
            return
        }
        for number in 2...6 {
            #expect(bench.takeSent(to: number).unwanted == (number == 3 || number == 4 ? [try bench.id(large)] : []))
        }
    }

    @Test func unwantedMessagesAreNotSentForSomeHeartbeats() throws {
        var bench = try bench()
        let message = try bench.message("m", by: 9, byteCount: 2_000)
        let late = try bench.message("late", by: 9, sequenceNumber: 2, byteCount: 2_000)
        for number in 2...3 {
            bench.receive(GossipRPC(unwanted: [try bench.id(message), try bench.id(late)]), from: number)
        }
        bench.receive(GossipRPC(messages: [message]), from: 4)
        bench.report(.accept, of: try bench.id(message))
        for number in 2...7 { #expect(bench.takeSent(to: number).messages.count == (number >= 5 ? 1 : 0)) }
        #expect(bench.router.statistics.sendsSuppressed == 2)
        bench.heartbeat(3)
        bench.clear()
        bench.receive(GossipRPC(messages: [late]), from: 4)
        bench.report(.accept, of: try bench.id(late))
        for number in 2...7 { #expect(bench.takeSent(to: number).messages.count == (number == 4 ? 0 : 1)) }
    }

    @Test func floodsOfControlEntriesAreBoundedAndCostScore() throws {
        for (name, flood) in [
            ("unwanted", GossipRPC(unwanted: ids(0..<3_000))),
            ("want", GossipRPC(want: ids(0..<9_000))),
            ("graft", GossipRPC(graft: [GossipTopic](repeating: topic("unknown"), count: 200))),
            ("prune", GossipRPC(prune: [GossipRPC.Prune](repeating: .init(topic: topic("t")), count: 200))),
            ("join", GossipRPC(subscriptions: (0..<200).map { .init(topic: topic("\($0)"), isJoined: true) })),
            (
                "join and leave",
                GossipRPC(subscriptions: (0..<900).map { .init(topic: topic("x"), isJoined: $0.isMultiple(of: 2)) })
            ),
        ] {
            var bench = try bench()
            for round in 1...20 {
                bench.receive(flood, from: 8)
                // Once a heartbeat for each kind of limit.
                bench.receive(flood, from: 8)
                bench.heartbeat()
                let score = bench.score(8)
                if round <= 6 { #expect(score == 0, "\(name)") }
            }
            // Requests are ignored from the gossip threshold on, so they do not lead to the graylist.
            let score = bench.score(8)
            let ignored = bench.router.statistics.rpcsGraylisted
            if name == "want" {
                #expect(score < -100, "\(name)")
            } else {
                #expect(score < -1_000 && ignored > 0, "\(name)")
            }
            for number in 9...13 {
                let score = bench.score(number)
                #expect(score >= 0, "\(name)")
            }
        }
    }

    @Test func olderPeersCannotSayWhatTheyDoNotWant() throws {
        var bench = try RouterBench()
        bench.connect(2...3, version: .v1_1)
        bench.join()
        bench.clear()
        let message = try bench.message("m", by: 9)
        bench.receive(GossipRPC(unwanted: [try bench.id(message)]), from: 2)
        bench.receive(GossipRPC(messages: [message]), from: 3)
        bench.report(.accept, of: try bench.id(message))
        #expect(bench.takeSent(to: 2).messages.count == 1)
    }

    @Test func brokenStreamsCostScoreAndTheConnection() throws {
        var bench = try bench()
        for _ in 0..<2 { bench.perform { $0.reportMalformedStream(of: RouterBench.peer(8).id, now: $1) } }
        #expect(
            bench.takeOthers() == [.disconnect(RouterBench.peer(8).id, .malformed)] + [
                .disconnect(RouterBench.peer(8).id, .malformed)
            ]
        )
        #expect(bench.router.isGraylisted(RouterBench.peer(8).id))
    }
}
