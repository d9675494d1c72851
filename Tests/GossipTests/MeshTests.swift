import Gossip
import PeerProtocols
import Testing

struct MeshTests {
    @Test func newPeersHearOfAllTopics() throws {
        var bench = try RouterBench()
        bench.join()
        bench.connect(2...2)
        #expect(bench.takeSent(to: 2).subscriptions == [.init(topic: bench.topic, isJoined: true)])
        let other = topic("another")
        bench.perform { $0.join(other, now: $1) }
        bench.perform { $0.join(other, now: $1) }
        #expect(bench.takeSent(to: 2).subscriptions == [.init(topic: other, isJoined: true)])
        bench.perform { $0.leave(other, now: $1) }
        #expect(bench.takeSent(to: 2).subscriptions == [.init(topic: other, isJoined: false)])
    }

    @Test func joiningGraftsUpToD() throws {
        var bench = try RouterBench()
        bench.connect(2...21)
        bench.clear()
        bench.join()
        #expect(bench.mesh.count == 6)
        for number in 2...21 {
            #expect(bench.takeSent(to: number).graft == (bench.inMesh(number) ? [bench.topic] : []))
        }
    }

    @Test func aThinMeshIsFilledAndAThickOneThinned() throws {
        var bench = try RouterBench()
        bench.join()
        bench.connect(2...5)
        bench.heartbeat()
        #expect(bench.mesh.count == 4)
        bench.connect(6...30)
        bench.heartbeat()
        #expect(bench.mesh.count == 6)
        for number in 2...30 { bench.receive(GossipRPC(graft: [bench.topic]), from: number) }
        #expect(bench.mesh.count == 12)
        bench.connect(31...40, isOutbound: true)
        for number in 31...40 { bench.receive(GossipRPC(graft: [bench.topic]), from: number) }
        #expect(bench.mesh.count == 22)
        bench.clear()
        bench.heartbeat()
        #expect(bench.mesh.count == 6)
        let pruned = (2...40).filter { !bench.takeSent(to: $0).prune.isEmpty }
        #expect(pruned.count == 16)
    }

