import Attestations
import Discovery
import Gossip
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records
import Testing
import WireFormat

/// What each kind of bad input does to the score of the peer that brings it, once and repeatedly.
@Suite struct BadInputScoreTests {
    let samples = RecordSamples()
    let time = SoloNode.start.unixMilliseconds
    let past = SoloNode.start.unixMilliseconds - 2 * 86_400_000

    /// A record of each bad kind that gossip may bring.
    func badRecord(_ kind: String, session: Int = 1) throws -> [UInt8] {
        var others = samples
        others.network = NetworkID(named: "another")
        let good = try samples.record(session: 1, at: time).bytes
        return switch kind {
        case "network": try others.record(session: 1, at: time).bytes
        case "member": try samples.record(notary: 5, session: 1, at: time).bytes
        case "future": try samples.record(session: session, at: time + 3_600_000).bytes
        case "stale": try samples.record(session: 1, at: time - 3_600_000).bytes
        case "length": Array(good.prefix(72)) + [0xff, 0xff, 0xff, 0xff] + good.dropFirst(76)
        default: good.dropLast(10) + [good[good.count - 10] ^ 1] + good.suffix(9)
        }
    }

    /// P4: the number of invalid messages squared, times 100, so that the fourth makes a stranger of the peer.
    @Test(arguments: ["network", "member", "future", "stale", "length", "bit"])
    func eachBadRecordOfGossipCountsSquared(kind: String) throws {
        let member = try RecordSamples.key(0).ethereumAddress
        var node = try SoloNode { $0.membership = ListedSigners([member]) }
        var peer = try FakePeer(1)
        try node.connect(peer)
        for (count, score) in [(1, -100.0), (2, -400), (3, -900)] {
            try node.gossip(try badRecord(kind, session: count), from: &peer)
            #expect(node.machine.router.score(of: peer.id) == score, "after \(count)")
            #expect(node.takeEffects().departures.isEmpty)
        }
        try node.gossip(try badRecord(kind, session: 4), from: &peer)
        #expect(node.machine.router.score(of: peer.id) == -1_600)
        node.pass(.seconds(2))
        #expect(node.takeEffects().departures.map(\.reason) == [.graylisted])
        #expect(try node.storedIDs().isEmpty)
    }

    /// A clock that is wrong by some minutes, or a record that was here before, is nobody's fault.
    @Test func skewAndReplaysCostNothing() throws {
        var node = try SoloNode()
        var peer = try FakePeer(1)
        try node.connect(peer)
        for difference in [-700_000, 90_000] as [Int64] {
            try node.gossip(try samples.record(session: 1, at: UInt64(Int64(time) + difference)).bytes, from: &peer)
        }
        #expect(node.takeEffects().refusals.map(\.verdict) == [.ignore, .ignore])
        #expect(node.machine.router.score(of: peer.id) == 0)
        let record = try samples.record(session: 2, at: time).bytes
        // The first brings something; the others are the same thing, whatever their numbers.
        for _ in 0..<400 { try node.gossip(record, from: &peer) }
        #expect(node.machine.router.score(of: peer.id) == 0.5)
        #expect(node.machine.router.statistics.duplicates == 399)
    }

    /// The same RPC once more has no effect at all: its message was seen.
    @Test func aReplayedMessageIsADuplicate() throws {
        var node = try SoloNode()
        var peer = try FakePeer(1)
        let copier = try FakePeer(2)
        try node.connect(peer)
        try node.connect(copier)
        let message = try peer.message(try samples.record(session: 1, at: time).bytes, topic: node.machine.topic)
        for _ in 0..<5 { node.bring(.gossipReceived(GossipRPC(messages: [message]), from: peer.id)) }
        for _ in 0..<5 { node.bring(.gossipReceived(GossipRPC(messages: [message]), from: copier.id)) }
        #expect(node.machine.router.statistics.duplicates == 9)
        #expect(node.machine.router.score(of: peer.id) == 0.5)
        #expect(node.machine.router.score(of: copier.id) == 0)
        #expect(try node.storedIDs().count == 1)
    }

