import CryptoCore
import Discovery
import PeerProtocols
import Testing

/// Honest nodes among nodes that lie, that vanish, and that crowd.
struct AdversaryTests {
    /// Peers that an attacker invented near a key: the nearest of many ids, each at an address in a network of its own
    /// that answers for it.
    private func inventions(near key: KademliaKey, count: Int, of tries: UInt64, salt: UInt64) -> [KademliaMessage.Peer]
    {
        let nearest = (0..<tries).map { peer($0, salt: salt) }
            .map { (id: $0, distance: KademliaKey($0).distance(to: key)) }
            .sorted { $0.distance < $1.distance }.prefix(count)
        return nearest.enumerated().map { index, invention in
            let place = endpoint("/ip4/\(60 + index / 250).\(index % 250).6.6/tcp/666")
            return KademliaMessage.Peer(id: invention.id, endpoints: [place])
        }
    }

    /// The share of lookups that found their peer, and the mean of contacts, when 30 % of the nodes lie.
    private func lookups(_ count: Int, seed: UInt64, answering: Bool) throws -> (found: Int, contacts: Double) {
        var network = try NetworkTests.grown(300, seed: seed)
        var random = BlockPRG(seed: Block(seed, 31))
        let liars = Set((3..<300).shuffled(using: &random).prefix(90))
        let honest = network.nodes.indices.filter { !liars.contains($0) }
        var found = 0
        var contacts = 0
        var rounds = 0
        while rounds < count {
            let from = honest[Int.random(in: honest.indices, using: &random)]
            let to = honest[Int.random(in: honest.indices, using: &random)]
            let target = network.nodes[to].id
            guard from != to, network.nodes[from].discovery.book[target] == nil else { continue }
            rounds += 1
            let inventions = inventions(
                near: KademliaKey(target),
                count: 60,
                of: 4_000,
                salt: 1_000_000 + UInt64(rounds)
            )
            // Each liar names the target at other false addresses, and peers nearer to it than any honest one, who lie
            // on.
            var lieCount = 0
            let lie: VirtualNetwork.Adversary = { key, from in
                lieCount += 1
                let places = (0..<8).map { endpoint("/ip4/66.\(lieCount % 200).\(from % 200).6/tcp/\(1 + $0)") }
                let elsewhere = KademliaMessage.Peer(id: target, endpoints: places)
                let start = lieCount % 40
                return KademliaMessage(.findNode, key: key, closerPeers: [elsewhere] + inventions[start..<start + 19])
            }
            network.adversaries = Dictionary(uniqueKeysWithValues: liars.map { ($0, lie) })
            network.inventedPeers =
                answering
                ? Dictionary(uniqueKeysWithValues: inventions.flatMap(\.endpoints).map { ($0, lie) }) : [:]
            network.disconnectAll(from)
            let ended = network.search(.peer(target), at: from)
            let result = try #require(ended)
            if result.isFound { found += 1 }
            #expect(result.contactCount <= 96)
            contacts += result.contactCount
            network.adversaries = [:]
            network.inventedPeers = [:]
        }
        return (found, Double(contacts) / Double(count))
    }

    @Test func lookupsSucceedAmongLiarsWhoseInventionsAnswer() throws {
        let (found, contacts) = try lookups(200, seed: 21, answering: true)
        print("liars with inventions that answer:", found, "of 200, mean contacts", contacts)
        #expect(found >= 198)
    }

    @Test func lookupsSucceedAmongLiarsWhoseInventionsAreSilent() throws {
        let (found, contacts) = try lookups(100, seed: 22, answering: false)
        print("liars with inventions that do not:", found, "of 100, mean contacts", contacts)
        #expect(found >= 99)
    }
}

