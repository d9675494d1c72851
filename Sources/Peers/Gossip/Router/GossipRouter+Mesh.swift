package import PeerProtocols

extension GossipRouter {
    /// Joins a topic: tells all peers, and grafts up to D of them.
    ///
    /// Until then, messages of the topic are not accepted. Joining twice does nothing.
    package mutating func join(_ topic: GossipTopic, now: MonotonicInstant) -> [GossipEffect] {
        guard mesh[topic] == nil else { return [] }
        mesh[topic] = PeerSet()
        for peer in peers.all.sorted {
            send(to: peer) { $0.subscriptions.append(GossipRPC.Subscription(topic: topic, isJoined: true)) }
        }
        let known = fanout.removeValue(forKey: topic)?.peers.sorted ?? []
        for peer in known where mesh[topic]?.count ?? 0 < configuration.meshDegree && mayGraft(peer, topic) {
            graft(peer, topic, now: now)
        }
        graftRandom(topic, count: configuration.meshDegree - (mesh[topic]?.count ?? 0), now: now) { _, _ in true }
        return takeEffects()
    }

    /// Leaves a topic: tells all peers, and prunes the mesh.
    package mutating func leave(_ topic: GossipTopic, now: MonotonicInstant) -> [GossipEffect] {
        guard let members = mesh.removeValue(forKey: topic) else { return [] }
        // Messages of the topic are not accepted any more, so nobody can keep a promise of one.
        promises.removeAll()
        for peer in peers.all.sorted {
            send(to: peer) { $0.subscriptions.append(GossipRPC.Subscription(topic: topic, isJoined: false)) }
        }
        for peer in members.sorted {
            prune(peer, topic, backoff: configuration.unsubscribeBackoff, exchange: false, now: now)
        }
        return takeEffects()
    }

    /// Leaves all topics because the node is about to end: tells all peers, who drop it from their meshes for that.
    ///
    /// No PRUNE follows: its backoff would keep the node out of the meshes when it comes back at once.
    package mutating func depart() -> [GossipEffect] {
        let topics = mesh.keys.sorted()
        mesh = [:]
        promises.removeAll()
        guard !topics.isEmpty else { return [] }
        for peer in peers.all.sorted {
            send(to: peer) { rpc in
                rpc.subscriptions += topics.map { GossipRPC.Subscription(topic: $0, isJoined: false) }
            }
        }
        return takeEffects()
    }

    /// GRAFT: takes the peer into the mesh, or refuses with a PRUNE.
    ///
    /// A GRAFT for a topic that is not joined is not answered, so that it cannot be used to elicit answers.
    mutating func receive(graft topics: [GossipTopic], from peer: PeerNumber, _ id: PeerID, now: MonotonicInstant) {
        for topic in topics {
            guard count(peer, id, \.meshChanges, 1, max: configuration.meshChangeCountMax, .meshChanges) else { return }
            guard let members = mesh[topic], !members.contains(peer) else { continue }
            if isDirect(peer) {
                refuse(peer, topic, exchange: false, now: now)
            } else if let end = backoffs.end(id, topic), now < end {
                // The backoff began `pruneBackoff` before its end, or later.
                scores.penalize(id, by: 1)
                let flood = configuration.pruneBackoff - configuration.graftFloodThreshold
                if now.advanced(by: flood) < end { scores.penalize(id, by: 1) }
                refuse(peer, topic, exchange: false, now: now)
            } else if score(of: peer) < 0 {
                refuse(peer, topic, exchange: false, now: now)
            } else if members.count >= configuration.meshDegreeMax, !(peers[peer]?.isOutbound ?? false) {
                refuse(peer, topic, exchange: true, now: now)
            } else {
                mesh[topic]?.insert(peer)
                scores.graft(id, topic, now: now)
            }
        }
    }

