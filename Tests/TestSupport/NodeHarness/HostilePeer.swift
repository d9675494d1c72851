import Foundation
import Gossip
import NodeCore
package import PeerNetworking
package import PeerProtocols
import RecordSamples
import Synchronization

/// A peer that speaks the node's protocols on streams of its own making: it looks honest until it writes.
package final class HostilePeer: Sendable {
    /// Its connections.
    package let host: PeerHost
    /// The one to the node.
    package let connection: PeerConnection
    private let node: TestNode
    private let opened = Opened()

    private final class Opened: Sendable {
        let gossipStreams = Mutex(0)
    }

    /// Connects to a node, and says in identify that it speaks gossip and sync.
    ///
    /// - Parameter readsGossip: Whether it reads what the node sends it.
    package init(_ number: Int, to node: TestNode, readsGossip: Bool = true) async throws {
        self.node = node
        host = PeerHost(identity: PeerIdentity(privateKey: try RecordSamples.key(number)))
        for name in ["/meshsub/1.2.0", "/tabellion/sync/1"] {
            guard let name = ProtocolName(name) else { continue }
            let isGossip = name == "/meshsub/1.2.0"
            host.handle(name) { [opened] stream in
                if isGossip { opened.gossipStreams.withLock { $0 += 1 } }
                stream.timeLimits = StreamTimeLimits().endingAfter(.seconds(60))
                if !readsGossip { Thread.sleep(forTimeInterval: 20) }
                while let bytes = try? stream.read(max: 1 << 16), !bytes.isEmpty {}
            }
        }
        connection = try await host.dial(node.address)
        let id = host.identity.id
        try await TestNode.wait("gossip with the hostile peer") {
            try await node.status().peers.contains { $0.peer == id && $0.gossipVersion != nil }
        }
    }

    /// Its peer identifier.
    package var id: PeerID { host.identity.id }

    /// Opens a stream and writes these bytes, with pauses between them.
    package func write(
        _ pieces: [[UInt8]],
        on name: ProtocolName = "/meshsub/1.2.0",
        pause: Duration = .zero
    ) async throws -> PeerStream {
        let stream = try await connection.openStream([name])
        stream.timeLimits = StreamTimeLimits().endingAfter(.seconds(30))
        await TestNode.onThread {
            for piece in pieces {
                guard (try? stream.write(piece)) != nil else { return }
                Thread.sleep(forTimeInterval: pause / .seconds(1))
            }
        }
        return stream
    }

    /// Joins the node's topic and mesh.
    package func join() async throws -> PeerStream {
        guard let topic = GossipTopic(node.topic) else { throw TestNode.Missing(what: "topic") }
        var rpc = GossipRPC(subscriptions: [.init(topic: topic, isJoined: true)])
        rpc.graft = [topic]
        let stream = try await write([rpc.frame])
        try await TestNode.wait("the hostile peer in the mesh") {
            try await self.node.status().peers.contains { $0.peer == self.id && $0.isInMesh }
        }
        return stream
    }

    /// The gossip streams that the node opened so far.
    package var gossipStreamCount: Int { opened.gossipStreams.withLock { $0 } }

    /// Whether the node still has it as a peer.
    package func isConnected() async throws -> Bool {
        try await node.status().peers.contains { $0.peer == id }
    }

    /// Waits until the node closed the connection.
    package func awaitEnd() async throws {
        try await TestNode.wait("the end of the connection") { try await !self.isConnected() }
        _ = await connection.closed()
    }

    /// Ends its connections.
    package func stop() async {
        await host.shutDown(grace: .zero)
    }
}
