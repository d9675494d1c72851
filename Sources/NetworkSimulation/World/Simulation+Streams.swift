internal import Gossip
internal import NodeCore
internal import PeerProtocols

extension Simulation {
    /// A frame reaches an honest node.
    func take(
        _ frame: LinkFrame,
        from sender: Int,
        over connection: Connection,
        at end: ConnectionEnd,
        of node: HonestNode
    ) {
        let peer = participants[sender].id
        switch frame {
        case .identifyRequest:
            send(.identify(participants[node.index].identification), over: connection, from: end)
        case .identify(let identification): handle(.identified(peer, identification), at: node)
        case .openGossip(let version): send(.gossipOpened(version), over: connection, from: end)
        case .gossipOpened(let version):
            connection[end].sendsGossip = true
            handle(.gossipOpened(peer, version), at: node)
        case .gossip(let rpc):
            if !rpc.unwanted.isEmpty { withdraw(rpc.unwanted, from: connection, end) }
            // What a node does not even look at any more is no reason for it to do anything.
            if !rpc.messages.isEmpty, participants[sender].adversary?.behaviour.sendsInvalidMessages == true,
                node.core?.isGraylisted(peer) == false
            {
                faults.attackedPairs[AttackedPair(victim: node.index, attacker: sender), default: 0] +=
                    rpc.messages.count
            }
            handle(.gossipReceived(rpc, from: peer), at: node)
            watch.checkScore(of: sender, at: node, in: self)
        case .malformedGossip: handle(.gossipMalformed(from: peer), at: node)
        case .gossipClosed, .close: break
        case .openStream(let number, let name):
            guard network.framedProtocols[name] != nil else {
                return send(.streamEnd(number, isOpener: false, .reset), over: connection, from: end)
            }
            node.lastPeerStream += 1
            let own = node.lastPeerStream
            connection[end.other].opened[number] = own
            node.peerStreams[own] = PeerStream(connection: connection, number: number, name: name)
            send(.streamAccepted(number), over: connection, from: end)
            handle(.streamOpened(StreamID(opener: .peer, number: own), peer, name), at: node)
        case .streamAccepted(let number):
            guard let stream = node.ownStreams[number], stream.connection === connection else { return }
            handle(.streamOpened(StreamID(opener: .node, number: number), peer, stream.name), at: node)
        case .streamFrame(let number, let name, let isOpener, let bytes):
            guard let stream = stream(number, isOpener: isOpener, over: connection, at: end, of: node) else { return }
            if bytes.count > network.framedProtocols[name] ?? 0 {
                removeStream(stream, of: node)
                return handle(.streamClosed(stream, .malformed), at: node)
            }
            handle(.frameReceived(stream, bytes), at: node)
        case .streamEnd(let number, let isOpener, let how):
            guard let stream = stream(number, isOpener: isOpener, over: connection, at: end, of: node) else { return }
            removeStream(stream, of: node)
            handle(.streamClosed(stream, how), at: node)
        }
    }

    /// What the node calls a stream that a frame names.
    private func stream(
        _ number: UInt64,
        isOpener: Bool,
        over connection: Connection,
        at end: ConnectionEnd,
        of node: HonestNode
    ) -> StreamID? {
        if isOpener { return connection[end.other].opened[number].map { StreamID(opener: .peer, number: $0) } }
        guard node.ownStreams[number]?.connection === connection else { return nil }
        return StreamID(opener: .node, number: number)
    }

    /// IDONTWANT also takes back what has not left yet.
    private func withdraw(_ ids: [MessageID], from connection: Connection, _ end: ConnectionEnd) {
        guard connection[end].outbox != nil else { return }
        let unwanted = Set(ids)
        let messageID = network.configuration.gossip.messageID
        let count = connection[end].outbox?.removeMessages { messageID($0).map(unwanted.contains) ?? false }
        traffic.messagesWithdrawn += count ?? 0
    }

    // MARK: What nodes ask for

    func openStream(_ stream: StreamID, to peer: PeerID, _ name: ProtocolName, at node: HonestNode) {
        guard let (connection, end) = connection(of: node, to: peer) else {
            events.insert(.tell(node, life: node.life, .streamClosed(stream, .reset)), at: now)
            return
        }
        node.ownStreams[stream.number] = OwnStream(connection: connection, name: name)
        send(.openStream(stream.number, name), over: connection, from: end)
    }

    func sendFrame(_ bytes: [UInt8], on stream: StreamID, at node: HonestNode) {
        guard let (connection, number, name) = place(of: stream, at: node) else { return }
        let frame = LinkFrame.streamFrame(number, name, isOpener: stream.opener == .node, bytes)
        send(frame, over: connection, from: connection.end(of: node.index))
    }

    func closeStream(_ stream: StreamID, _ how: StreamEnd, at node: HonestNode) {
        guard let (connection, number, _) = place(of: stream, at: node) else { return }
        removeStream(stream, of: node)
        let frame = LinkFrame.streamEnd(number, isOpener: stream.opener == .node, how)
        send(frame, over: connection, from: connection.end(of: node.index))
    }

    /// The connection of a stream, the number that its opener gave it, and its protocol.
    private func place(of stream: StreamID, at node: HonestNode) -> (Connection, UInt64, ProtocolName)? {
        switch stream.opener {
        case .node: node.ownStreams[stream.number].map { ($0.connection, stream.number, $0.name) }
        case .peer: node.peerStreams[stream.number].map { ($0.connection, $0.number, $0.name) }
        }
    }

    private func removeStream(_ stream: StreamID, of node: HonestNode) {
        switch stream.opener {
        case .node: node.ownStreams[stream.number] = nil
        case .peer:
            guard let removed = node.peerStreams.removeValue(forKey: stream.number) else { return }
            let opener = removed.connection.end(of: node.index).other
            removed.connection[opener].opened[removed.number] = nil
        }
    }

    /// A connection is gone for a node, and its streams with it.
    func forgetStreams(of connection: Connection, at node: HonestNode) {
        if !node.ownStreams.isEmpty { node.ownStreams = node.ownStreams.filter { $0.value.connection !== connection } }
        let end = connection.end(of: node.index)
        for own in connection[end.other].opened.values { node.peerStreams[own] = nil }
        connection[end.other].opened = [:]
    }
}