    /// A node of another network is left without a bad name: it may only have been told a wrong address.
    @Test func anotherNetworkCostsTheConnectionOnly() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        let version = NodeConfiguration.protocolVersion(of: NetworkID(named: "another"))
        node.bring(.connected(peer.id, PeerLink(address: nil, isOutbound: false)))
        node.bring(.identified(peer.id, PeerIdentification(protocolVersion: version, protocols: ["/meshsub/1.2.0"])))
        #expect(node.takeEffects().departures.map(\.reason) == [.otherNetwork])
        node.bring(.disconnected(peer.id))
        #expect(node.machine.router.score(of: peer.id) == 0)
        #expect(node.machine.statistics.misconduct.isEmpty)
    }

    /// What is no RPC, or announced as longer than one may be: 10 of misbehaviour, of which 6 are free, squared.
    @Test func aBrokenGossipStreamCostsTheConnection() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        try node.connect(peer)
        _ = node.takeEffects()
        node.bring(.gossipMalformed(from: peer.id))
        #expect(node.takeEffects().departures.map(\.reason) == [.malformed])
        #expect(node.machine.router.score(of: peer.id) == -160)
    }

    /// Lengths that ask for much more than arrived, as an answer and as a question: 600 each, so the second is the end.
    @Test(
        arguments: [
            [1, 0xff, 0xff, 0xff, 0xff], [2, 0, 0, 0x10, 0], [3, 0, 0, 0x10, 0],
            [3, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff],
        ] as [[UInt8]]
    )
    func lengthsOfWhatDoesNotComeCostAnAnswererItsGoodName(answer: [UInt8]) throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        try node.connect(peer, syncs: true)
        let play = try node.play(peer) { _ in .frame(answer) }
        #expect(play.outcome == .misconduct(.malformedFrame))
        // It was in the mesh for some seconds, which is worth a little.
        #expect((-600.0 ... -599.9).contains(node.machine.router.score(of: peer.id)))
        #expect(play.effects.departures.isEmpty)
    }

    @Test func lengthsOfWhatDoesNotComeCostAnAskerItsGoodName() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        try node.connect(peer)
        for (number, score) in [(0, -600.0), (1, -1_200)] {
            let stream = StreamID(opener: .peer, number: UInt64(number))
            node.bring(.streamOpened(stream, peer.id, FramedProtocol.sync.name))
            // A selection of 2^32 - 1 ids.
            node.bring(.frameReceived(stream, [4, 1, 0xff, 0xff, 0xff, 0xff]))
            #expect(node.machine.router.score(of: peer.id) == score)
        }
        #expect(node.takeEffects().departures.map(\.reason) == [.graylisted])
    }

    /// Records of strangers, of other networks or with a bent signature among those that a peer keeps: 400 an answer.
    @Test(arguments: ["network", "member", "bit"])
    func aKeeperOfBadRecordsLosesItsGoodName(kind: String) throws {
        var others = samples
        others.network = NetworkID(named: "another")
        let records = try samples.series(5, from: past, every: 1_000)
        var bad = records[0].bytes
        switch kind {
        case "network": bad = try others.record(notary: 7, session: 1, at: past).bytes
        case "member": bad = try samples.record(notary: 5, session: 1, at: past).bytes
        default: bad[bad.count - 10] ^= 1
        }
        let member = try RecordSamples.key(7).ethereumAddress
        var node = try SoloNode { $0.membership = ListedSigners([member]) }
        let peer = try FakePeer(1)
        try node.connect(peer, syncs: true)
        var keeper = try HonestKeeper(records)
        let play = try node.play(peer) { request in
            let answer = try keeper.response(to: request)
            guard case .records(let records, let next) = answer else { return .response(answer) }
            return .response(.records([bad] + records.dropFirst(), next: next))
        }
        #expect(play.outcome == .misconduct(.invalidRecord))
        #expect((-400.0 ... -399.9).contains(node.machine.router.score(of: peer.id)))
        #expect(try node.storedIDs().isEmpty)
    }

    /// A question of Kademlia that is none: 600.
    @Test(arguments: [[0xff, 0xff, 0xff], [0x12, 0xff, 0xff, 0xff, 0xff, 0x7f], [8, 4]] as [[UInt8]])
    func nonsenseOnKademliaCostsScore(frame: [UInt8]) throws {
        var node = try SoloNode(discovers: true)
        let peer = try FakePeer(1)
        try node.connect(peer, address: "/ip4/203.0.113.5/tcp/4001")
        let stream = StreamID(opener: .peer, number: 0)
        node.bring(.streamOpened(stream, peer.id, NodeConfiguration.kademliaProtocol(of: samples.network)))
        node.bring(.frameReceived(stream, frame))
        #expect(node.machine.router.score(of: peer.id) == -600)
        let isReset = node.takeEffects().contains { if case .closeStream(stream, .reset) = $0 { true } else { false } }
        #expect(isReset)
    }
}
