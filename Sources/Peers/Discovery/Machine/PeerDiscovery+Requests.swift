package import PeerProtocols

extension PeerDiscovery {
    // MARK: Requests of this side

    /// A peer answered: the message without its length.
    package mutating func receive(
        response bytes: [UInt8],
        from peer: PeerID,
        now: MonotonicInstant
    ) -> [DiscoveryEffect] {
        guard let request = requests[peer] else { return [] }
        guard let message = try? KademliaMessage(decoding: bytes, limits: configuration.limits),
            message.kind == .findNode
        else {
            penalize(peer, .malformedMessage)
            endRequest(peer, now: now)
            return takeEffects(now: now)
        }
        requests[peer] = nil
        statistics.requestsAnswered += 1
        enterTable(peer, now: now)
        if case .lookup(let number) = request.errand {
            let closer = candidates(in: message, from: peer)
            withLookup(number) { $0.answered(peer, closer: closer) }
        }
        sendNext(to: peer, now: now)
        return takeEffects(now: now)
    }

    /// A request failed: no stream of the protocol, the stream was reset, or it ended without an answer.
    package mutating func requestFailed(_ peer: PeerID, now: MonotonicInstant) -> [DiscoveryEffect] {
        guard requests[peer] != nil else { return [] }
        endRequest(peer, now: now)
        return takeEffects(now: now)
    }

    /// Sees to it that a peer is asked or connected; what cannot be done fails at once.
    ///
    /// - Parameter endpoints: Where it may be besides what the book knows.
    mutating func contact(_ peer: PeerID, _ endpoints: [PeerEndpoint], for errand: Errand, now: MonotonicInstant) {
        guard errands[peer]?.count ?? 0 < Self.errandCountMax else { return fail(errand, of: peer, now: now) }
        if errands[peer]?.contains(errand) == true { return }
        if connections[peer] != nil {
            guard errand != .wish else { return }
            errands[peer, default: []].append(errand)
            if requests[peer] == nil { sendNext(to: peer, now: now) }
            return
        }
        if !dials.contains(peer) {
            let known = book.endpoints(of: peer)
            let new = endpoints.filter { !known.contains($0) }
            // What is known and what is new shall both be tried.
            let room = max(1, configuration.connections.dialAddressCountMax - new.count)
            let dialled = book.mayDial(peer, now: clock.time(at: now)) ? known.prefix(room) + new : new
            guard !dialled.isEmpty, connections.refusal(of: dialled.first, peer: peer, isOutbound: true) == nil,
                dials.append(peer, dialled)
            else { return fail(errand, of: peer, now: now) }
        }
        errands[peer, default: []].append(errand)
    }

    /// Sends the next request that waits for a peer.
    mutating func sendNext(to peer: PeerID, now: MonotonicInstant) {
        guard connections[peer] != nil, requests[peer] == nil else { return }
        while let errand = errands[peer]?.first {
            errands[peer]?.removeFirst()
            let key: [UInt8]
            switch errand {
            case .wish: continue
            case .probe: key = ownID.bytes
            case .lookup(let number):
                // The lookup may have ended meanwhile.
                guard let lookup = lookups.first(where: { $0.number == number })?.lookup, !lookup.isFinished else {
                    continue
                }
                key = lookup.goal.requestKey
            }
            upkeep.probed.insert(peer)
            statistics.requestsSent += 1
            requests[peer] = Request(errand: errand, deadline: now.advanced(by: configuration.requestTimeout))
            effects.append(.request(KademliaMessage(.findNode, key: key).encoded, to: peer))
            return
        }
        errands[peer] = nil
    }

    /// A request came to nothing.
    mutating func endRequest(_ peer: PeerID, now: MonotonicInstant) {
        guard let request = requests.removeValue(forKey: peer) else { return }
        statistics.requestsFailed += 1
        failInTable(peer)
        fail(request.errand, of: peer, now: now)
        sendNext(to: peer, now: now)
    }

    /// A dial came to nothing.
    mutating func endDial(_ peer: PeerID, now: MonotonicInstant) {
        guard let endpoints = dials.end(peer), connections[peer] == nil else { return }
        statistics.dialsFailed += 1
        book.failed(peer, at: endpoints, now: clock.time(at: now), using: &random)
        failInTable(peer)
        failErrands(of: peer, now: now)
    }

    /// Nothing that waits for a peer can be done.
    mutating func failErrands(of peer: PeerID, now: MonotonicInstant) {
        for errand in errands.removeValue(forKey: peer) ?? [] { fail(errand, of: peer, now: now) }
    }

