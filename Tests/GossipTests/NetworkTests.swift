import Gossip
import PeerProtocols
import Testing

struct NetworkTests {
    private func network(_ count: Int = 50, seed: UInt64 = 1) throws -> VirtualNetwork {
        var network = try VirtualNetwork(count, seed: seed)
        network.connectRandomly(dials: 8)
        network.pass(.seconds(10))
        return network
    }

    @Test func everyMessageReachesEveryNodeSoon() throws {
        var network = try network()
        network.encodes = true
        var ids: [(MessageID, MonotonicInstant)] = []
        for round in 0..<20 {
            ids.append((try network.publish("message \(round)", at: round * 7 % 50), network.now))
            network.pass(.milliseconds(300))
        }
        network.pass(.seconds(2))
        for (id, published) in ids {
            #expect(network.delivery(of: id, to: network.honest) == 1)
            for node in network.honest {
                let arrival = try #require(network.arrivals[node][id])
                #expect(arrival <= published.advanced(by: .milliseconds(800)))
            }
        }
        let duplicates = Double(network.sum(\.duplicates)) / Double(20 * 49)
        #expect(duplicates <= 8)
        #expect(network.sum(\.accepted) == 20 * 49)
        #expect(network.garbledCount == 0)
        for node in network.honest {
            for peer in network.neighbours(of: node) { #expect(network.routers[node].score(of: network.id(peer)) >= 0) }
        }
    }

    @Test func meshesStayWithinTheirBoundsAndAgree() throws {
        var network = try network()
        for _ in 0..<20 {
            network.pass(.seconds(3))
            for node in network.honest {
                let mesh = try #require(network.routers[node].mesh(of: network.topic))
                // D_hi holds after each heartbeat; outbound peers may graft in between.
                #expect((5...16).contains(mesh.count))
            }
        }
        network.pass(.milliseconds(500))
        var oneSided = 0
        for node in network.honest {
            for peer in network.neighbours(of: node) {
                let here = network.routers[node].mesh(of: network.topic)?.contains(network.id(peer)) ?? false
                let there = network.routers[peer].mesh(of: network.topic)?.contains(network.id(node)) ?? false
                if here != there { oneSided += 1 }
            }
        }
        #expect(oneSided <= 4)
    }

    @Test func aHealedPartitionIsOneNetworkAgain() throws {
        var network = try network()
        let (left, right) = (Array(0..<25), Array(25..<50))
        var cut: [(Int, Int)] = []
        for node in left {
            for other in network.neighbours(of: node) where other >= 25 {
                network.disconnect(node, other)
                cut.append((node, other))
            }
        }
        network.pass(.seconds(5))
        let during = try network.publish("left only", at: 3)
        network.pass(.seconds(3))
        #expect(network.delivery(of: during, to: left) == 1)
        #expect(network.delivery(of: during, to: right) == 0)
        let last = try network.publish("just before healing", at: 4)
        network.pass(.milliseconds(500))
        for (node, other) in cut { network.connect(node, to: other) }
        network.pass(.seconds(6))
        // What was published within the history crosses by IHAVE and IWANT, later messages by the mesh or gossip.
        #expect(network.delivery(of: last, to: right) >= 0.9)
        let after = try network.publish("after", at: 30)
        network.pass(.seconds(5))
        #expect(network.delivery(of: after, to: network.honest) == 1)
    }

    @Test func nodesThatLeaveAreReplacedInTheMesh() throws {
        var network = try network()
        for node in 0..<15 {
            for other in network.neighbours(of: node) { network.disconnect(node, other) }
        }
        network.pass(.seconds(3))
        let id = try network.publish("survivors", at: 20)
        network.pass(.seconds(2))
        #expect(network.delivery(of: id, to: Array(15..<50)) == 1)
        for node in 15..<50 {
            let degree = network.routers[node].mesh(of: network.topic)?.count ?? 0
            #expect(degree >= min(5, network.neighbours(of: node).count))
        }
    }

    @Test func unwantedAnnouncementsReduceDuplicatesOfLargeMessages() throws {
        var duplicates: [GossipVersion: Int] = [:]
        var bytes: [GossipVersion: Int] = [:]
        for version in GossipVersion.allCases {
            var network = try VirtualNetwork(50, seed: 5)
            network.bytesPerSecond = 1_000_000
            network.connectRandomly(dials: 8, version: version)
            network.pass(.seconds(10))
            let before = network.byteCount
            for round in 0..<10 {
                let id = try network.publish("large \(round)", at: round, byteCount: 20_000)
                network.pass(.seconds(3))
                #expect(network.delivery(of: id, to: network.honest) == 1)
            }
            duplicates[version] = network.sum(\.duplicates)
            bytes[version] = network.byteCount - before
        }
        let (old, new) = (try #require(duplicates[.v1_1]), try #require(duplicates[.v1_2]))
        #expect(Double(new) < 0.9 * Double(old))
        #expect(try #require(bytes[.v1_2]) < (try #require(bytes[.v1_1])))
    }

    @Test func messagesOfAllSizesArrive() throws {
        var network = try VirtualNetwork(12, seed: 6)
        network.connectRandomly(dials: 4)
        network.pass(.seconds(3))
        for byteCount in [0, 100, 1_024, 65_536, 900_000, 999_000] {
            let id = try network.publish("size \(byteCount)", at: byteCount % 12, byteCount: byteCount)
            network.pass(.seconds(2))
            #expect(network.delivery(of: id, to: network.honest) == 1)
        }
    }

    @Test func gossipAloneBringsMessages() throws {
        // Nobody has a mesh and nobody floods: all there is are IHAVE and IWANT.
        var network = try VirtualNetwork(20, seed: 7) { configuration, _ in
            configuration.meshDegree = 0
            configuration.meshDegreeMin = 0
            configuration.meshDegreeMax = 0
            configuration.meshDegreeByScore = 0
            configuration.meshDegreeOutbound = 0
            configuration.floodsPublishing = false
        }
        network.connectRandomly(dials: 8)
        network.pass(.seconds(3))
        let id = try network.publish("by hearsay", at: 0)
        network.pass(.milliseconds(100))
        #expect(network.delivery(of: id, to: network.honest) < 0.1)
        network.pass(.seconds(15))
        #expect(network.delivery(of: id, to: network.honest) == 1)
        #expect(network.sum(\.grafts) == 0 && network.sum(\.requestsServed) >= 19)
    }

    @Test func spammersAreGraylistedAndDoNotStopDelivery() throws {
        // 30 % of the nodes graft whenever they can, forward nothing and send forgeries.
        let spammers = Array(35..<50)
        var network = try VirtualNetwork(
            50,
            adversaries: Dictionary(uniqueKeysWithValues: spammers.map { ($0, { _, _ in [] }) }),
            seed: 3
        )
        network.connectRandomly(dials: 8)
        network.pass(.seconds(2))
        var ids: [MessageID] = []
        for round in 0..<20 as Range<UInt64> {
            for spammer in spammers {
                let author = network.identityOf(spammer)
                let forgery = GossipMessage(
                    topic: network.topic,
                    data: [1],
                    source: author.id,
                    sequenceNumber: round,
                    signature: [0x30, 6, 2, 1, 1, 2, 1, 1]
                )
                for victim in network.neighbours(of: spammer) {
                    network.send(GossipRPC(messages: [forgery], graft: [network.topic]), from: spammer, to: victim)
                }
            }
            ids.append(try network.publish("honest \(round)", at: Int(round)))
            network.pass(.seconds(1))
        }
        network.pass(.seconds(5))
        for id in ids { #expect(network.delivery(of: id, to: network.honest) == 1) }
        for node in network.honest {
            for peer in network.neighbours(of: node) {
                if spammers.contains(peer) {
                    #expect(network.routers[node].isGraylisted(network.id(peer)))
                    #expect(network.routers[node].mesh(of: network.topic)?.contains(network.id(peer)) == false)
                } else {
                    #expect(network.routers[node].score(of: network.id(peer)) >= 0)
                }
            }
        }
    }

    @Test func invalidContentIsNotForwardedAndCostsItsAuthor() throws {
        let cheat = 49
        var network = try VirtualNetwork(50, adversaries: [cheat: { _, _ in [] }], seed: 8)
        network.connectRandomly(dials: 8)
        network.verdict = { $0.data.first == 0x21 ? .reject : .accept }
        network.pass(.seconds(3))
        let victims = network.neighbours(of: cheat)
        for number in 0..<5 as Range<UInt64> {
            let message = try #require(
                MessageSigning.sign(
                    [0x21],
                    topic: network.topic,
                    sequenceNumber: number,
                    author: network.identityOf(cheat)
                )
            )
            for victim in victims { network.send(GossipRPC(messages: [message]), from: cheat, to: victim) }
            network.pass(.seconds(1))
        }
        #expect(network.sum(\.rejected) >= 4 * victims.count)
        for node in network.honest {
            #expect(network.routers[node].isGraylisted(network.id(cheat)) == victims.contains(node))
            if !victims.contains(node) { #expect(network.routers[node].statistics.rejected == 0) }
        }
    }

    @Test func aRunCanBeRepeated() throws {
        func trace(_ seed: UInt64) throws -> (UInt64, Int) {
            var network = try VirtualNetwork(20, seed: seed)
            network.connectRandomly(dials: 5)
            for round in 0..<10 {
                _ = try network.publish("m\(round)", at: round, byteCount: round * 300)
                network.pass(.milliseconds(700))
            }
            return (network.trace, network.byteCount)
        }
        let (first, second, other) = (try trace(4), try trace(4), try trace(5))
        #expect(first == second)
        #expect(first != other)
    }
}
