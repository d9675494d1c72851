import Crypto
import Foundation
import Gossip
import IndependentPeers
import PeerNetworking
import PeerProtocols
import Testing

/// Our gossip router on real sockets and py-libp2p's, in one mesh.
@Suite(.timeLimit(.minutes(4)), .serialized)
struct GossipInteroperabilityTests {
    private static let sizes = [100, 1_000, 1_500, 10_000, 65_536, 300_000, 900_000]

    /// Ours publishes, theirs receives; theirs publishes, ours validates and forwards it to a second node of ours.
    @Test(arguments: GossipVersion.allCases)
    func messagesOfAllSizesGoBothWays(_ version: GossipVersion) async throws {
        let node = try GossipPeer(21, topic: "test")
        let second = try GossipPeer(22, topic: "test")
        let address = try await node.listen()
        _ = try await second.host.dial(address)
        let peer = try PythonGossipPeer(address, topic: "test", version: version)
        defer { peer.stop() }
        let theirs = try PeerID(try await peer.next("connected").peer ?? "")
        _ = try await peer.next("mesh")
        try await node.wait { $0.mesh.contains(theirs) && $0.mesh.count == 2 }

        for (index, size) in Self.sizes.enumerated() {
            let data = MessagePair.bytes(size, seed: index)
            try node.publish(data)
            let message = try await peer.next("message")
            #expect(message.size == size)
            #expect(message.digest == digest(data))
            #expect(message.author == hex(node.host.identity.id.bytes))
        }
        for (index, size) in Self.sizes.enumerated() {
            try peer.command(["publish": size, "seed": "\(index)"])
            let digest = try await peer.next("published").digest
            try await node.wait { $0.received.count == index + 1 }
            try await second.wait { $0.received.count == Self.sizes.count + index + 1 }
            let message = try #require(second.received.last)
            #expect(self.digest(Array(message.data)) == digest)
            #expect(message.source == theirs)
        }
        #expect(node.received.count == Self.sizes.count)
        #expect(node.statistics.accepted == Self.sizes.count)
        #expect(node.score(of: theirs) > 0)
        #expect(second.score(of: theirs) == 0, "they are no peer of the second node")
        try peer.command(["ping": 3])
        #expect(try await peer.next("pinged").count == 3)
        try peer.command(["identify": true])
        let identity = try await peer.next("identified")
        #expect(identity.agent == "tabellion/test")
        #expect(
            identity.protocols == [
                "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0", "/meshsub/1.1.0", "/meshsub/1.2.0",
            ]
        )
        let connection = try #require(node.host.connections.first { $0.remotePeer == theirs })
        let (message, _) = try await HostPair.onThread {
            (try connection.identifyAndWait(), try connection.pingAndWait())
        }
        #expect(message.protocols.contains(ProtocolName(version.rawValue) ?? .ping))
        await node.stop()
        await second.stop()
    }

    /// With version 1.2 the node says at once that it has a long message, so that nobody sends it another copy.
    @Test(arguments: GossipVersion.allCases)
    func longMessagesAreAnnounced(_ version: GossipVersion) async throws {
        let node = try GossipPeer(21, topic: "test")
        let second = try GossipPeer(22, topic: "test")
        let address = try await node.listen()
        _ = try await second.host.dial(address)
        let peer = try PythonGossipPeer(address, topic: "test", version: version)
        defer { peer.stop() }
        _ = try await peer.next("mesh")
        try await node.wait { $0.mesh.count == 2 }
        try second.publish(MessagePair.bytes(50_000))
        #expect(try await peer.next("message").size == 50_000)
        if version == .v1_2 {
            let id = try await peer.next("unwanted").id
            let expected = try #require(node.received.first.flatMap(MessageID.origin))
            #expect(id == hex(expected.bytes))
        } else {
            // Whatever the node said before this message is there when it is.
            try second.publish(MessagePair.bytes(100, seed: 1))
            #expect(try await peer.next("message").size == 100)
            try peer.command(["unwanted": true])
            #expect(try await peer.next("counted").count == 0)
            #expect(peer.seen("unwanted").isEmpty)
        }
        await node.stop()
        await second.stop()
    }

    /// A signature of other bytes: not forwarded, and it costs the mesh at once, the connection in the end.
    @Test func forgeriesAreNotForwardedAndCostScore() async throws {
        let node = try GossipPeer(21, topic: "test")
        let second = try GossipPeer(22, topic: "test")
        let address = try await node.listen()
        _ = try await second.host.dial(address)
        let peer = try PythonGossipPeer(address, topic: "test", version: .v1_2)
        defer { peer.stop() }
        let theirs = try PeerID(try await peer.next("connected").peer ?? "")
        _ = try await peer.next("mesh")
        try await node.wait { $0.mesh.contains(theirs) && $0.mesh.count == 2 }

        try peer.command(["send": 500, "forged": true])
        try await node.wait { $0.statistics.badSignatures == 1 }
        // One squared, and less what it gained in the mesh.
        #expect((-100 ... -90).contains(node.score(of: theirs)))
        try await node.wait { !$0.mesh.contains(theirs) }
        // What is honest of the same peer still gets through, as its score is above the graylist's.
        try peer.command(["send": 300, "forged": false])
        try await second.wait { $0.received.count == 1 }
        #expect(node.received.count == 1)

        for _ in 0..<3 { try peer.command(["send": 500, "forged": true]) }
        _ = try await peer.next("closed")
        #expect(node.score(of: theirs) < -1_000)
        #expect(node.statistics.badSignatures == 4)
        #expect(node.received.count == 1)
        // Messages of a stream keep their order: a forgery would be there before this one.
        try node.publish(MessagePair.bytes(200))
        try await second.wait { $0.received.count >= 2 }
        #expect(second.received.compactMap(\.source) == [theirs, node.host.identity.id])
        #expect(second.received.map(\.data.count) == [300, 200])
        #expect(second.statistics.messagesReceived == 2)
        #expect(second.statistics.badSignatures == 0)
        #expect(second.score(of: node.host.identity.id) >= 0, "whoever does not forward forgeries keeps its score")
        await node.stop()
        await second.stop()
    }

    private static let nonsense: [String] = [
        // A message of 2 MiB is announced.
        "80808001",
        // A length without end.
        "ffffffffffffffffffffff",
        // Three bytes that are no protobuf message.
        "03ffffff",
    ]

    @Test(arguments: nonsense)
    func nonsenseCostsTheConnection(_ bytes: String) async throws {
        let node = try GossipPeer(21, topic: "test")
        let address = try await node.listen()
        let peer = try PythonGossipPeer(address, topic: "test", version: .v1_2)
        defer { peer.stop() }
        let theirs = try PeerID(try await peer.next("connected").peer ?? "")
        _ = try await peer.next("mesh")
        try peer.command(["raw": bytes])
        _ = try await peer.next("closed")
        #expect(node.statistics.malformedStreams == 1)
        // P7: 10 of misbehaviour, 6 of which are free, squared, less what decays.
        #expect((-161 ... -140).contains(node.score(of: theirs)))
        await node.stop()
    }

    private func digest(_ bytes: [UInt8]) -> String { hex(Array(SHA256.hash(data: bytes))) }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