    private mutating func fail(_ errand: Errand, of peer: PeerID, now: MonotonicInstant) {
        switch errand {
        case .lookup(let number): withLookup(number) { $0.failed(peer) }
        case .probe: break
        case .wish:
            // Where it was it is not, so others are asked, once.
            guard connections[peer] == nil, book[peer]?.failureCount ?? 0 <= 1 else { return }
            _ = begin(.peer(peer), pathCount: configuration.lookup.pathCount, now: now)
        }
    }

    /// The peers that an answer names, without this node, and where they may be dialled.
    private func candidates(
        in message: KademliaMessage,
        from peer: PeerID
    ) -> [(peer: PeerID, endpoints: [PeerEndpoint])] {
        let scope = connections[peer]?.endpoint?.scope
        return message.closerPeers.prefix(configuration.lookup.answerPeerCountMax).compactMap { other in
            guard other.id != ownID, other.id.namesSecp256k1Key else { return nil }
            let endpoints = other.endpoints.prefix(AddressBookEntry.addressCountMax)
                .filter { configuration.addressPolicy.accepts($0, from: scope) }
            return (other.id, endpoints)
        }
    }

    // MARK: Requests of others

    /// A peer asks something: the message without its length.
    package mutating func receive(request bytes: [UInt8], from peer: PeerID, now: MonotonicInstant) -> KademliaAnswer {
        guard configuration.mode == .server, budgets[peer] != nil else { return .reset(nil) }
        let isWithinBudget = budgets[peer]?.take(
            burst: configuration.requestBurstMax,
            perSecond: configuration.requestsPerSecondMax,
            now: now
        )
        guard isWithinBudget == true else { return refuse(.tooManyRequests) }
        guard let request = try? KademliaMessage(decoding: bytes, limits: configuration.limits) else {
            return refuse(.malformedMessage)
        }
        switch request.kind {
        case .findNode where request.key.isEmpty: return refuse(.malformedMessage)
        case .findNode:
            statistics.requestsServed += 1
            return .reply(answer(request.key, to: peer).encoded)
        case .ping:
            statistics.requestsServed += 1
            return .reply(KademliaMessage(.ping).encoded)
        case .getValue, .getProviders:
            // This network stores nothing in its table.
            statistics.requestsServed += 1
            return .reply(KademliaMessage(request.kind, key: request.key).encoded)
        case .addProvider: return .none
        case .putValue:
            // An echo would say that the value was stored.
            return refuse(nil)
        }
    }

    private mutating func refuse(_ offence: DiscoveryOffence?) -> KademliaAnswer {
        statistics.requestsRefused += 1
        if offence != nil { statistics.offences += 1 }
        return .reset(offence)
    }

    /// The nearest peers that may be told to `requester`, and the one that it asks for in any case.
    private func answer(_ key: [UInt8], to requester: PeerID) -> KademliaMessage {
        let scope = connections[requester]?.endpoint?.scope
        let policy = configuration.addressPolicy
        func known(_ peer: PeerID) -> KademliaMessage.Peer? {
            guard peer != requester else { return nil }
            let all = peer == ownID ? ownEndpoints : book.endpointsToPassOn(of: peer)
            let endpoints = all.filter { policy.accepts($0, from: scope) || $0.scope == .name }
            // Whom this node is connected to is nobody's business: it would help to cut the node off.
            return endpoints.isEmpty ? nil : KademliaMessage.Peer(id: peer, endpoints: endpoints)
        }
        var peers: [KademliaMessage.Peer] = []
        if let target = try? PeerID(bytes: key), let peer = known(target) { peers.append(peer) }
        let count = configuration.table.bucketCountMax
        let target = peers.first?.id
        // A few more than needed, for those that cannot be told.
        let nearest = table.nearest(count + count / 4, to: KademliaKey(hashing: key)) { $0.failureCount == 0 }
        for entry in nearest where peers.count < count && entry.peer != target {
            if let peer = known(entry.peer) { peers.append(peer) }
        }
        return KademliaMessage(.findNode, key: key, closerPeers: peers)
    }
}

extension PeerID {
    /// Whether the id has the form of one that contains a secp256k1 key, without a look at the key's point.
    fileprivate var namesSecp256k1Key: Bool { bytes.count == 39 && bytes.starts(with: [0, 37, 8, 2, 18, 33]) }
}
