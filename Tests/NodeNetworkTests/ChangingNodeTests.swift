import Discovery
import Foundation
import Gossip
import NodeCore
import NodeHarness
import NodeNetwork
import PeerNetworking
import PeerProtocols
import RecordSamples
import Synchronization
import Testing

/// What peers hear when a node moves, and when it leaves.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct ChangingNodeTests {
    /// What came on a stream.
    private final class Seen: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    @Test func peersHearWhereANodeIsNow() async throws {
        let node = try await TestNode(1)
        let other = try await TestNode(2, bootstrap: [node.address])
        try await TestNode.wait("both know what the other is") {
            for (one, peer) in [(node, other), (other, node)] {
                let status = try await one.status()
                guard status.peers.contains(where: { $0.peer == peer.id && $0.gossipVersion != nil }) else {
                    return false
                }
            }
            return true
        }
        let place = try Multiaddr("/ip4/127.0.0.9/tcp/7047")
        try node.loop.announce([node.address, place.with(node.id)])
        let endpoint = try #require(PeerEndpoint(place))
        try await TestNode.wait("the new address") {
            try await other.loop.inspect { machine, _ in
                machine.discovery?.book.endpoints(of: node.id).contains(endpoint) ?? false
            }
        }
        // It is signed, too.
        let envelope = try await other.loop.inspect { machine, _ in
            machine.discovery?.book[node.id]?.signedRecord?.envelope
        }
        let record = try SignedPeerRecord(envelope: try #require(envelope))
        #expect(record.peer == node.id && record.addresses.contains(place))
        #expect(try await node.status().addresses.contains(place.with(node.id)))
        for node in [node, other] { await node.destroy() }
    }

    @Test func aNodeThatStopsLeavesItsTopicBeforeItGoes() async throws {
        let node = try await TestNode(1)
        let seen = Seen()
        let host = PeerHost(identity: PeerIdentity(privateKey: try RecordSamples.key(20)))
        host.handle("/meshsub/1.2.0") { stream in
            stream.timeLimits = StreamTimeLimits().endingAfter(.seconds(30))
            while let bytes = try? stream.read(max: 1 << 16), !bytes.isEmpty { seen.bytes.withLock { $0 += bytes } }
        }
        let connection = try await host.dial(node.address)
        func subscriptions() throws -> [Bool] {
            var decoder = GossipFrameDecoder(limits: GossipLimits())
            decoder.append(seen.bytes.withLock { $0 })
            var result: [Bool] = []
            while let rpc = try decoder.next() { result += rpc.subscriptions.map(\.isJoined) }
            return result
        }
        try await TestNode.wait("the node's subscription") { try subscriptions() == [true] }
        await node.stop()
        _ = await connection.closed()
        // The end of the connection may be known before the last bytes are taken.
        try await TestNode.wait("the end of the subscription") { try subscriptions() == [true, false] }
        await host.shutDown(grace: .milliseconds(200))
        try FileManager.default.removeItem(atPath: node.path)
    }
}
