package import PeerProtocols

extension GossipRouter {
    /// Signs a message and publishes it.
    ///
    /// It goes to all peers of the topic with a score above the publish threshold, or with
    /// ``GossipConfiguration/floodsPublishing`` off to the mesh, or the fanout where the topic is not joined. A message
    /// that has nobody to go to is kept for gossip.
    ///
    /// - Throws: ``GossipPublishingError``, the caller's fault.
    package mutating func publish(
        _ data: [UInt8],
        to topic: GossipTopic,
        now: MonotonicInstant
    ) throws(GossipPublishingError) -> (id: MessageID, effects: [GossipEffect]) {
        guard data.count <= configuration.messageByteCountMax else {
            throw .oversize(byteCount: data.count, byteCountMax: configuration.messageByteCountMax)
        }
        guard
            let message = MessageSigning.sign(
                data,
                topic: topic,
                sequenceNumber: nextSequenceNumber,
                author: identity
            ), let id = configuration.messageID(message)
        else { throw .unidentifiable }
        // What only arrived here, and was not accepted, has not gone on: it was too early, say, or known already.
        if case .valid = seen[id]?.verdict { throw .duplicate }
        _ = pending.remove(id)
        nextSequenceNumber &+= 1
        statistics.published += 1
        forget(seen.insert(id, verdict: .valid(at: now), bringers: [], now: now))
        cache.insert(message, id: id)
        for peer in recipients(of: topic, now: now).sorted { deliver(message, id: id, to: peer) }
        return (id, takeEffects())
    }

    private mutating func recipients(of topic: GossipTopic, now: MonotonicInstant) -> PeerSet {
        var recipients = PeerSet()
        if configuration.floodsPublishing {
            for peer in peers.members(of: topic).sorted where mayPublish(to: peer) { recipients.insert(peer) }
        } else if let mesh = mesh[topic] {
            for peer in mesh.sorted where mayPublish(to: peer) { recipients.insert(peer) }
        } else {
            if fanout[topic]?.peers.isEmpty ?? true {
                fanout[topic] = Fanout(peers: PeerSet(), publishedAt: now)
                fillFanout(topic)
            }
            fanout[topic]?.publishedAt = now
            recipients = fanout[topic]?.peers ?? PeerSet()
        }
        addDirectPeers(of: topic, to: &recipients)
        return recipients
    }

    /// Brings the fanout of a topic up to the mesh degree.
    mutating func fillFanout(_ topic: GossipTopic) {
        guard let present = fanout[topic]?.peers, present.count < configuration.meshDegree else { return }
        let candidates = peers.members(of: topic).sorted
            .filter { !present.contains($0) && !isDirect($0) && mayPublish(to: $0) }
            .shuffled(using: &random)
        for peer in candidates.prefix(configuration.meshDegree - present.count) { fanout[topic]?.peers.insert(peer) }
    }

    func mayPublish(to peer: PeerNumber) -> Bool {
        isDirect(peer) || score(of: peer) >= configuration.thresholds.publish
    }
}

/// Why a message was not published; the caller's fault.
package enum GossipPublishingError: Error, Equatable, Sendable {
    /// The payload is longer than peers accept.
    case oversize(byteCount: Int, byteCountMax: Int)
    /// A message with this id was published, or accepted from a peer, before.
    case duplicate
    /// The message-id function gives no id.
    case unidentifiable
}
