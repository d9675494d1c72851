internal import Gossip
internal import NodeCore
internal import PeerNetworking
internal import PeerProtocols

/// Stands between a host's connections and streams and what a node's decisions know of them: turns the host's events
/// into the node's, and does what the node asks of the network.
///
/// Belongs to one thread. Nothing here waits, and all that waits here is bounded.
struct PeerTraffic {
    private let host: PeerHost
    private let limits: GossipLimits
    private let configuration: NodeLoopConfiguration
    private let dialled: @Sendable (DialQueue.Attempt, Bool) -> Void
    private var links: PeerLinks
    private var gossip: GossipLinks
    private var framed = FramedStreams()
    private var dials: DialQueue
    /// Connections that the node does not need, and that sessions may use.
    private var guests: [PeerConnectionID: PeerConnection] = [:]
    private let protocols: Set<ProtocolName>
    private var tagCount: UInt64 = 0

    /// - Parameters:
    ///   - host: Reports its events to where they are taken from.
    ///   - gossip: Of the router.
    ///   - dialled: Called on some thread when an attempt ended, and whether it succeeded; ``dialFinished(_:succeeded:)``
    ///     is to follow on this thread.
    init(
        host: PeerHost,
        gossip: GossipConfiguration,
        protocols: [FramedProtocol],
        configuration: NodeLoopConfiguration,
        dialled: @escaping @Sendable (DialQueue.Attempt, Bool) -> Void
    ) {
        self.host = host
        self.configuration = configuration
        self.dialled = dialled
        limits = gossip.limits
        links = PeerLinks(connectionCountPerPeerMax: configuration.connectionCountPerPeerMax)
        self.gossip = GossipLinks(messageID: gossip.messageID)
        dials = DialQueue(configuration: configuration)
        let kinds =
            Self.gossipProtocols.map { MessageProtocol(gossip: $0, gossip.limits) }
            + protocols.map { MessageProtocol($0) }
        for var kind in kinds {
            kind.frameTimeout = configuration.messageTimeout
            kind.writeTimeout = configuration.messageTimeout
            host.carry(kind)
        }
        self.protocols = Set(kinds.map(\.name))
    }

    private static let gossipProtocols = GossipVersion.proposals.compactMap { ProtocolName($0.rawValue) }

    /// Lets the host tell peers where it is; those that are connected hear of it at once.
    ///
    /// - Parameter signedPeerRecord: The same, signed; nil tells none.
    func announce(_ addresses: [Multiaddr], _ signedPeerRecord: [UInt8]?) {
        host.announcedAddresses = addresses.map(\.withoutPeerID)
        host.signedPeerRecord = signedPeerRecord
        for connection in links.listeners { connection.pushIdentify() }
    }

    /// The connected peers.
    var connectedPeers: [PeerID] { links.peers }

    /// The bytes of gossip that wait to be sent.
    var waitingGossipByteCount: Int { gossip.waitingByteCount }

    // MARK: The host's events

    /// What an event of the host means for the node.
    mutating func nodeEvents(of event: PeerHostEvent) -> [NodeEvent] {
        switch event {
        case .connected(let connection): connected(connection)
        case .identified(let connection, let result): identified(connection, result)
        case .identifiedAgain(let connection, let message): identifiedAgain(connection, message)
        case .disconnected(let connection, _): disconnected(connection)
        case .streamOpened(let stream, let tag): opened(stream, tag)
        case .streamFailed(let connection, let tag, _): failedToOpen(connection, tag)
        case .frame(let stream, let message): received(message, on: stream)
        case .streamEnded(let stream): ended(stream)
        case .writable(let stream): gossip.resume(stream) ? [] : [.gossipClosed(stream.remotePeer)]
        case .streamClosed(let stream, let end): closed(stream, end)
        }
    }

    private mutating func connected(_ connection: PeerConnection) -> [NodeEvent] {
        let peer = connection.remotePeer
        switch links.add(connection) {
        case .first:
            dials.remove(peer)
            return [
                .connected(peer, PeerLink(address: connection.remoteAddress, isOutbound: connection.role == .dialer))
            ]
        case .further: return []
        case .replacing(let other):
            // What follows of it is no event of the peer any more, so its streams end here.
            let streams = framed.removeAll(over: other)
            other.close(gracefully: false)
            return streams.map { .streamClosed($0, .reset) }
        case .surplus:
            connection.close(gracefully: false)
            return []
        }
    }

