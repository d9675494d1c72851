import CryptoCore
import Discovery
import PeerProtocols
import Testing

/// Honest nodes among nodes that lie, that vanish, and that crowd.
struct AdversaryTests {
    /// Peers that an attacker invented near a key: the nearest of many ids, each at an address in a network of its own
    /// that answers for it.
    private func inventions(near key: KademliaKey, count: Int, of tries: UInt64, salt: UInt64) -> [KademliaMessage.Peer] {
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
        for round in 0..<count {
            let from = honest[Int.random(in: honest.indices, using: &random)]
            let to = honest[Int.random(in: honest.indices, using: &random)]
            guard from != to else {
                found += 1
                continue
            }
            let target = network.nodes[to].id
            let inventions = inventions(
                near: KademliaKey(target),
                count: 60,
                of: 4_000,
                salt: 1_000_000 + UInt64(round)
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
