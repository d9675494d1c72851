import Attestations
import CryptoCore
import Gossip
import IndependentPeers
import KeyValueStorage
import LevelDBStorage
import NodeCore
import NodeHarness
import PeerNetworking
import PeerProtocols
import RecordSamples
import Records
import Testing

/// A node and py-libp2p, which shares no code with it, in one mesh of notarizations.
@Suite(.timeLimit(.minutes(4)), .serialized)
struct NodeInteroperabilityTests {
    @Test(arguments: GossipVersion.allCases)
    func recordsGoBothWays(_ version: GossipVersion) async throws {
        let node = try await TestNode(1)
        let second = try await TestNode(2, bootstrap: [node.address])
        let peer = try PythonGossipPeer(node.address, topic: node.topic, version: version, identifiesContent: true)
        defer { peer.stop() }
        let theirs = try PeerID(try await peer.next("connected").peer ?? "")
        _ = try await peer.next("mesh")
        try await node.awaitMesh(2)

        let id = try await node.attested(1)
        let published = try #require(
            try node.store.value(in: NodeStore.notarizations, for: AttestationKey(id))
        ).record.bytes
        #expect(try await peer.next("message").data == hex(published))

        // A record of a third notary, which nobody here runs.
        let record = try RecordSamples().record(notary: 7, session: 1, at: TestNode.now)
        try peer.command(["publishHex": hex(record.bytes)])
        try await TestNode.wait("their record at the second node") { try second.has(record.id) }
        #expect(try node.has(record.id))
        #expect(try await node.score(of: theirs) > 0)

        try peer.command(["ping": 2])
        #expect(try await peer.next("pinged").count == 2)
        try peer.command(["identify": true])
        let identity = try await peer.next("identified")
        #expect(identity.agent == "tabellion/test")
        #expect(identity.protocol == NodeConfiguration.protocolVersion(of: RecordSamples().network))
        #expect(identity.protocols?.contains("/tabellion/sync/1") == true)
        #expect(identity.protocols?.contains("/meshsub/1.2.0") == true)
        let status = try #require(try await node.status().peers.first { $0.peer == theirs })
        #expect(status.gossipVersion == version)
        #expect(status.agentVersion?.isEmpty == false)
        for node in [node, second] { await node.destroy() }
    }

    /// What is signed well as gossip and is no valid record is not stored, not forwarded, and costs the mesh.
    @Test func invalidRecordsCostScore() async throws {
        let node = try await TestNode(1)
        let second = try await TestNode(2, bootstrap: [node.address])
        let peer = try PythonGossipPeer(node.address, topic: node.topic, version: .v1_2, identifiesContent: true)
        defer { peer.stop() }
        let theirs = try PeerID(try await peer.next("connected").peer ?? "")
        _ = try await peer.next("mesh")
        try await node.awaitMesh(2)
        let record = try RecordSamples().record(notary: 7, session: 1, at: TestNode.now)
        var altered = record.bytes
        altered[altered.count - 10] ^= 1
        try peer.command(["publishHex": hex(altered)])
        try await TestNode.wait("a refusal") { try await node.status().gossip.rejected == 1 }
        #expect((-100 ... -90).contains(try await node.score(of: theirs)))
        try await TestNode.wait("a mesh without them") {
            let status = try await node.status()
            return status.peers.contains { $0.peer == theirs && !$0.isInMesh }
        }
        // A bad signature of the gossip message itself costs as much, and is not even looked into.
        for _ in 0..<3 { try peer.command(["send": 500, "forged": true]) }
        _ = try await peer.next("closed")
        #expect(try await node.score(of: theirs) < -1_000)
        let status = try await node.status()
        #expect(status.gossip.badSignatures == 3)
        #expect(status.recordCount == 0)
        try await expectNothing(of: node, at: second)
        for node in [node, second] { await node.destroy() }
    }

    /// Bytes that are no record are refused whatever their number, cost whoever brings them, and go no further.
    @Test(arguments: GossipVersion.allCases, [100, 900_000])
    func whatIsNoRecordCostsScore(_ version: GossipVersion, _ size: Int) async throws {
        let node = try await TestNode(1)
        let second = try await TestNode(2, bootstrap: [node.address])
        let peer = try PythonGossipPeer(node.address, topic: node.topic, version: version, identifiesContent: true)
        defer { peer.stop() }
        let theirs = try PeerID(try await peer.next("connected").peer ?? "")
        _ = try await peer.next("mesh")
        try await node.awaitMesh(2)
        let before = try await node.score(of: theirs)
        #expect(before >= 0)
        try peer.command(["publish": size, "seed": "no record"])
        #expect(try await peer.next("published").size == size)
        // What is longer than any record may be refused before anybody looks into it.
        try await TestNode.wait("a refusal") {
            let gossip = try await node.status().gossip
            return gossip.rejected + gossip.oversizeMessages == 1
        }
        // One invalid message (P4), squared.
        #expect((-100 ... -90).contains(try await node.score(of: theirs)))
        let status = try await node.status()
        if size <= Notarization.byteCountMax { #expect(status.statistics.refusals == ["malformed": 1]) }
        #expect(status.gossip.accepted == 0 && status.gossip.badSignatures == 0)
        #expect(status.recordCount == 0)
        #expect(status.peers.first { $0.peer == theirs }?.gossipVersion == version)
        try await expectNothing(of: node, at: second)
        for node in [node, second] { await node.destroy() }
    }

    /// What a node attests now is the only message that another one of its mesh ever got.
    ///
    /// Messages of a stream keep their order: those before it would be there, too.
    private func expectNothing(of node: TestNode, at second: TestNode) async throws {
        let marker = try await node.attested(99)
        try await TestNode.wait("a record of the node itself") {
            guard try second.has(marker) else { return false }
            return try await second.status().gossip.messagesReceived > 0
        }
        let status = try await second.status()
        #expect(status.gossip.messagesReceived == 1)
        #expect(status.recordCount == 1)
        #expect(status.statistics.refusals.isEmpty && status.gossip.badSignatures == 0)
        #expect(try await second.score(of: node.id) >= 0, "whoever forwards nothing bad keeps its score")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