    private mutating func identified(
        _ connection: PeerConnection,
        _ result: Result<IdentifyMessage, IdentifyFailure>
    ) -> [NodeEvent] {
        let message = try? result.get()
        let isNode = message.map { !protocols.isDisjoint(with: $0.protocols) } ?? true
        if isNode, guests.removeValue(forKey: connection.id) != nil { connection.close(gracefully: true) }
        guard links.identify(connection, succeeded: message != nil, isNode: isNode) else { return [] }
        links.setTakesPushes(message?.protocols.contains(.identifyPush) ?? false, connection.remotePeer)
        return [.identified(connection.remotePeer, message.map(PeerIdentification.init))]
    }

    private func identifiedAgain(_ connection: PeerConnection, _ message: IdentifyMessage) -> [NodeEvent] {
        let peer = connection.remotePeer
        guard links.contains(connection), links.isIdentified(peer) else { return [] }
        return [.identifiedAgain(peer, PeerIdentification(message))]
    }

    private mutating func disconnected(_ connection: PeerConnection) -> [NodeEvent] {
        guests[connection.id] = nil
        guard links.remove(connection) else { return [] }
        forget(connection.remotePeer)
        return [.disconnected(connection.remotePeer)]
    }

    private mutating func opened(_ stream: MessageStream, _ tag: UInt64?) -> [NodeEvent] {
        let peer = stream.remotePeer
        guard links.contains(stream.connection) else {
            stream.reset()
            return []
        }
        let isGossip = stream.isGossip
        guard let tag else {
            return isGossip ? [] : [.streamOpened(framed.accepted(stream), peer, stream.protocolName)]
        }
        if isGossip, let version = gossip.opened(stream, tag: tag) { return [.gossipOpened(peer, version)] }
        if !isGossip, let id = framed.opened(stream, tag: tag) { return [.streamOpened(id, peer, stream.protocolName)] }
        stream.reset()
        return []
    }

    private mutating func failedToOpen(_ connection: PeerConnection, _ tag: UInt64) -> [NodeEvent] {
        let peer = connection.remotePeer
        if gossip.failed(peer, tag: tag) {
            // The connection went meanwhile, and the peer has another one.
            if let primary = links.primary(peer), primary !== connection { return perform(.openGossip(peer)) }
            return [.gossipClosed(peer)]
        }
        return framed.failed(tag: tag).map { [.streamClosed($0, .reset)] } ?? []
    }

    private mutating func received(_ message: [UInt8], on stream: MessageStream) -> [NodeEvent] {
        guard links.contains(stream.connection) else { return [] }
        guard stream.isGossip else { return framed.id(of: stream).map { [.frameReceived($0, message)] } ?? [] }
        let peer = stream.remotePeer
        do throws(GossipRPCError) {
            let rpc = try GossipRPC(decoding: message, limits: limits)
            gossip.forget(rpc.unwanted, for: peer, now: .now())
            return [.gossipReceived(rpc, from: peer)]
        } catch {
            stream.reset()
            return [.gossipMalformed(from: peer)]
        }
    }

    private mutating func ended(_ stream: MessageStream) -> [NodeEvent] {
        // Nothing ever comes back on an own gossip stream: some peers say so.
        guard !gossip.isCurrent(stream) else { return [] }
        // The peer has no more to say; what it asked for still goes out.
        defer { stream.close() }
        guard let id = framed.id(of: stream) else { return [] }
        _ = framed.remove(id)
        return [.streamClosed(id, .finished)]
    }

    private mutating func closed(_ stream: MessageStream, _ end: MessageStreamEnd) -> [NodeEvent] {
        guard links.contains(stream.connection) else { return [] }
        let peer = stream.remotePeer
        if stream.isGossip {
            let closed: [NodeEvent] = gossip.closed(stream) ? [.gossipClosed(peer)] : []
            return end.isMisbehaviour ? closed + [.gossipMalformed(from: peer)] : closed
        }
        guard let id = framed.id(of: stream) else { return [] }
        _ = framed.remove(id)
        return [.streamClosed(id, end.isMisbehaviour ? .malformed : .reset)]
    }

    // MARK: The node's effects

