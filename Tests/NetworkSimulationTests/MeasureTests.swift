import CryptoCore
import Gossip
import NetworkSimulation
import PeerProtocols
import Testing

/// What reports are computed from.
struct MeasureTests {
    @Test func percentilesAreNearestRanks() {
        let distribution = Distribution([5, 1, 4, 2, 3])
        #expect(distribution.percentile(50) == 3)
        #expect(distribution.percentile(20) == 1)
        #expect(distribution.percentile(21) == 2)
        #expect(distribution.percentile(99) == 5 && distribution.max == 5)
        #expect(distribution.mean == 3 && distribution.count == 5)
        let empty = Distribution([])
        #expect(empty.percentile(50) == 0 && empty.max == 0 && empty.mean == 0)
    }

    @Test func tracesDifferInEveryNumberAndInTheirOrder() {
        func trace(_ numbers: [UInt64]) -> TraceHash {
            var trace = TraceHash()
            for number in numbers { trace.mix(number) }
            return trace
        }
        #expect(trace([1, 2, 3]) == trace([1, 2, 3]))
        #expect(Set([[], [0], [0, 0], [1, 2], [2, 1], [1, 2, 0]].map(trace)).count == 6)
        var bytes = (TraceHash(), TraceHash(), TraceHash())
        bytes.0.mix([1, 2, 3] as [UInt8])
        bytes.1.mix([1, 2, 3, 0] as [UInt8])
        bytes.2.mix([1, 2, 3] as [UInt8])
        #expect(bytes.0 == bytes.2 && bytes.0 != bytes.1)
        #expect(TraceHash().description.count == 16)
    }

    /// Lengths are computed without encoding; they are those of the encoding.
    @Test func lengthsOfRPCsAreThoseOfTheirFrames() throws {
        var random = BlockPRG(seed: Block(5, 6))
        for round in 0..<300 {
            let rpc = try Self.rpc(round, &random)
            #expect(GossipByteCount.frame(rpc) == rpc.frame.count, "\(rpc)")
        }
        #expect(GossipByteCount.frame(GossipRPC()) == GossipRPC().frame.count)
    }

    private static func rpc(_ round: Int, _ random: inout BlockPRG) throws -> GossipRPC {
        func count(_ limit: Int) -> Int { Int.random(in: 0...limit, using: &random) }
        let topic = try #require(GossipTopic(String(repeating: "t", count: 1 + count(200))))
        func ids(_ limit: Int) -> [MessageID] {
            (0..<count(limit)).compactMap { _ in MessageID(random.bytes(1 + count(60))) }
        }
        var rpc = GossipRPC()
        let peer = PeerIdentity(privateKey: try Secp256k1PrivateKey(bytes: random.bytes(32))).id
        if round % 2 == 0 {
            rpc.messages = (0..<count(3)).map { _ in
                GossipMessage(
                    topic: topic,
                    data: random.bytes(count(3_000)),
                    source: peer,
                    sequenceNumber: UInt64(round),
                    signature: random.bytes(70)
                )
            }
        }
        if round % 3 == 0 { rpc.subscriptions = [.init(topic: topic, isJoined: round % 2 == 0)] }
        if round % 5 == 0 { rpc.have = [.init(topic: topic, ids: ids(40)), .init(topic: topic, ids: ids(2))] }
        if round % 7 == 0 { rpc.want = ids(20) }
        if round % 4 == 0 { rpc.unwanted = ids(5) }
        if round % 11 == 0 { rpc.graft = [topic] }
        if round % 6 == 0 {
            let exchanged = GossipRPC.ExchangedPeer(id: peer, signedRecord: round % 12 == 0 ? random.bytes(200) : nil)
            rpc.prune = [
                .init(topic: topic, peers: [exchanged], backoffSeconds: UInt64(count(3_600))),
                .init(topic: topic),
            ]
        }
        return rpc
    }
}
