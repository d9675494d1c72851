package import PeerProtocols

extension PeerDiscovery {
    /// Why a connection from an address would be refused, or nil: for the driver before it shakes hands.
    package func refusal(ofInboundFrom address: Multiaddr) -> ConnectionRefusal? {
        connections.refusal(of: PeerEndpoint(address))
    }

    /// A peer is connected, its identity proven.
    ///
    /// - Parameters:
    ///   - address: The address that was dialled, or that the peer's connection comes from.
    ///   - isOutbound: Whether this side dialled.
    package mutating func connected(
        _ peer: PeerID,
        address: Multiaddr,
        isOutbound: Bool,
        now: MonotonicInstant
    ) -> [DiscoveryEffect] {
        guard peer != ownID else { return [] }
        _ = dials.end(peer)
        let endpoint = PeerEndpoint(address)
        switch connections.connected(peer, endpoint: endpoint, isOutbound: isOutbound, now: now) {
        case nil: break
        case .duplicate: return takeEffects(now: now)
        case .some(let refusal):
            statistics.connectionsRefused += 1
            effects.append(.disconnect(peer, .refused(refusal)))
            failErrands(of: peer, now: now)
            return takeEffects(now: now)
        }
        budgets[peer] = RequestBudget(now: now)
        if isOutbound, let endpoint { book.reached(peer, at: endpoint, now: clock.time(at: now)) }
        book.setUse(.connection, of: peer, true)
        for index in lookups.indices { lookups[index].lookup.reached(peer) }
        errands[peer]?.removeAll { $0 == .wish }
        sendNext(to: peer, now: now)
        return takeEffects(now: now)
    }

    /// A connected peer told of itself (libp2p specs, "identify").
    ///
    /// - Parameter signedRecord: Its signed peer record, if it sent one.
    package mutating func identified(
        _ peer: PeerID,
        protocols: [ProtocolName],
        listenAddresses: [Multiaddr],
        signedRecord: [UInt8]? = nil,
        now: MonotonicInstant
    ) -> [DiscoveryEffect] {
        guard let connection = connections[peer] else { return [] }
        let time = clock.time(at: now)
        let endpoints = configuration.addressPolicy.endpoints(
            of: listenAddresses,
            of: peer,
            from: connection.endpoint?.scope,
            limit: AddressBookEntry.addressCountMax
        )
        let isHere = { (endpoint: PeerEndpoint) in endpoint.host == connection.endpoint?.host }
        book.learn(endpoints.filter(isHere), of: peer, source: .observed, now: time)
        book.learn(endpoints.filter { !isHere($0) }, of: peer, source: .identify, now: time)
        if let signedRecord { learn(signedRecord, of: peer, from: peer, now: now) }
        book.setUse(.connection, of: peer, true)
        if table.entry(of: peer) != nil { book.setUse(.routingTable, of: peer, true) }
        let isServer = protocols.contains { configuration.protocols.contains($0) }
        connections.setServer(isServer, peer)
        if !isServer {
            leaveTable(peer)
        } else if !upkeep.probed.contains(peer), table.wouldAccept(peer, network: network(of: peer)) {
            contact(peer, [], for: .probe, now: now)
        }
        return takeEffects(now: now)
    }

    /// A peer is not connected any more.
    package mutating func disconnected(_ peer: PeerID, now: MonotonicInstant) -> [DiscoveryEffect] {
        guard connections[peer] != nil else { return [] }
        leave(peer, now: now)
        return takeEffects(now: now)
    }

    /// Ends what is under way with a peer whose connection ended, or ends now.
    private mutating func leave(_ peer: PeerID, now: MonotonicInstant) {
        connections.disconnected(peer)
        budgets[peer] = nil
        upkeep.probed.remove(peer)
        book.setUse(.connection, of: peer, false)
        if requests[peer] != nil { endRequest(peer, now: now) }
        failErrands(of: peer, now: now)
    }

    /// A dial did not lead to the peer, at any of the addresses.
    package mutating func dialFailed(_ peer: PeerID, now: MonotonicInstant) -> [DiscoveryEffect] {
        endDial(peer, now: now)
        return takeEffects(now: now)
    }