    /// Does an effect on the network; other effects are none of its business.
    ///
    /// - Returns: What follows at once, to be brought to the node after the effects.
    mutating func perform(_ effect: NodeEffect) -> [NodeEvent] {
        switch effect {
        case .dial(let peer, let addresses): return dial(peer, addresses)
        case .disconnect(let peer, let reason): return disconnect(peer, reason)
        case .openGossip(let peer):
            guard let connection = links.primary(peer) else { return [.gossipClosed(peer)] }
            let tag = nextTag()
            gossip.open(peer, tag: tag)
            connection.openMessages(Self.gossipProtocols, tag: tag)
        case .sendGossip(let rpc, let peer):
            if !gossip.send(rpc, to: peer) { return [.gossipClosed(peer)] }
        case .openStream(let id, let peer, let name):
            guard let connection = links.primary(peer) else { return [.streamClosed(id, .reset)] }
            let tag = nextTag()
            framed.open(id, to: peer, tag: tag)
            connection.openMessages([name], tag: tag)
        case .sendFrame(let message, let id): return send(message, on: id)
        case .closeStream(let id, let end):
            guard let stream = framed.remove(id) else { return [] }
            if end == .finished { stream.close() } else { stream.reset() }
        case .commit, .answer, .notify: break
        }
        return []
    }

    private mutating func send(_ message: [UInt8], on id: StreamID) -> [NodeEvent] {
        guard let stream = framed.stream(id) else { return [] }
        switch stream.send(message) {
        case .queued: return []
        // Its end is on its way as an event.
        case .closed: return []
        case .full, .oversize:
            _ = framed.remove(id)
            stream.reset()
            return [.streamClosed(id, .reset)]
        }
    }

    private mutating func disconnect(_ peer: PeerID, _ reason: DisconnectReason) -> [NodeEvent] {
        let isNode = links.isNode(peer)
        let connections = links.dismiss(peer)
        guard !connections.isEmpty else { return [] }
        forget(peer)
        for connection in connections {
            switch reason {
            case .surplus where !isNode:
                // A buyer: its sessions are the notary's affair.
                welcome(connection)
            case .surplus, .unidentified: connection.close(gracefully: true)
            case .graylisted, .malformed, .otherNetwork: connection.close(gracefully: false)
            }
        }
        return [.disconnected(peer)]
    }

    /// Keeps a connection for sessions; of those on which none runs there are few, and none for long.
    private mutating func welcome(_ connection: PeerConnection) {
        guests[connection.id] = connection
        connection.close(afterUnused: configuration.guestTimeout)
        let unused = guests.values.filter { $0.unusedSince != nil }
        guard unused.count > configuration.guestCountMax, let oldest = unused.min(by: { $0.id < $1.id }) else { return }
        guests[oldest.id] = nil
        oldest.close(gracefully: false)
    }

    private mutating func forget(_ peer: PeerID) {
        gossip.remove(peer)
        framed.removeAll(of: peer)
    }

    private mutating func nextTag() -> UInt64 {
        tagCount += 1
        return tagCount
    }

    // MARK: Dialling

    private mutating func dial(_ peer: PeerID, _ addresses: [Multiaddr]) -> [NodeEvent] {
        guard !links.isConnected(peer) else { return [] }
        guard dials.add(peer, addresses) else { return [.dialFailed(peer, addresses)] }
        beginDials()
        return []
    }

    /// An attempt to reach a peer ended; what that means for the node.
    mutating func dialFinished(_ attempt: DialQueue.Attempt, succeeded: Bool) -> [NodeEvent] {
        let failed = dials.finished(attempt.peer, succeeded: succeeded)
        beginDials()
        guard let failed, !links.isConnected(attempt.peer) else { return [] }
        return [.dialFailed(attempt.peer, failed)]
    }

    private mutating func beginDials() {
        while let attempt = dials.next() {
            host.dial(attempt.address) { [dialled] result in
                if case .success = result { dialled(attempt, true) } else { dialled(attempt, false) }
            }
        }
    }
}

extension MessageProtocol {
    /// Gossip: most of what waits for a slow peer waits where it shares its bytes with what waits for others.
    init(gossip name: ProtocolName, _ limits: GossipLimits) {
        self.init(name, frameByteCountMax: limits.rpcByteCountMax)
        outboxByteCountMax = 256 << 10
    }

    /// A protocol of requests and answers: at most one answer waits to be sent.
    init(_ kind: FramedProtocol) {
        self.init(kind.name, frameByteCountMax: kind.frameByteCountMax)
        outboxByteCountMax = 2 * kind.frameByteCountMax
        inboundStreamCountMax = 4
        idleTimeout = .seconds(60)
    }
}

extension MessageStream {
    /// Whether it carries gossip.
    fileprivate var isGossip: Bool { GossipVersion(rawValue: protocolName.description) != nil }
}

extension PeerIdentification {
    /// What the message says.
    init(_ message: IdentifyMessage) {
        self.init(
            agentVersion: message.agentVersion ?? "",
            protocolVersion: message.protocolVersion ?? "",
            protocols: Set(message.protocols),
            listenAddresses: message.listenAddresses,
            observedAddress: message.observedAddress,
            signedRecord: message.signedPeerRecord
        )
    }
}