    /// PRUNE: drops the peer from the mesh, and perhaps connects to others that it names.
    mutating func receive(_ prunes: [GossipRPC.Prune], from peer: PeerNumber, _ id: PeerID, now: MonotonicInstant) {
        for prune in prunes {
            guard count(peer, id, \.meshChanges, 1, max: configuration.meshChangeCountMax, .meshChanges) else { return }
            guard mesh[prune.topic] != nil else { continue }
            let wasMember = mesh[prune.topic]?.remove(peer) ?? false
            if wasMember { scores.prune(id, prune.topic) }
            var backoff = configuration.pruneBackoff
            if let seconds = prune.backoffSeconds, seconds > 0 {
                backoff = min(.seconds(Int64(clamping: seconds)), configuration.backoffMax)
            }
            // Whoever had no link has none to end: strangers' backoffs would push out those that count.
            guard wasMember || backoffs.end(id, prune.topic) != nil else { continue }
            backoffs.extend(id, prune.topic, until: now.advanced(by: backoff))
            // Only who had a link can recommend others for it.
            guard wasMember, score(of: peer) >= configuration.thresholds.acceptExchange else { continue }
            let strangers = prune.peers.filter { $0.id != identity.id && peers.number(of: $0.id) == nil }
            for stranger in strangers.shuffled(using: &random).prefix(configuration.exchangedPeerCount) {
                perform(.connect(stranger.id, signedRecord: stranger.signedRecord))
            }
        }
    }

    /// Whether a peer may be grafted by this side.
    func mayGraft(_ peer: PeerNumber, _ topic: GossipTopic) -> Bool {
        guard let state = peers[peer], !state.isDirect, mesh[topic]?.contains(peer) == false else { return false }
        return backoffs.end(state.id, topic) == nil && scores.score(of: state.id) >= 0
    }

    /// Grafts random peers that may be grafted and satisfy a condition on them and their score.
    ///
    /// - Returns: How many were found.
    @discardableResult
    mutating func graftRandom(
        _ topic: GossipTopic,
        count: Int,
        now: MonotonicInstant,
        where condition: (PeerState, Double) -> Bool
    ) -> Int {
        guard count > 0 else { return 0 }
        let candidates = peers.members(of: topic).sorted.filter { peer in
            guard mayGraft(peer, topic), let state = peers[peer] else { return false }
            return condition(state, scores.score(of: state.id))
        }
        let chosen = candidates.shuffled(using: &random).prefix(count)
        for peer in chosen { graft(peer, topic, now: now) }
        return chosen.count
    }

    /// Takes a peer into the mesh at this side's wish.
    mutating func graft(_ peer: PeerNumber, _ topic: GossipTopic, now: MonotonicInstant) {
        guard let id = peers[peer]?.id, mesh[topic]?.insert(peer) == true else { return }
        statistics.grafts += 1
        scores.graft(id, topic, now: now)
        send(to: peer) { $0.graft.append(topic) }
    }

    /// Drops a peer from the mesh at this side's wish.
    mutating func prune(
        _ peer: PeerNumber,
        _ topic: GossipTopic,
        backoff: Duration,
        exchange: Bool,
        now: MonotonicInstant
    ) {
        guard let id = peers[peer]?.id else { return }
        mesh[topic]?.remove(peer)
        statistics.prunes += 1
        scores.prune(id, topic)
        sendPrune(to: peer, id, topic, backoff: backoff, exchange: exchange, now: now)
    }

    private mutating func refuse(_ peer: PeerNumber, _ topic: GossipTopic, exchange: Bool, now: MonotonicInstant) {
        guard let id = peers[peer]?.id else { return }
        statistics.graftsRefused += 1
        sendPrune(to: peer, id, topic, backoff: configuration.pruneBackoff, exchange: exchange, now: now)
    }

    private mutating func sendPrune(
        to peer: PeerNumber,
        _ id: PeerID,
        _ topic: GossipTopic,
        backoff: Duration,
        exchange: Bool,
        now: MonotonicInstant
    ) {
        backoffs.extend(id, topic, until: now.advanced(by: backoff))
        let others = exchange && score(of: peer) >= 0 ? exchangedPeers(topic, except: peer) : []
        // Whole seconds, rounded up: a peer that waits less would be penalised.
        let seconds = backoff.components.seconds + (backoff.components.attoseconds > 0 ? 1 : 0)
        let entry = GossipRPC.Prune(topic: topic, peers: others, backoffSeconds: UInt64(clamping: seconds))
        send(to: peer) { $0.prune.append(entry) }
    }

    /// Random peers of a topic with good scores, to recommend.
    private mutating func exchangedPeers(_ topic: GossipTopic, except peer: PeerNumber) -> [GossipRPC.ExchangedPeer] {
        guard configuration.exchangedPeerCount > 0 else { return [] }
        let candidates = peers.members(of: topic).sorted.filter { $0 != peer && score(of: $0) >= 0 }
        return candidates.shuffled(using: &random).prefix(configuration.exchangedPeerCount).compactMap { other in
            peers[other].map { GossipRPC.ExchangedPeer(id: $0.id, signedRecord: $0.signedRecord) }
        }
    }
}
