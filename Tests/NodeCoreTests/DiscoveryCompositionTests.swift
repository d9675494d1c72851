import Attestations
import CryptoCore
import Discovery
import Gossip
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records
import Testing

/// Nodes that know one of them find the others, and find them again without it.
@Suite struct DiscoveryCompositionTests {
    func network(_ count: Int) throws -> TestNetwork {
        let bootstrap = try TestNetwork.address(0).with(PeerID(publicKey: RecordSamples.key(0).publicKey))
        var network = try TestNetwork(count, discovers: true) { configuration, number in
            configuration.discovery?.exemptLoopback()
            if number > 0 { configuration.discovery?.bootstrap = [bootstrap] }
            configuration.discovery?.storageInterval = .seconds(10)
        }
        network.dials = true
        return network
    }

    @Test func nodesFindEachOtherThroughOne() throws {
        var network = try network(8)
        network.pass(.seconds(60))
        for node in 0..<8 {
            let status = try #require(network.members[node].machine?.status(now: network.now))
            #expect(status.peers.count == 7)
            #expect(status.peers.allSatisfy { $0.score >= 0 })
            #expect(status.discovery?.statistics.offences == 0)
        }
        try network.attest(session: 1, at: 5)
        network.pass(.seconds(1))
        for node in 0..<8 { #expect(try network.storedIDs(node).count == 1) }
    }

    @Test func aRestartedNodeKnowsWhereItsPeersAre() throws {
        var network = try network(5)
        network.pass(.seconds(90))
        let stored = try #require(network.members[3].store)
        let known = try stored.records(in: NodeStore.peers, limit: ScanLimit(count: 100)).records
        #expect(known.count >= 2)
        #expect(StoreCheck(of: stored, layout: NodeStore.layout(network: RecordSamples().network)).isSound)
        var random = BlockPRG(seed: Block(2, 2))
        // The bootstrap node is gone for good.
        network.crash(0, losesPower: false, random: &random)
        network.crash(3, losesPower: true, random: &random)
        network.pass(.seconds(5))
        try network.start(3)
        network.pass(.seconds(60))
        #expect(try #require(network.members[3].machine).status(now: network.now).peers.count == 3)
    }

    @Test func whatIsKnownIsStoredAtTheEnd() throws {
        var node = try SoloNode(discovers: true)
        let peer = try FakePeer(1)
        node.bring(
            .connected(peer.id, PeerLink(address: try Multiaddr("/ip4/203.0.113.5/tcp/4001"), isOutbound: true))
        )
        let limit = ScanLimit(count: 10)
        #expect(try node.store.records(in: NodeStore.peers, limit: limit).records.isEmpty)
        node.bring(.stopping)
        #expect(try node.store.records(in: NodeStore.peers, limit: limit).records.map(\.key.peer) == [peer.id])
    }

    /// Whom a peer of good standing names when it prunes is dialled, at addresses that are signed by it, and at no others.
    @Test(arguments: ["signed by itself", "signed by another", "unsigned"], [30, 0])
    func peersThatAreRecommendedAreDialled(record: String, messages: Int) throws {
        let samples = RecordSamples()
        var node = try SoloNode(discovers: true)
        var peer = try FakePeer(1)
        let other = try FakePeer(2)
        let liar = try FakePeer(3)
        try node.connect(peer, address: "/ip4/203.0.113.5/tcp/4001")
        node.graft([peer])
        // Standing comes from what it brings: half a point each, and ten are needed.
        for session in 0..<messages {
            try node.gossip(
                try samples.record(notary: 5, session: session, at: node.now.unixMilliseconds).bytes,
                from: &peer
            )
        }
        node.pass(.seconds(2))
        #expect((node.machine.router.score(of: peer.id) >= 10) == (messages > 0))
        _ = node.takeEffects()
        let address = try Multiaddr("/ip4/198.51.100.7/tcp/4001")
        let signer: FakePeer? =
            switch record {
            case "signed by itself": other
            case "signed by another": liar
            default: nil
            }
        let envelope = signer.flatMap { signer in
            SignedPeerRecord(addresses: [address], sequenceNumber: 1, by: signer.identity)?.envelope
        }
        let recommended = GossipRPC.ExchangedPeer(id: other.id, signedRecord: envelope)
        let prune = GossipRPC.Prune(topic: node.machine.topic, peers: [recommended], backoffSeconds: 60)
        node.bring(.gossipReceived(GossipRPC(prune: [prune]), from: peer.id))
        node.pass(.seconds(2))
        let dials = node.takeEffects().compactMap { effect -> [Multiaddr]? in
            if case .dial(other.id, let addresses) = effect { addresses } else { nil }
        }
        if record == "signed by itself", messages > 0 {
            #expect(dials.first?.map(\.withoutPeerID) == [address])
        } else {
            #expect(dials.isEmpty)
        }
    }

    @Test func aStrangersQuestionsAreLimited() throws {
        var node = try SoloNode(discovers: true) { $0.discovery?.requestBurstMax = 3 }
        let peer = try FakePeer(1)
        try node.connect(peer, address: "/ip4/203.0.113.5/tcp/4001")
        let protocolName = NodeConfiguration.kademliaProtocol(of: RecordSamples().network)
        let stream = StreamID(opener: .peer, number: 1)
        node.bring(.streamOpened(stream, peer.id, protocolName))
        _ = node.takeEffects()
        let question = KademliaMessage(.findNode, key: peer.id.bytes).encoded
        for _ in 0..<3 {
            node.bring(.frameReceived(stream, question))
            let effects = node.takeEffects()
            #expect(effects.contains { if case .sendFrame(_, on: stream) = $0 { true } else { false } })
        }
        node.bring(.frameReceived(stream, question))
        let effects = node.takeEffects()
        #expect(effects.misconduct == [.excess])
        #expect(effects.contains { if case .closeStream(stream, .reset) = $0 { true } else { false } })
        #expect(node.machine.router.score(of: peer.id) < 0)
        // Streams are limited, too.
        for number in 2..<12 {
            node.bring(.streamOpened(StreamID(opener: .peer, number: UInt64(number)), peer.id, protocolName))
        }
        let closed = node.takeEffects().count { if case .closeStream(_, .reset) = $0 { true } else { false } }
        #expect(closed == 2)
    }

    @Test func nonsenseInsteadOfAnAnswerIsAFault() throws {
        var node = try SoloNode(discovers: true)
        var peer = try FakePeer(1)
        let name = NodeConfiguration.kademliaProtocol(of: RecordSamples().network)
        let link = PeerLink(address: try Multiaddr("/ip4/203.0.113.5/tcp/4001"), isOutbound: true)
        node.bring(.connected(peer.id, link))
        node.bring(.identified(peer.id, PeerIdentification(protocols: [name])))
        var asked: StreamID?
        for case .openStream(let stream, to: peer.id, name) in node.takeEffects() { asked = stream }
        let stream = try #require(asked)
        node.bring(.streamOpened(stream, peer.id, name))
        #expect(node.takeEffects().contains { if case .sendFrame(_, on: stream) = $0 { true } else { false } })
        node.bring(.frameReceived(stream, [1, 2, 3]))
        #expect(node.takeEffects().misconduct == [.malformedFrame])
        node.bring(.frameReceived(stream, [1, 2, 3]))
        #expect(node.takeEffects().misconduct.isEmpty)
        _ = try peer.message([], topic: node.machine.topic)
    }

    @Test func forgedPeerRecordsAreFaultsOfWhoBringsThem() throws {
        var node = try SoloNode(discovers: true)
        let peer = try FakePeer(1)
        let victim = try FakePeer(2)
        let record = SignedPeerRecord(
            addresses: [try Multiaddr("/ip4/203.0.113.9/tcp/1")],
            sequenceNumber: 1,
            by: victim.identity
        )
        node.bring(
            .connected(peer.id, PeerLink(address: try Multiaddr("/ip4/203.0.113.5/tcp/4001"), isOutbound: false))
        )
        // A good record, but another peer's.
        node.bring(
            .identified(peer.id, PeerIdentification(protocols: [], signedRecord: try #require(record).envelope))
        )
        #expect(node.takeEffects().misconduct == [.badPeerRecord])
    }

    /// A peer that was reached and then misbehaved is not the first to be dialled when connections are missing, and its
    /// bad name keeps no dial waiting.
    @Test func graylistedPeersTakeNobodysPlace() throws {
        var node = try SoloNode(discovers: true) { $0.discovery?.connections.outboundTarget = 2 }
        let bad = try FakePeer(1)
        let good = try FakePeer(2)
        for (peer, host) in [(bad, 5), (good, 6)] {
            try node.connect(peer, address: "/ip4/203.\(host).113.5/tcp/4001")
        }
        // The honest one only went away.
        node.bring(.disconnected(good.id))
        for number in 1...5 as ClosedRange<UInt64> {
            let forgery = GossipMessage(
                topic: node.machine.topic,
                data: [1, 2, 3],
                source: good.id,
                sequenceNumber: number,
                signature: [UInt8](repeating: 1, count: 70)
            )
            node.bring(.gossipReceived(GossipRPC(messages: [forgery]), from: bad.id))
        }
        node.pass(.seconds(2))
        #expect(node.takeEffects().departures.map(\.peer) == [bad.id])
        node.bring(.disconnected(bad.id))
        node.pass(.seconds(120))
        let dialled = node.takeEffects().compactMap { if case .dial(let peer, _) = $0 { peer } else { nil } }
        #expect(dialled.first == good.id)
        #expect(!dialled.contains(bad.id))
        #expect((node.machine.discovery?.statistics.peersShunned ?? 0) >= 2)
    }

    @Test func peersOfAnotherNetworkAreNotDialledAgainSoon() throws {
        var node = try SoloNode(discovers: true) { $0.discovery?.connections.outboundTarget = 2 }
        let peer = try FakePeer(1)
        let other = NodeConfiguration.protocolVersion(of: NetworkID(named: "another"))
        let address = try Multiaddr("/ip4/203.0.113.5/tcp/4001")
        var dialCount = 0
        node.bring(.connected(peer.id, PeerLink(address: address, isOutbound: true)))
        for _ in 0..<600 {
            if node.machine.discovery?.connections[peer.id] != nil {
                node.bring(.identified(peer.id, PeerIdentification(protocolVersion: other, protocols: [])))
                node.bring(.disconnected(peer.id))
            }
            node.pass(.seconds(1))
            for case .dial(peer.id, _) in node.takeEffects() {
                dialCount += 1
                node.bring(.connected(peer.id, PeerLink(address: address, isOutbound: true)))
            }
        }
        #expect((1...60).contains(dialCount))
    }

    @Test func theOwnRecordNamesTheAddresses() throws {
        var node = try SoloNode(discovers: true)
        let address = try Multiaddr("/ip4/203.0.113.5/tcp/4001")
        node.bring(.listening([address.with(node.machine.peerID)]))
        let envelope = try #require(node.machine.signedPeerRecord)
        let record = try SignedPeerRecord(envelope: envelope)
        #expect(record.peer == node.machine.peerID)
        #expect(record.addresses == [address])
    }
}
