package import PeerProtocols

extension GossipRouter {
    /// A peer's gossip stream is open.
    ///
    /// - Parameters:
    ///   - isOutbound: Whether this node dialled.
    ///   - group: The peer's address, or nil if it shall not count towards IP colocation.
    ///   - applicationScore: P5 to begin with.
    ///   - signedRecord: The peer's signed record, to recommend it to others.
    package mutating func connect(
        _ id: PeerID,
        version: GossipVersion,
        isOutbound: Bool,
        group: AddressGroup?,
        applicationScore: Double = 0,
        signedRecord: [UInt8]? = nil,
        now: MonotonicInstant
    ) -> [GossipEffect] {
        guard id != identity.id, peers.number(of: id) == nil else { return [] }
        scores.connect(id, group: group, application: applicationScore)
        var state = PeerState(
            id: id,
            version: version,
            isOutbound: isOutbound,
            isDirect: configuration.directPeers.contains(id),
            ignorableCount: configuration.ignorableCountMax
        )
        state.signedRecord = bounded(signedRecord)
        let peer = peers.insert(state)
        let topics = mesh.keys.sorted()
        send(to: peer) { $0.subscriptions = topics.map { GossipRPC.Subscription(topic: $0, isJoined: true) } }
        return takeEffects()
    }

    /// A peer's signed record became known or changed.
    package mutating func setSignedRecord(_ record: [UInt8]?, of id: PeerID) {
        guard let peer = peers.number(of: id) else { return }
        let record = bounded(record)
        peers[peer]?.signedRecord = record
    }

    /// A peer's gossip stream is closed.
    package mutating func disconnect(_ id: PeerID, now: MonotonicInstant) {
        guard let peer = peers.number(of: id) else { return }
        for topic in mesh.keys { mesh[topic]?.remove(peer) }
        for topic in fanout.keys { fanout[topic]?.peers.remove(peer) }
        scores.disconnect(id, now: now)
        _ = peers.remove(peer)
    }

    /// A peer sent what is no RPC, or one that is too large: P7, and the end of the connection.
    package mutating func reportMalformedStream(of id: PeerID, now: MonotonicInstant) -> [GossipEffect] {
        guard peers.number(of: id) != nil else { return [] }
        statistics.malformedStreams += 1
        scores.penalize(id, by: configuration.malformedPenalty)
        perform(.disconnect(id, .malformed))
        return takeEffects()
    }

    /// Sets P5 of a connected peer.
    package mutating func setApplicationScore(_ score: Double, of id: PeerID) {
        scores.setApplicationScore(score, of: id)
    }

    /// The score of a peer; 0 for a stranger.
    package func score(of id: PeerID) -> Double { scores.score(of: id) }

    /// Whether a peer is ignored for its score.
    package func isGraylisted(_ id: PeerID) -> Bool {
        !configuration.directPeers.contains(id) && scores.score(of: id) < configuration.thresholds.graylist
    }

    /// The connected peers in the order in which they connected.
    package var connectedPeers: [PeerID] { peers.all.sorted.compactMap { peers[$0]?.id } }

    /// The peers that joined a topic, in the order in which they connected.
    package func peers(of topic: GossipTopic) -> [PeerID] {
        peers.members(of: topic).sorted.compactMap { peers[$0]?.id }
    }

    /// The topics that a peer joined, in order.
    package func topics(of id: PeerID) -> [GossipTopic] {
        peers.number(of: id).flatMap { peers[$0]?.topics.sorted() } ?? []
    }

    /// The joined topics in order.
    package var topics: [GossipTopic] { mesh.keys.sorted() }

    /// The peers in the mesh of a topic, in the order in which they connected; nil if it is not joined.
    package func mesh(of topic: GossipTopic) -> [PeerID]? {
        mesh[topic].map { $0.sorted.compactMap { peers[$0]?.id } }
    }

    /// What the router holds at the moment, for bounds to be watched.
    package var occupancy: GossipOccupancy {
        GossipOccupancy(
            seenCount: seen.count,
            cachedCount: cache.count,
            cachedByteCount: cache.byteCount,
            pendingCount: pending.count,
            pendingByteCount: pending.byteCount,
            dismissedCount: dismissed.count,
            promiseCount: promises.count,
            scoreCount: scores.recordCount,
            backoffCount: backoffs.count
        )
    }

    private func bounded(_ record: [UInt8]?) -> [UInt8]? {
        guard let record, record.count <= configuration.limits.signedRecordByteCountMax else { return nil }
        return record
    }

    /// Takes in which topics a peer joins and leaves.
    mutating func receive(_ subscriptions: [GossipRPC.Subscription], from peer: PeerNumber, _ id: PeerID) {
        for subscription in subscriptions {
            guard count(peer, id, \.subscriptions, 1, max: configuration.subscriptionCountMax, .subscriptions) else {
                return
            }
            let topic = subscription.topic
            if subscription.isJoined {
                guard peers.join(peer, topic, countMax: configuration.peerTopicCountMax) else {
                    exceed(peer, id, .subscriptions)
                    continue
                }
            } else {
                peers.leave(peer, topic)
                fanout[topic]?.peers.remove(peer)
                if mesh[topic]?.remove(peer) == true { scores.prune(id, topic) }
            }
        }
    }

    /// Counts something of a peer until the next heartbeat; false, and P7 once a heartbeat, beyond the limit.
    mutating func count(
        _ peer: PeerNumber,
        _ id: PeerID,
        _ counter: WritableKeyPath<HeartbeatCounters, Int>,
        _ change: Int,
        max: Int,
        _ excess: HeartbeatCounters.Excess
    ) -> Bool {
        guard let value = peers[peer]?.counters[keyPath: counter] else { return false }
        guard value + change <= max else {
            exceed(peer, id, excess)
            return false
        }
        peers[peer]?.counters[keyPath: counter] = value + change
        return true
    }

    /// A peer exceeded a limit: P7, once a heartbeat for each kind.
    mutating func exceed(_ peer: PeerNumber, _ id: PeerID, _ excess: HeartbeatCounters.Excess) {
        guard peers[peer]?.counters.exceeded.insert(excess).inserted == true else { return }
        statistics.excesses += 1
        scores.penalize(id, by: 1)
    }
}