extension AdversaryTests {
    /// 400 ids of one provider, all nearer to the victim than honest ones, connect to it and answer with each other.
    @Test func oneNetworkCannotEclipseANode() throws {
        var network = try NetworkTests.grown(100, seed: 23)
        let victim = 50
        let key = KademliaKey(network.nodes[victim].id)
        let ids = (0..<40_000 as Range<UInt64>).map { peer($0, salt: 0xbad) }
            .sorted { KademliaKey($0).distance(to: key) < KademliaKey($1).distance(to: key) }.prefix(400)
        let crowd = ids.enumerated().map { index, id in
            KademliaMessage.Peer(id: id, endpoints: [endpoint("/ip4/66.6.\(index % 40).6/tcp/\(1 + index)")])
        }
        let honestBefore = network.nodes[victim].discovery.table.count
        for member in crowd {
            network.knock(at: victim, as: member) { key, _ in
                KademliaMessage(.findNode, key: key, closerPeers: Array(crowd.prefix(20)))
            }
        }
        network.pass(.seconds(300))
        let discovery = network.nodes[victim].discovery
        let names = Set(ids)
        // In the table there are three of the network, and no honest peer had to go.
        #expect(discovery.table.entries.count { names.contains($0.peer) } <= 3)
        #expect(discovery.table.entries.count { !names.contains($0.peer) } >= honestBefore)
        #expect(discovery.statistics.tableNetworkRefusals > 0)
        // Of connections the network has its share, and the victim's own ones lead elsewhere.
        #expect(discovery.connections.peers.count { names.contains($0) } <= 64)
        #expect(discovery.statistics.connectionsRefused > 300)
        let outbound = discovery.connections.peers.filter { discovery.connections[$0]?.isOutbound == true }
        #expect(outbound.count { !names.contains($0) } >= 4)
        #expect(outbound.count { names.contains($0) } <= 2 + 4)
        // It still finds others, and others find it.
        for other in [3, 30, 60, 90] {
            let there = network.search(.peer(network.nodes[other].id), at: victim)
            #expect(there?.isFound == true)
            let here = network.search(.peer(network.nodes[victim].id), at: other)
            #expect(here?.isFound == true)
        }
        // The address book did not fill with the crowd.
        #expect(discovery.book.entries.count { names.contains($0.peer) } <= 70)
    }

    @Test func theDeadLeave() throws {
        var network = try NetworkTests.grown(150, seed: 24)
        var random = BlockPRG(seed: Block(24, 24))
        let dead = Set((3..<150).shuffled(using: &random).prefix(45))
        let names = Set(dead.map { network.nodes[$0].id })
        let alive = network.nodes.indices.filter { !dead.contains($0) }
        func count() -> Int {
            alive.reduce(0) { $0 + network.nodes[$1].discovery.table.entries.count { names.contains($0.peer) } }
        }
        for number in dead { network.kill(number) }
        #expect(count() > 1_000)
        // Searches work at once, though many names on the way are of the dead.
        for _ in 0..<20 {
            let (from, to) = (alive.randomElement(using: &random) ?? 0, alive.randomElement(using: &random) ?? 0)
            guard from != to else { continue }
            let result = network.search(.peer(network.nodes[to].id), at: from)
            #expect(result?.isFound == true)
        }
        network.pass(.seconds(2_400))
        #expect(count() == 0)
        for number in alive {
            let discovery = network.nodes[number].discovery
            #expect(discovery.table.count >= 40)
            #expect(discovery.connections.peers.allSatisfy { !names.contains($0) })
            // They are not dialled for ever.
            let entries = discovery.book.entries.filter { names.contains($0.peer) }
            #expect(entries.allSatisfy { $0.failureCount <= 12 })
        }
    }

    @Test func aRestartedNodeReturnsToItsPeers() throws {
        var network = try NetworkTests.grown(60, seed: 25, settle: .seconds(200))
        let entries = Array((network.stored[40] ?? [:]).values)
        #expect(entries.count >= 20)
        // The bootstrap peers are gone; what was stored suffices, in whatever order it comes.
        for number in 0..<3 { network.kill(number) }
        network.kill(40)
        let id = network.nodes[40].id
        let again = try network.add(
            place: network.nodes[40].endpoint,
            id: id,
            stored: entries,
            bootstrap: [0, 1, 2],
            NetworkTests.lean
        )
        network.pass(.seconds(60))
        let discovery = network.nodes[again].discovery
        #expect(discovery.connections.outboundCount >= 6)
        #expect(discovery.table.count >= 30)
        // Another one without memory, while the bootstrap peers are gone, finds nobody.
        let amnesic = try network.add(bootstrap: [0, 1, 2], NetworkTests.lean)
        network.pass(.seconds(60))
        #expect(network.nodes[amnesic].discovery.table.count == 0)
        #expect(network.nodes[amnesic].discovery.statistics.dials <= 3 * 6)
    }
}