    @Test func thinningKeepsTheBestAndEnoughOutbound() throws {
        var bench = try RouterBench()
        bench.join()
        bench.connect(2...13)
        bench.connect(14...15, isOutbound: true)
        for number in 2...15 { bench.receive(GossipRPC(graft: [bench.topic]), from: number) }
        for number in 2...5 { bench.earn(number, 50) }
        #expect(bench.mesh.count == 14)
        bench.heartbeat()
        #expect(bench.mesh.count == 6)
        for number in [2, 3, 4, 5, 14, 15] { #expect(bench.inMesh(number)) }
    }

    @Test func outboundLinksAreAddedToAFullMesh() throws {
        var bench = try RouterBench()
        bench.join()
        bench.connect(2...7)
        bench.heartbeat()
        #expect(bench.mesh.count == 6)
        bench.connect(8...20)
        bench.connect(21...25, isOutbound: true)
        bench.heartbeat()
        #expect((21...25).filter { bench.inMesh($0) }.count == 2)
        #expect(bench.mesh.count == 8)
    }

    @Test func graftsAreRefusedForScoreAndSize() throws {
        var bench = try RouterBench()
        bench.join()
        bench.connect(2...2)
        bench.earn(2, -1)
        bench.clear()
        bench.receive(GossipRPC(graft: [bench.topic]), from: 2)
        let answer = bench.takeSent(to: 2)
        #expect(answer.prune == [.init(topic: bench.topic, backoffSeconds: 60)])
        #expect(!bench.inMesh(2))
        // A GRAFT for a topic that is not joined is not answered.
        bench.receive(GossipRPC(graft: [topic("unknown")]), from: 2)
        #expect(bench.takeSent(to: 2).isEmpty)
    }

    @Test func badScoresLeaveTheMesh() throws {
        var bench = try RouterBench()
        bench.join()
        bench.connect(2...7)
        bench.heartbeat()
        bench.earn(3, -0.5)
        bench.clear()
        bench.heartbeat()
        #expect(!bench.inMesh(3))
        let prune = try #require(bench.takeSent(to: 3).prune.first)
        #expect(prune.peers.isEmpty && prune.backoffSeconds == 60)
    }

    @Test func backoffsOfAPrunedLinkAreRespected() throws {
        var bench = try RouterBench()
        bench.join()
        bench.connect(2...2)
        bench.heartbeat()
        #expect(bench.inMesh(2))
        bench.receive(GossipRPC(prune: [.init(topic: bench.topic, backoffSeconds: 30)]), from: 2)
        #expect(!bench.inMesh(2))
        bench.clear()
        bench.pass(.seconds(30))
        #expect(bench.takeSent(to: 2).graft.isEmpty)
        bench.pass(.seconds(20))
        #expect(bench.inMesh(2))
        // A peer cannot make it last for ever, nor shorten it by reconnecting.
        bench.receive(GossipRPC(prune: [.init(topic: bench.topic, backoffSeconds: .max >> 2)]), from: 2)
        bench.router.disconnect(RouterBench.peer(2).id, now: bench.now)
        bench.connect(2...2)
        bench.clear()
        bench.pass(.seconds(3_500))
        #expect(!bench.inMesh(2))
        bench.pass(.seconds(150))
        #expect(bench.inMesh(2))
    }

    @Test func graftsDuringBackoffCostScoreAndExtendIt() throws {
        var bench = try RouterBench()
        bench.join()
        bench.connect(2...2)
        bench.receive(GossipRPC(graft: [bench.topic]), from: 2)
        bench.earn(2, -1)
        bench.heartbeat()
        bench.earn(2, 0)
        #expect(!bench.inMesh(2))
        bench.clear()
        // Each costs 2 within the first ten seconds, 1 later; 6 are free, the rest counts squared, ten times.
        for _ in 0..<10 { bench.receive(GossipRPC(graft: [bench.topic]), from: 2) }
        #expect(bench.takeSent(to: 2).prune.count == 9)
        #expect(bench.score(2) == -1_440 && bench.router.isGraylisted(RouterBench.peer(2).id))
        // The honest peer that waits is taken back.
        var patient = try RouterBench()
        patient.join()
        patient.connect(2...2)
        patient.receive(GossipRPC(graft: [patient.topic]), from: 2)
        patient.earn(2, -1)
        patient.heartbeat()
        patient.earn(2, 0)
        patient.pass(.seconds(61))
        patient.receive(GossipRPC(graft: [patient.topic]), from: 2)
        #expect(patient.inMesh(2) && patient.score(2) >= 0)
    }

    @Test func leavingATopicPrunesWithAShortBackoff() throws {
        var bench = try RouterBench()
        bench.connect(2...7)
        bench.join()
        bench.clear()
        let t = bench.topic
        bench.perform { $0.leave(t, now: $1) }
        for number in 2...7 {
            let sent = bench.takeSent(to: number)
            #expect(sent.prune == [.init(topic: t, backoffSeconds: 10)])
            #expect(sent.subscriptions == [.init(topic: t, isJoined: false)])
        }
        #expect(bench.router.mesh(of: t) == nil)
        bench.join()
        #expect(bench.mesh.isEmpty)
        bench.pass(.seconds(30))
        #expect(bench.mesh.count == 6)
    }

    @Test func peersThatLeaveLeaveTheMesh() throws {
        var bench = try RouterBench()
        bench.connect(2...4)
        bench.join()
        bench.receive(GossipRPC(subscriptions: [.init(topic: bench.topic, isJoined: false)]), from: 2)
        bench.router.disconnect(RouterBench.peer(3).id, now: bench.now)
        #expect(bench.mesh == [RouterBench.peer(4).id])
        #expect(bench.router.peers(of: bench.topic) == [RouterBench.peer(4).id])
        #expect(bench.router.connectedPeers == [RouterBench.peer(2).id, RouterBench.peer(4).id])
    }

    @Test func poorMeshesTakeInBetterPeers() throws {
        var bench = try RouterBench {
            $0.opportunisticGraftTicks = 5
            $0.scoring.topics = [:]
        }
        bench.connect(2...7)
        bench.join()
        bench.connect(8...20)
        bench.connect(21...22, isOutbound: true)
        bench.heartbeat()
        for number in 8...20 { bench.earn(number, number <= 10 ? 1 : 0) }
        bench.heartbeat(3)
        #expect((8...20).allSatisfy { !bench.inMesh($0) })
        bench.heartbeat()
        #expect((8...10).filter { bench.inMesh($0) }.count == 2)
        #expect((11...20).allSatisfy { !bench.inMesh($0) })
        #expect(bench.router.statistics.opportunisticGrafts == 2)
        // A good mesh is left alone.
        for number in 2...22 { bench.earn(number, 10) }
        bench.earn(11, 90)
        bench.heartbeat(10)
        #expect(!bench.inMesh(11))
    }

    @Test func prunedPeersAreToldOfOthers() throws {
        var bench = try RouterBench()
        bench.join()
        bench.connect(2...25)
        for number in 2...13 { bench.receive(GossipRPC(graft: [bench.topic]), from: number) }
        bench.earn(20, -1)
        bench.router.setSignedRecord([1, 2, 3], of: RouterBench.peer(21).id)
        bench.clear()
        var told: Set<PeerID> = []
        for number in 14...19 {
            bench.receive(GossipRPC(graft: [bench.topic]), from: number)
            let prune = try #require(bench.takeSent(to: number).prune.first)
            #expect(prune.peers.count == 16)
            #expect(!prune.peers.contains { $0.id == RouterBench.peer(number).id })
            told.formUnion(prune.peers.map(\.id))
            for peer in prune.peers {
                #expect(peer.signedRecord == (peer.id == RouterBench.peer(21).id ? [1, 2, 3] : nil))
            }
        }
        #expect(!told.contains(RouterBench.peer(20).id))
    }

    @Test func recommendationsCountOnlyFromGoodMeshPeers() throws {
        var bench = try RouterBench()
        bench.connect(2...5)
        bench.join()
        bench.clear()
        let strangers = (100..<140).map { GossipRPC.ExchangedPeer(id: RouterBench.peer($0).id, signedRecord: [9]) }
        let known = GossipRPC.ExchangedPeer(id: RouterBench.peer(5).id)
        let prune = GossipRPC.Prune(topic: bench.topic, peers: [known] + strangers, backoffSeconds: 60)
        bench.receive(GossipRPC(prune: [prune]), from: 2)
        #expect(bench.takeOthers().isEmpty)
        bench.earn(3, 20)
        bench.receive(GossipRPC(prune: [prune]), from: 3)
        let connects = bench.takeOthers()
        #expect(connects.count == 16)
        #expect(!connects.contains(.connect(RouterBench.peer(5).id, signedRecord: nil)))
        // The link is gone, so a second recommendation counts nothing.
        bench.receive(GossipRPC(prune: [prune]), from: 3)
        #expect(bench.takeOthers().isEmpty)
    }

    @Test func directPeersGetEverythingAndStandOutsideTheMesh() throws {
        var bench = try RouterBench { $0.directPeers = [RouterBench.peer(2).id, RouterBench.peer(3).id] }
        bench.join()
        bench.connect(2...2)
        bench.connect(4...4)
        bench.heartbeat()
        #expect(bench.mesh == [RouterBench.peer(4).id])
        #expect(bench.takeOthers() == [.connect(RouterBench.peer(3).id, signedRecord: nil)])
        bench.receive(GossipRPC(graft: [bench.topic]), from: 2)
        #expect(!bench.takeSent(to: 2).prune.isEmpty)
        bench.earn(2, -10_000)
        let message = try bench.message("m", by: 4)
        bench.receive(GossipRPC(messages: [message]), from: 4)
        bench.report(.accept, of: try bench.id(message))
        #expect(bench.takeSent(to: 2).messages == [message])
    }

    @Test func manyPeersOfOneAddressDoNotEnterTheMesh() throws {
        for isExempt in [false, true] {
            var bench = try RouterBench {
                $0.scoring.isLoopbackExempt = isExempt
                $0.meshDegreeMax = 40
            }
            bench.join()
            let group = AddressGroup(try #require(IPv4Address("127.0.0.1")))
            for number in 2...30 {
                let id = RouterBench.peer(number).id
                bench.perform { $0.connect(id, version: .v1_2, isOutbound: false, group: group, now: $1) }
                bench.receive(GossipRPC(subscriptions: [.init(topic: bench.topic, isJoined: true)]), from: number)
                bench.receive(GossipRPC(graft: [bench.topic]), from: number)
            }
            bench.heartbeat()
            #expect(bench.mesh.count == (isExempt ? 29 : 0))
            #expect(bench.router.isGraylisted(RouterBench.peer(2).id) != isExempt)
        }
    }

    @Test func wrongParametersAreRefused() {
        #expect(throws: GossipConfigurationError.meshDegrees) { try RouterBench { $0.meshDegreeMin = 7 } }
        #expect(throws: GossipConfigurationError.meshDegrees) { try RouterBench { $0.meshDegreeOutbound = 4 } }
        #expect(throws: GossipConfigurationError.times) { try RouterBench { $0.historyGossip = 6 } }
        #expect(throws: GossipConfigurationError.limits) { try RouterBench { $0.messageByteCountMax = 1 << 20 } }
        #expect(throws: GossipConfigurationError.scores) { try RouterBench { $0.thresholds.publish = -1 } }
        #expect(throws: GossipConfigurationError.scores) { try RouterBench { $0.scoring.behaviourWeight = 1 } }
    }
}
