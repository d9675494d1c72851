internal import CryptoCore
internal import Discovery
internal import Gossip
internal import NodeCore
internal import PeerProtocols
internal import Records

extension Simulation {
    /// A second's worth of one kind of spam for one peer.
    func spam(_ kind: SpamKind, by adversary: Adversary, over connection: Connection) {
        let end = connection.end(of: adversary.index)
        switch kind {
        case .advertisements:
            for _ in 0..<12 {
                let entry = GossipRPC.Advertisement(topic: network.topic, ids: inventedIDs(200))
                say(GossipRPC(have: [entry]), over: connection, from: end)
            }
        case .requests:
            let ids = adversary.heard.suffix(16).compactMap { MessageID.content($0) }
            for _ in 0..<5 { say(GossipRPC(want: ids + inventedIDs(200)), over: connection, from: end) }
        case .grafts:
            for _ in 0..<5 {
                say(GossipRPC(graft: [network.topic]), over: connection, from: end)
                say(GossipRPC(prune: [GossipRPC.Prune(topic: network.topic)]), over: connection, from: end)
            }
        case .unwanted:
            for _ in 0..<6 { say(GossipRPC(unwanted: inventedIDs(250)), over: connection, from: end) }
        case .subscriptions:
            let topics = (0..<200).compactMap { _ in
                GossipTopic("t\(UInt64.random(in: 0...UInt64.max, using: &attackRandom))")
            }
            for isJoined in [true, false, true] {
                let entries = topics.map { GossipRPC.Subscription(topic: $0, isJoined: isJoined) }
                say(GossipRPC(subscriptions: entries), over: connection, from: end)
            }
        case .malformed:
            guard connection[end].sendsGossip else { return }
            faults.attackCount += 1
            send(.malformedGossip(byteCount: 100), over: connection, from: end)
        case .forgeries:
            for _ in 0..<10 {
                if let message = forgery() { say(GossipRPC(messages: [message]), over: connection, from: end) }
            }
        case .invalidRecords:
            if let message = invalidMessage(by: adversary) {
                say(GossipRPC(messages: [message]), over: connection, from: end)
            }
        case .replays: say(GossipRPC(messages: adversary.heard), over: connection, from: end)
        case .streams, .garbage: openStreams(garbage: kind == .garbage, by: adversary, over: connection, from: end)
        }
    }

    private func inventedIDs(_ count: Int) -> [MessageID] {
        (0..<count).compactMap { _ in MessageID(attackRandom.bytes(45)) }
    }

    private func openStreams(
        garbage: Bool,
        by adversary: Adversary,
        over connection: Connection,
        from end: ConnectionEnd
    ) {
        for protocolName in network.framedProtocols.keys.sorted(by: { $0.description < $1.description }) {
            adversary.streamNumber += 1
            faults.attackCount += 1
            send(.openStream(adversary.streamNumber, protocolName), over: connection, from: end)
            guard garbage else { continue }
            let frame = LinkFrame.streamFrame(
                adversary.streamNumber,
                protocolName,
                isOpener: true,
                attackRandom.bytes(40)
            )
            send(frame, over: connection, from: end)
        }
    }

    /// A message in the name of an honest node, with bytes for a signature.
    func forgery() -> GossipMessage? {
        let author = Int.random(in: 0..<options.honestCount, using: &attackRandom)
        return GossipMessage(
            topic: network.topic,
            data: attackRandom.bytes(options.recordByteCount),
            source: participants[author].id,
            sequenceNumber: UInt64.random(in: 0...UInt64.max, using: &attackRandom),
            signature: [0x30, 0x44, 2, 32] + attackRandom.bytes(32) + [2, 32] + attackRandom.bytes(32)
        )
    }

    /// A message with the adversary's good signature and a record that it may not make: of its own, though it is no
    /// member, or one of an honest notary with a bent signature.
    func invalidMessage(by adversary: Adversary) -> GossipMessage? {
        let key = participants[adversary.index].key
        let honest = Int.random(in: 0..<options.honestCount, using: &attackRandom)
        let isOwn = Bool.random(using: &attackRandom)
        guard
            let header = try? network.header(
                by: isOwn ? adversary.index : honest,
                byteCount: options.recordByteCount,
                unixMilliseconds: UInt64(SimulatedNetwork.unixBeginning)
                    + now.nanoseconds(since: Self.beginning) / 1_000_000,
                random: &attackRandom
            ), let record = network.invalidRecord(header, isOwn: isOwn, key: key, random: &attackRandom)
        else { return nil }
        adversary.sequenceNumber += 1
        return MessageSigning.sign(
            record,
            topic: network.topic,
            sequenceNumber: adversary.sequenceNumber,
            author: PeerIdentity(privateKey: key)
        )
    }

    // MARK: Streams that honest nodes open

    /// A stream of an honest node: accepted, like a node would.
    func take(stream number: UInt64, _ name: ProtocolName, over connection: Connection, at end: ConnectionEnd) {
        send(.streamAccepted(number), over: connection, from: end)
    }

    /// A frame of an honest node on a stream that it opened.
    ///
    /// Questions for peers are answered with other attackers alone; all else is left without an answer.
    func answer(
        _ bytes: [UInt8],
        on number: UInt64,
        _ name: ProtocolName,
        over connection: Connection,
        at end: ConnectionEnd,
        by adversary: Adversary
    ) {
        guard name != FramedProtocol.sync.name,
            let question = try? KademliaMessage(decoding: bytes, limits: KademliaLimits())
        else { return }
        let peers = (0..<16).compactMap { _ -> KademliaMessage.Peer? in
            let other = participants[Int.random(in: options.honestCount..<options.nodeCount, using: &attackRandom)]
            guard let endpoint = PeerEndpoint(other.address) else { return nil }
            return KademliaMessage.Peer(id: other.id, endpoints: [endpoint], connection: .connected)
        }
        let reply = KademliaMessage(question.kind, key: question.key, closerPeers: peers).encoded
        faults.attackCount += 1
        send(.streamFrame(number, name, isOpener: false, reply), over: connection, from: end)
    }
}
