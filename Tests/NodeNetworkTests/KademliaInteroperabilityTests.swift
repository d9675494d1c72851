import Discovery
import Foundation
import IndependentPeers
import NodeCore
import NodeHarness
import NodeNetwork
import PeerProtocols
import Testing

/// Nodes and py-libp2p's Kademlia, which shares no code with theirs, in one table.
///
/// py-libp2p has one name for the protocol, `/ipfs/kad/1.0.0`; the nodes serve it here beside their network's own.
@Suite(.timeLimit(.minutes(4)), .serialized)
struct KademliaInteroperabilityTests {
    /// What the peer prints.
    private struct Line: Decodable, Sendable {
        let peer: String
        let addresses: [String]
        let nearest: [String]?
        let found: String?
        let agent: String?
        let ping: Bool?
        let stored: Bool?
        let nonsense: Bool?
    }

    private func node(_ number: Int, bootstrap: [Multiaddr] = []) async throws -> TestNode {
        try await TestNode(number, bootstrap: bootstrap) { options in
            options.configuration.discovery?.protocols.append("/ipfs/kad/1.0.0")
            options.configuration.discovery?.firstRefreshInterval = .seconds(2)
            options.configuration.discovery?.refreshInterval = .seconds(2)
        }
    }

    private func line(of peer: PythonPeer) async throws -> Line {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try peer.readLine(as: Line.self) }) }
        }
    }

    private func isInTable(_ peer: PeerID, of node: TestNode) async throws -> Bool {
        try await node.loop.inspect { machine, _ in machine.discovery?.table.entry(of: peer) != nil }
    }

    /// A client of theirs asks a node for another one, finds it where it is, and gets no further than that.
    @Test func theirClientFindsANodeThroughAnother() async throws {
        let first = try await node(1)
        let second = try await node(2, bootstrap: [first.address])
        try await TestNode.wait("the second node in the first one's table") {
            try await isInTable(second.id, of: first)
        }
        let peer = try PythonPeer(["find", "\(first.address)", "\(second.id)"], script: "kad_peer.py")
        defer { peer.stop() }
        let seen = try await line(of: peer)
        #expect(seen.found == "\(second.id)")
        #expect(seen.addresses.contains { "\(second.address)".hasPrefix($0.components(separatedBy: "/p2p/")[0]) })
        #expect(seen.agent == "tabellion/test")
        #expect(Set(seen.nearest ?? []).isSuperset(of: ["\(first.id)", "\(second.id)"]))
        #expect(seen.ping == true)
        // Values are not stored, and nonsense is no question and costs score.
        #expect(seen.stored == false && seen.nonsense == false)
        let theirs = try PeerID(seen.peer)
        try await TestNode.wait("a penalty") { try await first.status().statistics.misconduct[.malformedFrame] == 1 }
        #expect(try await !isInTable(theirs, of: first))
        for node in [first, second] { await node.destroy() }
    }

    /// A server of theirs enters a node's table, and another node finds it there and asks it, too.
    @Test func nodesFindTheirServer() async throws {
        let first = try await node(1)
        let peer = try PythonPeer(["serve", "\(first.address)"], script: "kad_peer.py")
        defer { peer.stop() }
        let theirs = try PeerID(try await line(of: peer).peer)
        try await TestNode.wait("their server in the table") { try await isInTable(theirs, of: first) }
        let second = try await node(2, bootstrap: [first.address])
        try await TestNode.wait("their server in the second node's table") {
            try await isInTable(theirs, of: second)
        }
        let status = try #require(try await second.status().peers.first { $0.peer == theirs })
        #expect(status.score >= 0)
        for node in [first, second] {
            #expect(try await node.status().discovery?.statistics.offences == 0)
            await node.destroy()
        }
    }
}
