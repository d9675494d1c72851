internal import Discovery
internal import Gossip
internal import PeerProtocols

extension NodeMachine {
    /// A peer is connected.
    mutating func connect(_ peer: PeerID, _ link: PeerLink, now: NodeInstant) {
        guard peer != peerID, peers[peer] == nil else { return }
        peers[peer] = ConnectedPeer(
            number: nextPeerNumber,
            link: link,
            connectedAt: now
        )
        nextPeerNumber += 1
        effects.append(.notify(.connected(peer, link)))
        guard !isGraylisted(peer, now: now) else { return leave(peer, .graylisted, now: now) }
        let address = link.address ?? Multiaddr([])
        perform(
            discovery?.connected(peer, address: address, isOutbound: link.isOutbound, now: now.monotonic),
            now: now
        )
    }

    /// A peer said what it is.
    mutating func identify(_ peer: PeerID, _ identification: PeerIdentification?, now: NodeInstant) {
        guard let known = peers[peer], known.identification == nil, !known.isLeaving else { return }
        guard let identification else { return leave(peer, .unidentified, now: now) }
        guard !names(anotherNetwork: identification.protocolVersion) else {
            return leave(peer, .otherNetwork, now: now)
        }
        peers[peer]?.identification = identification
        perform(
            discovery?.identified(
                peer,
                protocols: identification.protocols.sorted { $0.description < $1.description },
                listenAddresses: identification.listenAddresses,
                signedRecord: identification.signedRecord,
                now: now.monotonic
            ),
            now: now
        )
        router.setSignedRecord(discovery?.book[peer]?.signedRecord?.envelope, of: peer)
        if identification.protocols.contains(where: { GossipVersion(rawValue: $0.description) != nil }) {
            effects.append(.openGossip(peer))
        }
        if identification.protocols.contains(FramedProtocol.sync.name) {
            schedule.add(peer, now: now.monotonic, using: &random)
        }
    }

    /// A peer is gone.
    mutating func disconnect(_ peer: PeerID, now: NodeInstant) {
        guard let known = peers.removeValue(forKey: peer) else { return }
        effects.append(.notify(.disconnected(peer)))
        if known.gossipVersion != nil { router.disconnect(peer, now: now.monotonic) }
        gossipRetries[peer] = nil
        server.disconnect(peer)
        kademlia.disconnect(peer)
        if let exchange = schedule.remove(peer, now: now.monotonic) { end(exchange, .interrupted, now: now) }
        perform(discovery?.disconnected(peer, now: now.monotonic), now: now)
    }

    /// Asks to close the connection to a peer, once.
    ///
    /// For what it did or is, the peer is not dialled again soon, nor named to others.
    mutating func leave(_ peer: PeerID, _ reason: DisconnectReason, now: NodeInstant) {
        guard peers[peer]?.isLeaving == false else { return }
        peers[peer]?.isLeaving = true
        effects.append(.disconnect(peer, reason))
        effects.append(.notify(.dismissed(peer, reason)))
        switch reason {
        case .graylisted, .malformed, .otherNetwork: perform(discovery?.shun(peer, now: now.monotonic), now: now)
        // Identify also fails with the connection of an honest peer.
        case .unidentified, .surplus: break
        }
    }

    /// A peer misbehaved outside gossip: P5, and the end of the connection below the graylist threshold.
    mutating func note(_ misconduct: Misconduct, of peer: PeerID, now: NodeInstant) {
        statistics.misconduct[misconduct, default: 0] += 1
        conduct.note(misconduct, of: peer, now: now.monotonic)
        router.setApplicationScore(conduct.score(of: peer, now: now.monotonic), of: peer)
        effects.append(.notify(.misbehaved(peer, misconduct)))
        if isGraylisted(peer, now: now) { leave(peer, .graylisted, now: now) }
    }

    /// Lets bad names fade.
    mutating func fadeConduct(now: NodeInstant) {
        guard !conduct.isEmpty else { return }
        let peers = conduct.peers
        conduct.fade(now: now.monotonic)
        // The router remembers those that left, too.
        for peer in peers { router.setApplicationScore(conduct.score(of: peer, now: now.monotonic), of: peer) }
    }

    /// What a peer is worth: its score in gossip, or what it did outside while it is not there.
    func score(of peer: PeerID, now: NodeInstant) -> Double {
        peers[peer]?.gossipVersion == nil
            ? min(router.score(of: peer), conduct.score(of: peer, now: now.monotonic)) : router.score(of: peer)
    }

    /// Whether nothing is to be heard from a peer.
    func isGraylisted(_ peer: PeerID, now: NodeInstant) -> Bool {
        !configuration.gossip.directPeers.contains(peer)
            && score(of: peer, now: now) < configuration.gossip.thresholds.graylist
    }

    /// Whether a protocol version is that of a Tabellion node of another network; buyers name none.
    private func names(anotherNetwork version: String) -> Bool {
        version.hasPrefix("tabellion/1/") && version != configuration.protocolVersion
    }
}