    /// The application will have nothing to do with a peer for now.
    ///
    /// What was to be asked of it fails, it leaves the table, so that nobody hears of it from this node, and it waits
    /// to be dialled like one that could not be reached, longer each time. If it is connected, the driver disconnects
    /// it and reports that.
    package mutating func shun(_ peer: PeerID, now: MonotonicInstant) -> [DiscoveryEffect] {
        guard peer != ownID else { return [] }
        statistics.peersShunned += 1
        _ = dials.end(peer)
        book.shun(peer, now: clock.time(at: now), using: &random)
        vacate(peer)
        // Nobody is to look for it elsewhere either.
        errands[peer]?.removeAll { $0 == .wish }
        failErrands(of: peer, now: now)
        return takeEffects(now: now)
    }

    /// Connects to a peer that somebody recommended, as GossipSub's peer exchange does; looks it up if need be.
    ///
    /// Nothing happens while the peer is not to be dialled because it could not be reached lately.
    ///
    /// - Parameters:
    ///   - signedRecord: The record that came with the recommendation.
    ///   - source: Who recommended it: who answers for the record.
    package mutating func connect(
        to peer: PeerID,
        signedRecord: [UInt8]? = nil,
        from source: PeerID? = nil,
        now: MonotonicInstant
    ) -> [DiscoveryEffect] {
        guard peer != ownID, connections[peer] == nil else { return [] }
        if let signedRecord { learn(signedRecord, of: peer, from: source, now: now) }
        if book.endpoints(of: peer).isEmpty {
            _ = begin(.peer(peer), pathCount: configuration.lookup.pathCount, now: now)
        } else if book.mayDial(peer, now: clock.time(at: now)) {
            contact(peer, [], for: .wish, now: now)
        }
        return takeEffects(now: now)
    }

    /// Closes the least valuable connections if there are too many.
    mutating func trim(now: MonotonicInstant) {
        for peer in connections.surplus(now: now) where requests[peer] == nil {
            statistics.connectionsTrimmed += 1
            effects.append(.disconnect(peer, .surplus))
            leave(peer, now: now)
        }
    }

    /// Adds a reason to keep a peer's connection.
    package mutating func protect(_ peer: PeerID, _ reason: ConnectionProtection) {
        connections.protect(peer, reason)
    }

    /// Takes a reason back; what the operator configured stays.
    package mutating func unprotect(_ peer: PeerID, _ reason: ConnectionProtection) {
        connections.unprotect(peer, reason.subtracting(.configuration))
    }

    /// Sets what the application thinks of a connected peer, such as its score in gossip.
    package mutating func setValue(_ value: Double, of peer: PeerID) {
        connections.setValue(value, of: peer)
    }

    /// Takes in a signed record, whoever brought it.
    private mutating func learn(_ envelope: [UInt8], of peer: PeerID, from source: PeerID?, now: MonotonicInstant) {
        let record: SignedPeerRecord
        do {
            // A signature costs; a record that is known is not verified again.
            if book[peer]?.signedRecord?.envelope == envelope { return }
            record = try SignedPeerRecord(envelope: envelope)
            guard record.peer == peer else { throw SignedRecordError.otherSigner }
        } catch {
            if let source { penalize(source, .badSignedRecord) }
            return
        }
        let endpoints = configuration.addressPolicy.endpoints(
            of: record.addresses,
            of: peer,
            from: source.flatMap { connections[$0]?.endpoint?.scope },
            limit: AddressBookEntry.addressCountMax
        )
        // An older record than the known one is what a slow peer has; nobody is to blame.
        try? book.learn(record, endpoints: endpoints, now: clock.time(at: now))
    }

    /// The network that counts for the table: the one that the peer is really connected from.
    func network(of peer: PeerID) -> AddressPrefix? {
        guard configuration.limitsNetworks, let endpoint = connections[peer]?.endpoint,
            !connections.isExempt(endpoint)
        else { return nil }
        return AddressPrefix.network(of: endpoint)
    }
}
