internal import PeerNetworking
internal import PeerProtocols

/// Which connections there are to which peers: a peer is one, however many connections it has.
struct PeerLinks {
    private struct Link {
        /// The oldest first, which own streams use.
        var connections: [PeerConnection]
        /// Those whose peer may still say what it is.
        var unidentified: Set<PeerConnectionID>
        var isIdentified = false
        var isNode = false
        /// Whether the peer wants to hear when something of this side changes.
        var takesPushes = false
    }

    /// What a new connection is.
    enum Addition {
        /// The first to its peer.
        case first
        /// One more.
        case further
        /// One more, in the place of another, which is to be closed.
        case replacing(PeerConnection)
        /// One more than there may be.
        case surplus
    }

    private let connectionCountPerPeerMax: Int
    private var links: [PeerID: Link] = [:]

    init(connectionCountPerPeerMax: Int) {
        self.connectionCountPerPeerMax = connectionCountPerPeerMax
    }

    /// The connected peers.
    var peers: [PeerID] { Array(links.keys) }

    /// Whether there is a connection to a peer.
    func isConnected(_ peer: PeerID) -> Bool { links[peer] != nil }

    /// Whether a connection counts: it was added, and neither removed nor dismissed.
    func contains(_ connection: PeerConnection) -> Bool {
        links[connection.remotePeer]?.connections.contains { $0 === connection } ?? false
    }

    /// Whether a peer said that it speaks protocols of the network.
    func isNode(_ peer: PeerID) -> Bool { links[peer]?.isNode ?? false }

    /// The connection that own streams to a peer use.
    func primary(_ peer: PeerID) -> PeerConnection? { links[peer]?.connections.first }

    /// Peers that want to hear when something of this side changes, by one connection each.
    var listeners: [PeerConnection] { links.values.filter(\.takesPushes).compactMap(\.connections.first) }

    /// Whether a peer said what it is.
    func isIdentified(_ peer: PeerID) -> Bool { links[peer]?.isIdentified ?? false }

    /// A peer said which protocols it speaks.
    mutating func setTakesPushes(_ takesPushes: Bool, _ peer: PeerID) {
        links[peer]?.takesPushes = takesPushes
    }

    /// Enters a connection.
    ///
    /// Where a peer has as many as it may, the newest takes the place of the oldest on which neither own streams nor a
    /// session run: that may be dead without anybody knowing, and a peer that came back must not wait for it.
    mutating func add(_ connection: PeerConnection) -> Addition {
        let peer = connection.remotePeer
        guard let link = links[peer] else {
            links[peer] = Link(connections: [connection], unidentified: [connection.id])
            return .first
        }
        var replaced: PeerConnection?
        if link.connections.count >= connectionCountPerPeerMax {
            let others = link.connections.indices.dropFirst()
            guard let index = others.first(where: { link.connections[$0].unusedSince != nil }) else { return .surplus }
            replaced = links[peer]?.connections.remove(at: index)
        }
        links[peer]?.connections.append(connection)
        links[peer]?.unidentified.insert(connection.id)
        guard let replaced else { return .further }
        links[peer]?.unidentified.remove(replaced.id)
        return .replacing(replaced)
    }

    /// Forgets a connection; true if it was the last to its peer.
    mutating func remove(_ connection: PeerConnection) -> Bool {
        let peer = connection.remotePeer
        guard contains(connection) else { return false }
        links[peer]?.connections.removeAll { $0 === connection }
        links[peer]?.unidentified.remove(connection.id)
        guard links[peer]?.connections.isEmpty == true else { return false }
        links[peer] = nil
        return true
    }

    /// Forgets a peer, and gives its connections, which are to be closed.
    mutating func dismiss(_ peer: PeerID) -> [PeerConnection] {
        links.removeValue(forKey: peer)?.connections ?? []
    }

    /// A connection's peer said what it is, or failed to; true if that is news of the peer.
    mutating func identify(_ connection: PeerConnection, succeeded: Bool, isNode: Bool) -> Bool {
        let peer = connection.remotePeer
        guard contains(connection), links[peer]?.unidentified.remove(connection.id) != nil,
            links[peer]?.isIdentified == false
        else { return false }
        // A peer may still answer on another connection.
        guard succeeded || links[peer]?.unidentified.isEmpty == true else { return false }
        links[peer]?.isIdentified = succeeded
        links[peer]?.isNode = isNode
        return true
    }
}
