import Attestations
import Discovery
import Gossip
import NodeCore
import PeerProtocols
import RecordSamples
import Testing

/// Peers that say that something of them changed, and a node that says goodbye.
@Suite struct ChangeTests {
    private func subscriptions(_ effects: [NodeEffect], to peer: PeerID) -> [GossipRPC.Subscription] {
        effects.flatMap { effect -> [GossipRPC.Subscription] in
            if case .sendGossip(let rpc, peer) = effect { rpc.subscriptions } else { [] }
        }
    }

    @Test func aNodeThatStopsSaysSoAndPrunesNobody() throws {
        var node = try SoloNode()
        let peers = try (1...3).map { try FakePeer($0) }
        for peer in peers { try node.connect(peer) }
        node.graft(peers)
        _ = node.takeEffects()
        node.bring(.stopping)
        let effects = node.takeEffects()
        for peer in peers {
            #expect(subscriptions(effects, to: peer.id) == [.init(topic: node.machine.topic, isJoined: false)])
        }
        let isPruning = effects.contains { if case .sendGossip(let rpc, _) = $0 { !rpc.prune.isEmpty } else { false } }
        #expect(!isPruning && effects.departures.isEmpty)
        // Once is enough, and the mesh does not come back.
        node.bring(.stopping)
        node.pass(.seconds(5))
        let later = node.takeEffects()
        for peer in peers { #expect(subscriptions(later, to: peer.id).isEmpty) }
        #expect(node.machine.router.mesh(of: node.machine.topic) == nil)
    }

    @Test func aPeerThatMovedIsRememberedAtItsNewPlace() throws {
        var node = try SoloNode(discovers: true)
        let peer = try FakePeer(1)
        let old = try Multiaddr("/ip4/203.0.113.5/tcp/4001")
        let new = try Multiaddr("/ip4/203.0.113.77/tcp/4001")
        node.bring(.connected(peer.id, PeerLink(address: old, isOutbound: true)))
        let names: Set<ProtocolName> = ["/meshsub/1.1.0"]
        // Who has not said what it is has nothing to change.
        node.bring(.identifiedAgain(peer.id, PeerIdentification(protocols: names, listenAddresses: [new])))
        #expect(node.machine.discovery?.book.endpoints(of: peer.id) == [try #require(PeerEndpoint(old))])
        node.bring(.identified(peer.id, PeerIdentification(protocols: names, listenAddresses: [old])))
        _ = node.takeEffects()
        let record = SignedPeerRecord(addresses: [new], sequenceNumber: 7, by: peer.identity)?.envelope
        node.bring(
            .identifiedAgain(
                peer.id,
                PeerIdentification(protocols: [], listenAddresses: [new], signedRecord: record)
            )
        )
        let known = node.machine.discovery?.book.endpoints(of: peer.id) ?? []
        #expect(Set(known) == [try #require(PeerEndpoint(old)), try #require(PeerEndpoint(new))])
        #expect(node.machine.discovery?.book[peer.id]?.signedRecord?.envelope == record)
        #expect(node.takeEffects().misconduct.isEmpty)
    }

    @Test func forgedNewsCostAndAnotherNetworkIsTheEnd() throws {
        var node = try SoloNode(discovers: true)
        let (peer, other) = (try FakePeer(1), try FakePeer(2))
        let place = try Multiaddr("/ip4/203.0.113.5/tcp/4001")
        node.bring(.connected(peer.id, PeerLink(address: place, isOutbound: true)))
        let version = node.configuration.protocolVersion
        node.bring(.identified(peer.id, PeerIdentification(protocolVersion: version, protocols: [])))
        _ = node.takeEffects()
        // The record of somebody else under this peer's name.
        var forged = SignedPeerRecord(addresses: [place], sequenceNumber: 7, by: other.identity)?.envelope ?? []
        forged[forged.count - 1] ^= 1
        node.bring(.identifiedAgain(peer.id, PeerIdentification(protocols: [], signedRecord: forged)))
        #expect(node.takeEffects().misconduct == [.badPeerRecord])
        let stranger = NodeConfiguration.protocolVersion(of: NetworkID(named: "another"))
        node.bring(.identifiedAgain(peer.id, PeerIdentification(protocolVersion: stranger, protocols: [])))
        #expect(node.takeEffects().departures.map(\.reason) == [.otherNetwork])
    }
}
