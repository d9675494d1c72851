internal import PeerProtocols

extension GossipRouter {
    /// IHAVE: asks for what was not seen, within limits, and remembers one promise.
    mutating func receive(
        _ advertisements: [GossipRPC.Advertisement],
        from peer: PeerNumber,
        _ id: PeerID,
        now: MonotonicInstant
    ) {
        guard score(of: peer) >= configuration.thresholds.gossip,
            count(peer, id, \.advertisementRPCs, 1, max: configuration.advertisementCountMax, .advertisements)
        else { return }
        let asked = peers[peer]?.counters.requestedIDs ?? 0
        let left = configuration.advertisedIDCountMax - asked
        guard left > 0 else { return exceed(peer, id, .advertisements) }
        var wanted: [MessageID] = []
        var chosen: Set<MessageID> = []
        var looked = 0
        for advertisement in advertisements where mesh[advertisement.topic] != nil {
            for message in advertisement.ids {
                looked += 1
                guard looked <= configuration.advertisedIDCountMax else { break }
                guard !seen.contains(message), dismissed[message] == nil else { continue }
                if chosen.insert(message).inserted { wanted.append(message) }
            }
        }
        if looked > configuration.advertisedIDCountMax { exceed(peer, id, .advertisements) }
        guard !wanted.isEmpty else { return }
        if wanted.count > left {
            wanted.shuffle(using: &random)
            wanted.removeLast(wanted.count - left)
        }
        peers[peer]?.counters.requestedIDs += wanted.count
        if let promised = wanted.randomElement(using: &random) {
            promises.insert(promised, by: id, deadline: now.advanced(by: configuration.promiseLifetime))
        }
        statistics.idsRequested += wanted.count
        send(to: peer) { $0.want += wanted }
    }

    /// IWANT: sends what is kept, each message only a few times to one peer.
    mutating func receive(want ids: [MessageID], from peer: PeerNumber, _ id: PeerID) {
        guard score(of: peer) >= configuration.thresholds.gossip else { return }
        var served: Set<MessageID> = []
        for message in ids {
            guard count(peer, id, \.wantedIDs, 1, max: configuration.wantedIDCountMax, .wanted) else { return }
            guard served.insert(message).inserted, let kept = cache.request(message, by: peer) else { continue }
            guard kept.count <= configuration.retransmissionCountMax else {
                exceed(peer, id, .retransmissions)
                continue
            }
            statistics.requestsServed += 1
            transmit(kept.message, to: peer)
        }
    }

    /// IDONTWANT: remembers for some heartbeats what not to send.
    mutating func receive(unwanted ids: [MessageID], from peer: PeerNumber, _ id: PeerID) {
        guard peers[peer]?.version ?? .v1_1 >= .v1_2 else { return }
        for message in ids {
            guard count(peer, id, \.unwantedIDs, 1, max: configuration.unwantedIDCountMax, .unwanted) else { return }
            peers[peer]?.unwanted[message] = ticks + configuration.unwantedTicks
        }
    }

    /// Tells the mesh at once that a large message arrived, so that the copies on their way stay few.
    mutating func announceUnwanted(_ message: GossipMessage, id: MessageID, except bringer: PeerNumber) {
        guard message.encoded.count >= configuration.unwantedByteCountMin else { return }
        for peer in mesh[message.topic]?.sorted ?? [] where peer != bringer {
            guard peers[peer]?.version ?? .v1_1 >= .v1_2 else { continue }
            send(to: peer) { $0.unwanted.append(id) }
        }
    }

    /// Advertises recent messages of a topic to random peers outside `insiders`.
    mutating func emitGossip(_ topic: GossipTopic, except insiders: PeerSet) {
        var ids = cache.advertisedIDs(topic)
        guard !ids.isEmpty else { return }
        let candidates = peers.members(of: topic).sorted.filter {
            !insiders.contains($0) && !isDirect($0) && score(of: $0) >= configuration.thresholds.gossip
        }
        let share = Int(configuration.gossipFactor * Double(candidates.count))
        for peer in candidates.shuffled(using: &random).prefix(max(configuration.lazyDegree, share)) {
            if ids.count > configuration.advertisedIDCountMax { ids.shuffle(using: &random) }
            let advertisement = GossipRPC.Advertisement(
                topic: topic,
                ids: Array(ids.prefix(configuration.advertisedIDCountMax))
            )
            statistics.idsAdvertised += advertisement.ids.count
            send(to: peer) { $0.have.append(advertisement) }
        }
    }
}
