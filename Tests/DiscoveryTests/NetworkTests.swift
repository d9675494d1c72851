import CryptoCore
import Discovery
import PeerProtocols
import Testing

struct NetworkTests {
    /// Few connections, so that most peers have to be looked up.
    static func lean(_ configuration: inout DiscoveryConfiguration) {
        configuration.connections.outboundTarget = 6
        configuration.connections.trimThreshold = 24
        configuration.connections.trimTarget = 16
        configuration.connections.gracePeriod = .seconds(5)
    }

    /// A network that grew a node every 100 ms out of three to begin with, and had time to refresh its tables.
    static func grown(_ count: Int, seed: UInt64, settle: Duration = .seconds(90)) throws -> VirtualNetwork {
        var network = VirtualNetwork(seed: seed)
        for number in 0..<count {
            try network.add(bootstrap: number < 3 ? Array(0..<number) : [0, 1, 2], lean)
            network.pass(.milliseconds(100))
        }
        network.pass(settle)
        return network
    }

    @Test func tablesFillAndLookupsFindEveryone() throws {
        var network = try Self.grown(300, seed: 1)
        let all = network.nodes.map(\.id)
        // Each node knows nearly all of its twenty nearest.
        var known = 0
        for node in network.nodes {
            let key = KademliaKey(node.id)
            let nearest = all.filter { $0 != node.id }
                .sorted { KademliaKey($0).distance(to: key) < KademliaKey($1).distance(to: key) }.prefix(20)
            known += nearest.count { node.discovery.table.entry(of: $0) != nil }
            #expect(node.discovery.table.count >= 60)
        }
        #expect(Double(known) / Double(20 * all.count) > 0.95)
        var random = BlockPRG(seed: Block(9, 9))
        var hops: [Int] = []
        var contacts = 0
        for _ in 0..<200 {
            let (from, to) = (Int.random(in: 0..<300, using: &random), Int.random(in: 0..<300, using: &random))
            guard from != to else { continue }
            network.disconnectAll(from)
            let ended = network.search(.peer(all[to]), at: from)
            let result = try #require(ended)
            #expect(result.isFound)
            hops.append(result.hopCount)
            contacts += result.contactCount
        }
        // log2(300) is 8.2; k = 20 makes each hop worth several bits.
        #expect(hops.max() ?? 99 <= 5)
        #expect(Double(hops.reduce(0, +)) / Double(hops.count) < 3)
        #expect(Double(contacts) / Double(hops.count) < 20)
        print("lookups:", hops.count, "mean hops", Double(hops.reduce(0, +)) / Double(hops.count))
        print("mean contacts", Double(contacts) / Double(hops.count), "requests", network.requestCount)
        #expect(network.offences.isEmpty)
        for node in network.nodes {
            #expect(node.discovery.occupancy.connectionCount <= 256)
            #expect(node.discovery.occupancy.requestCount <= 40)
        }
    }

    @Test func equalSeedsGiveEqualRuns() throws {
        let first = try Self.grown(60, seed: 4)
        let second = try Self.grown(60, seed: 4)
        let other = try Self.grown(60, seed: 5)
        #expect(first.trace == second.trace && first.byteCount == second.byteCount)
        #expect(first.trace != other.trace)
    }
}

extension NetworkTests {
    /// With buckets of four, tables are sparse, and each answer wins about three bits.
    @Test(arguments: [50, 400])
    func hopsGrowWithTheLogarithm(_ count: Int) throws {
        var network = VirtualNetwork(seed: 6)
        for number in 0..<count {
            try network.add(bootstrap: number < 3 ? Array(0..<number) : [0, 1, 2]) { configuration in
                Self.lean(&configuration)
                configuration.table.bucketCountMax = 4
            }
            network.pass(.milliseconds(100))
        }
        network.pass(.seconds(90))
        var random = BlockPRG(seed: Block(9, 9))
        var hops: [Int] = []
        while hops.count < 100 {
            let (from, to) = (Int.random(in: 0..<count, using: &random), Int.random(in: 0..<count, using: &random))
            network.disconnectAll(from)
            let target = network.nodes[to].id
            guard from != to, network.nodes[from].discovery.table.entry(of: target) == nil else { continue }
            let result = network.search(.peer(target), at: from)
            #expect(result?.isFound == true)
            hops.append(result?.hopCount ?? 0)
        }
        let mean = Double(hops.reduce(0, +)) / Double(hops.count)
        print("hops in a network of \(count) with k = 4: mean \(mean), most \(hops.max() ?? 0)")
        // log2(50) is 5.6, log2(400) is 8.6.
        #expect(hops.allSatisfy { $0 <= (count == 50 ? 6 : 9) })
        #expect(mean < (count == 50 ? 3 : 4.5))
    }
}
