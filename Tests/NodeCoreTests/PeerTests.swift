import Attestations
import Gossip
import NodeCore
import PeerProtocols
import RecordSamples
import Testing

/// Who may stay, and when gossip with a peer begins.
@Suite struct PeerTests {
    let link = PeerLink(address: nil, isOutbound: false)
    let gossip: Set<ProtocolName> = ["/meshsub/1.1.0"]

    func opened(_ effects: [NodeEffect]) -> [PeerID] {
        effects.compactMap { if case .openGossip(let peer) = $0 { peer } else { nil } }
    }

    @Test func peersOfAnotherNetworkAreRefused() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        let other = NodeConfiguration.protocolVersion(of: NetworkID(named: "another"))
        node.bring(.connected(peer.id, link))
        node.bring(.identified(peer.id, PeerIdentification(protocolVersion: other, protocols: gossip)))
        let effects = node.takeEffects()
        #expect(effects.departures.map(\.reason) == [.otherNetwork])
        #expect(opened(effects).isEmpty)
        let notices = effects.compactMap { if case .notify(let notice) = $0 { "\(notice)" } else { nil } }
        #expect(notices.count == 2 && notices[0].hasPrefix("connected") && notices[1].contains("otherNetwork"))
        // Until it is gone, nothing more is done with it.
        node.bring(.gossipOpened(peer.id, .v1_1))
        #expect(node.machine.router.connectedPeers.isEmpty)
    }

    @Test(arguments: ["", "ipfs/0.1.0", "py-libp2p/0.8.1"])
    func otherProgramsAreWelcome(version: String) throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        node.bring(.connected(peer.id, link))
        node.bring(.identified(peer.id, PeerIdentification(protocolVersion: version, protocols: gossip)))
        let effects = node.takeEffects()
        #expect(effects.departures.isEmpty)
        #expect(opened(effects) == [peer.id])
    }

    @Test func peersOfTheNetworkAreWelcome() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        node.bring(.connected(peer.id, link))
        let version = node.configuration.protocolVersion
        node.bring(.identified(peer.id, PeerIdentification(protocolVersion: version, protocols: gossip)))
        #expect(opened(node.takeEffects()) == [peer.id])
    }

    @Test func whoDoesNotSayWhatItIsIsRefused() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        node.bring(.connected(peer.id, link))
        node.bring(.identified(peer.id, nil))
        #expect(node.takeEffects().departures.map(\.reason) == [.unidentified])
    }

    @Test func aPeerWithoutGossipIsLeftAlone() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        node.bring(.connected(peer.id, link))
        node.bring(.identified(peer.id, PeerIdentification(protocols: ["/another/1"])))
        #expect(opened(node.takeEffects()).isEmpty)
    }

    @Test func aBadNameOutlivesTheConnection() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        let stream = StreamID(opener: .peer, number: 0)
        try node.connect(peer)
        node.bring(.streamOpened(stream, peer.id, FramedProtocol.sync.name))
        for number in 0..<2 as Range<UInt64> {
            let stream = StreamID(opener: .peer, number: number)
            node.bring(.streamOpened(stream, peer.id, FramedProtocol.sync.name))
            node.bring(.frameReceived(stream, [9]))
        }
        #expect(node.takeEffects().departures.map(\.reason) == [.graylisted])
        node.bring(.disconnected(peer.id))
        node.bring(.connected(peer.id, link))
        #expect(node.takeEffects().departures.map(\.reason) == [.graylisted])
        node.bring(.disconnected(peer.id))
        // It fades.
        node.pass(.seconds(1_800))
        _ = node.takeEffects()
        node.bring(.connected(peer.id, link))
        #expect(node.takeEffects().departures.isEmpty)
    }

    @Test func whatComesEarlyIsNotLost() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        node.bring(.connected(peer.id, link))
        node.bring(
            .gossipReceived(
                GossipRPC(subscriptions: [.init(topic: node.machine.topic, isJoined: true)]),
                from: peer.id
            )
        )
        #expect(node.machine.router.peers(of: node.machine.topic).isEmpty)
        node.bring(.identified(peer.id, PeerIdentification(protocols: gossip)))
        node.bring(.gossipOpened(peer.id, .v1_1))
        #expect(node.machine.router.peers(of: node.machine.topic) == [peer.id])
    }

    @Test func whatComesEarlyIsBounded() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        node.bring(.connected(peer.id, link))
        for _ in 0..<20 {
            let rpc = GossipRPC(subscriptions: [.init(topic: node.machine.topic, isJoined: true)])
            node.bring(.gossipReceived(rpc, from: peer.id))
        }
        #expect(node.machine.statistics.earlyRPCsDropped == 4)
        var large = try FakePeer(2)
        node.bring(.connected(large.id, link))
        for _ in 0..<3 {
            let message = try large.message([UInt8](repeating: 1, count: 100_000), topic: node.machine.topic)
            node.bring(.gossipReceived(GossipRPC(messages: [message]), from: large.id))
        }
        #expect(node.machine.statistics.earlyRPCsDropped == 5)
    }

    @Test func gossipIsOpenedAgainSomeTimes() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        try node.connect(peer)
        _ = node.takeEffects()
        var opened = 0
        for _ in 0..<10 {
            node.bring(.gossipClosed(peer.id))
            #expect(node.machine.router.connectedPeers.isEmpty)
            node.pass(.seconds(70))
            opened += self.opened(node.takeEffects()).count
            node.bring(.gossipOpened(peer.id, .v1_2))
        }
        #expect(opened == 5)
    }

    /// A stream that was open for a while and ends, as with one of two connections, is opened anew at once and for ever.
    @Test func gossipThatLastedIsOpenedAgainAtOnce() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        try node.connect(peer)
        for _ in 0..<10 {
            node.pass(.seconds(31))
            _ = node.takeEffects()
            node.bring(.gossipClosed(peer.id))
            #expect(opened(node.takeEffects()) == [peer.id])
            node.bring(.gossipOpened(peer.id, .v1_2))
        }
    }

    /// A peer whose own stream lives on does not say again what it subscribed to.
    @Test func subscriptionsOutliveTheOwnStream() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        try node.connect(peer)
        let topic = node.machine.topic
        #expect(node.machine.router.peers(of: topic) == [peer.id])
        node.bring(.gossipClosed(peer.id))
        #expect(node.machine.router.peers(of: topic).isEmpty)
        node.bring(.gossipOpened(peer.id, .v1_2))
        #expect(node.machine.router.peers(of: topic) == [peer.id])
        // What it says meanwhile counts.
        node.bring(.gossipClosed(peer.id))
        let rpc = GossipRPC(subscriptions: [.init(topic: topic, isJoined: false)])
        node.bring(.gossipReceived(rpc, from: peer.id))
        node.bring(.gossipOpened(peer.id, .v1_2))
        #expect(node.machine.router.peers(of: topic).isEmpty)
        // A connection that ends ends all of it.
        node.bring(.gossipReceived(GossipRPC(subscriptions: [.init(topic: topic, isJoined: true)]), from: peer.id))
        node.bring(.disconnected(peer.id))
        node.bring(.connected(peer.id, link))
        node.bring(.identified(peer.id, PeerIdentification(protocols: gossip)))
        node.bring(.gossipOpened(peer.id, .v1_2))
        #expect(node.machine.router.peers(of: topic).isEmpty)
    }

    @Test func brokenGossipEndsTheConnection() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        try node.connect(peer)
        _ = node.takeEffects()
        node.bring(.gossipMalformed(from: peer.id))
        node.bring(.gossipMalformed(from: peer.id))
        #expect(node.takeEffects().departures.map(\.reason) == [.malformed])
        #expect(node.machine.router.score(of: peer.id) < 0)
    }

    /// Who does not let itself be sent gossip pays for nonsense as well.
    @Test func brokenGossipCostsWithoutAStreamOfOnesOwn() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        node.bring(.connected(peer.id, link))
        node.bring(.identified(peer.id, PeerIdentification(protocols: ["/another/1"])))
        node.bring(.gossipMalformed(from: peer.id))
        #expect(node.takeEffects().misconduct == [.malformedFrame])
        node.bring(.gossipMalformed(from: peer.id))
        #expect(node.takeEffects().departures.map(\.reason) == [.graylisted])
    }

    @Test func eventsOfTheUnknownDoNothing() throws {
        var node = try SoloNode()
        _ = node.takeEffects()
        let peer = try FakePeer(1).id
        let streams = [StreamID(opener: .node, number: 7), StreamID(opener: .peer, number: 7)]
        node.bring(.identified(peer, PeerIdentification(protocols: gossip)))
        node.bring(.disconnected(peer))
        node.bring(.dialFailed(peer, []))
        node.bring(.gossipOpened(peer, .v1_2))
        node.bring(.gossipClosed(peer))
        node.bring(.gossipReceived(GossipRPC(), from: peer))
        node.bring(.gossipMalformed(from: peer))
        for stream in streams {
            node.bring(.frameReceived(stream, [1]))
            node.bring(.streamClosed(stream, .malformed))
        }
        node.bring(.committed(through: CommitToken(number: 99)))
        node.bring(.started(listening: []))
        #expect(node.takeEffects().isEmpty)
        // A stream of its own that it knows nothing of is closed.
        node.bring(.streamOpened(streams[0], peer, FramedProtocol.sync.name))
        #expect(node.takeEffects().count == 1)
    }

    @Test func aNodeDoesNotConnectToItself() throws {
        var node = try SoloNode()
        _ = node.takeEffects()
        node.bring(.connected(node.machine.peerID, link))
        #expect(node.machine.status(now: node.now).peers.isEmpty)
    }
}
