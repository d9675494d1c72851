internal import PeerProtocols

extension GossipRouter {
    /// What happens at regular intervals (GossipSub v1.0, "Heartbeat"; v1.1, "Heartbeat Maintenance").
    mutating func heartbeat(now: MonotonicInstant) {
        ticks += 1
        forget(seen.expire(now: now))
        if !dismissed.isEmpty {
            let kept = UInt64(configuration.historyLength)
            dismissed = dismissed.filter { $0.value + kept > ticks }
        }
        for peer in promises.takeBroken(now: now) {
            statistics.promisesBroken += 1
            scores.penalize(peer, by: 1)
        }
        scores.advance(to: now)
        if ticks % 15 == 0 { backoffs.clear(now: now, slack: configuration.backoffSlack) }
        for peer in peers.all.sorted { refresh(peer) }
        if ticks % configuration.directConnectTicks == 1 % configuration.directConnectTicks { connectDirectPeers() }
        for topic in mesh.keys.sorted() {
            maintainMesh(topic, now: now)
            emitGossip(topic, except: mesh[topic] ?? PeerSet())
        }
        for topic in fanout.keys.sorted() { maintainFanout(topic, now: now) }
        cache.shift()
    }

    /// A new interval begins for a peer's limits.
    private mutating func refresh(_ peer: PeerNumber) {
        guard let id = peers[peer]?.id else { return }
        peers[peer]?.counters = HeartbeatCounters()
        if let left = peers[peer]?.ignorableCount, left < configuration.ignorableCountMax {
            peers[peer]?.ignorableCount = min(
                left + configuration.ignorableCountPerHeartbeat,
                configuration.ignorableCountMax
            )
        }
        if let unwanted = peers[peer]?.unwanted, !unwanted.isEmpty {
            peers[peer]?.unwanted = unwanted.filter { $0.value > ticks }
        }
        let graylisted = isGraylisted(id)
        if graylisted, peers[peer]?.isReportedGraylisted == false { perform(.disconnect(id, .graylisted)) }
        peers[peer]?.isReportedGraylisted = graylisted
    }

    private mutating func connectDirectPeers() {
        let missing = configuration.directPeers.filter { peers.number(of: $0) == nil && $0 != identity.id }
        for peer in missing.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            perform(.connect(peer, signedRecord: nil))
        }
    }

    private mutating func maintainMesh(_ topic: GossipTopic, now: MonotonicInstant) {
        for peer in mesh[topic]?.sorted ?? [] where score(of: peer) < 0 {
            prune(peer, topic, backoff: configuration.pruneBackoff, exchange: false, now: now)
        }
        let degree = mesh[topic]?.count ?? 0
        if degree < configuration.meshDegreeMin {
            graftRandom(topic, count: configuration.meshDegree - degree, now: now) { _, _ in true }
        } else if degree > configuration.meshDegreeMax {
            pruneSurplus(topic, now: now)
        }
        guard let members = mesh[topic]?.sorted, members.count >= configuration.meshDegreeMin else { return }
        let outbound = members.count { peers[$0]?.isOutbound ?? false }
        graftRandom(topic, count: configuration.meshDegreeOutbound - outbound, now: now) { state, _ in
            state.isOutbound
        }
        if ticks % configuration.opportunisticGraftTicks == 0 { graftOpportunistically(topic, now: now) }
    }

    /// Brings a mesh down to D: the best by score stay, then random ones, with enough that this node dialled.
    private mutating func pruneSurplus(_ topic: GossipTopic, now: MonotonicInstant) {
        let shuffled = (mesh[topic]?.sorted ?? []).shuffled(using: &random).map { ($0, score(of: $0)) }
        // Sorting is stable, so equals stay shuffled.
        let byScore = shuffled.sorted { $0.1 > $1.1 }.map(\.0)
        let best = byScore.prefix(configuration.meshDegreeByScore)
        let ordered = best + byScore.dropFirst(configuration.meshDegreeByScore).shuffled(using: &random)
        var kept = Array(ordered.prefix(configuration.meshDegree))
        var others = Array(ordered.dropFirst(configuration.meshDegree))
        var missing = configuration.meshDegreeOutbound - kept.count { isOutbound($0) }
        for index in kept.indices.reversed() where missing > 0 && !isOutbound(kept[index]) {
            guard let replacement = others.firstIndex(where: { isOutbound($0) }) else { break }
            (kept[index], others[replacement]) = (others[replacement], kept[index])
            missing -= 1
        }
        for peer in others { prune(peer, topic, backoff: configuration.pruneBackoff, exchange: true, now: now) }
    }

    /// Takes better peers into a mesh whose median score is low.
    private mutating func graftOpportunistically(_ topic: GossipTopic, now: MonotonicInstant) {
        let sorted = (mesh[topic]?.sorted ?? []).map { score(of: $0) }.sorted()
        guard sorted.count > 1 else { return }
        let median = sorted[sorted.count / 2]
        guard median < configuration.thresholds.opportunisticGraft else { return }
        statistics.opportunisticGrafts += graftRandom(
            topic,
            count: configuration.opportunisticGraftCount,
            now: now
        ) { _, score in score > median }
    }

    private mutating func maintainFanout(_ topic: GossipTopic, now: MonotonicInstant) {
        guard let present = fanout[topic],
            now < present.publishedAt.advanced(by: configuration.fanoutLifetime)
        else {
            fanout[topic] = nil
            return
        }
        for peer in present.peers.sorted where !mayPublish(to: peer) { fanout[topic]?.peers.remove(peer) }
        fillFanout(topic)
        emitGossip(topic, except: fanout[topic]?.peers ?? PeerSet())
    }

    private func isOutbound(_ peer: PeerNumber) -> Bool { peers[peer]?.isOutbound ?? false }
}
