internal import CryptoCore
package import PeerProtocols

extension GossipRouter {
    /// An RPC arrived.
    ///
    /// Ignored as a whole when the sender is unknown or graylisted.
    ///
    /// - Parameter isRest: Whether other parts of it arrived before, so that it is not counted again.
    package mutating func receive(
        _ rpc: GossipRPC,
        isRest: Bool = false,
        from id: PeerID,
        now: MonotonicInstant
    ) -> [GossipEffect] {
        guard let peer = peers.number(of: id) else { return [] }
        guard !isGraylisted(id) else {
            statistics.rpcsGraylisted += isRest ? 0 : 1
            return []
        }
        statistics.rpcsReceived += isRest ? 0 : 1
        receive(rpc.subscriptions, from: peer, id)
        if !rpc.unwanted.isEmpty { receive(unwanted: rpc.unwanted, from: peer, id) }
        for message in rpc.messages {
            // What follows a message that was the last straw is not looked at.
            guard receive(message, from: peer, id, now: now) || !isGraylisted(id) else { break }
        }
        if !rpc.have.isEmpty { receive(rpc.have, from: peer, id, now: now) }
        if !rpc.want.isEmpty { receive(want: rpc.want, from: peer, id) }
        if !rpc.graft.isEmpty { receive(graft: rpc.graft, from: peer, id, now: now) }
        if !rpc.prune.isEmpty { receive(rpc.prune, from: peer, id, now: now) }
        return takeEffects()
    }

    /// One message of an RPC arrived.
    package mutating func receive(
        _ message: GossipMessage,
        from id: PeerID,
        now: MonotonicInstant
    ) -> [GossipEffect] {
        guard let peer = peers.number(of: id), !isGraylisted(id) else { return [] }
        _ = receive(message, from: peer, id, now: now)
        return takeEffects()
    }

    /// What is known of a message without looking at its signature.
    package enum Standing: Sendable {
        /// Nothing: the application may look at it.
        case news
        /// The application dismissed its data a moment ago.
        case dismissed
        /// Enough: whatever it is, the application is not asked.
        case settled
    }

    /// What is known of a message that a peer brings, before ``receive(_:from:now:)``.
    package func standing(of message: GossipMessage, from id: PeerID) -> Standing {
        guard mesh[message.topic] != nil, let peer = peers.number(of: id), !isGraylisted(id), mayBringMore(peer),
            hasGoodSize(message), let id = configuration.messageID(message), !seen.contains(id)
        else { return .settled }
        return dismissed[id] == ticks ? .dismissed : .news
    }

    private func hasGoodSize(_ message: GossipMessage) -> Bool {
        message.data.count <= configuration.messageByteCountMax
            && message.envelopeByteCount <= configuration.envelopeByteCountMax
    }

    /// Whether what a peer brings is looked at, for all that it brought in vain.
    private func mayBringMore(_ peer: PeerNumber) -> Bool {
        guard let state = peers[peer] else { return false }
        return state.ignorableCount > 0 && state.counters.dismissals < configuration.dismissedCountMax
    }

    /// A message arrived that the application does not want to look at, for reasons that are not its bringer's.
    ///
    /// It costs the bringer no score, and no signature is checked. Its id does not count as seen, but copies are dismissed
    /// until the next heartbeat, and it is not asked for again for as long as it is advertised.
    package mutating func dismiss(_ message: GossipMessage, from id: PeerID) {
        guard let peer = peers.number(of: id), !isGraylisted(id) else { return }
        peers[peer]?.counters.dismissals += 1
        statistics.messagesReceived += 1
        statistics.messagesDismissed += 1
        traffic[message.topic, default: TopicTraffic()].countReceived(message)
        guard let id = configuration.messageID(message) else { return }
        promises.fulfill(id)
        if dismissed[id] != nil || dismissed.count < configuration.dismissedIDCountMax { dismissed[id] = ticks }
    }

    /// The application's verdict on a message that it was given to validate.
    ///
    /// A verdict on anything else is ignored: the message may have waited too long.
    package mutating func report(
        _ verdict: ValidationVerdict,
        of id: MessageID,
        now: MonotonicInstant
    ) -> [GossipEffect] {
        guard let message = pending.remove(id) else { return [] }
        let bringers = seen[id]?.bringers ?? []
        switch verdict {
        case .accept:
            statistics.accepted += 1
            seen[id]?.verdict = .valid(at: now)
            if let first = bringers.first { scores.countFirstDelivery(first, message.topic) }
            for other in bringers.dropFirst() { scores.countMeshDelivery(other, message.topic) }
            cache.insert(message, id: id)
            forward(message, id: id, except: bringers)
        case .reject, .rejectForNow:
            statistics.rejected += 1
            seen[id]?.verdict = verdict == .reject ? .invalid(digest: Self.digest(of: message)) : .ignored
            for bringer in bringers { scores.countInvalidMessage(bringer, message.topic) }
        case .ignore:
            statistics.ignored += 1
            seen[id]?.verdict = .ignored
            if let first = bringers.first.flatMap({ peers.number(of: $0) }) { peers[first]?.ignorableCount -= 1 }
        }
        seen[id]?.bringers = verdict == .accept ? bringers : []
        return takeEffects()
    }

    /// Takes one message in; false if it was the sender's fault that it is of no use.
    private mutating func receive(
        _ message: GossipMessage,
        from peer: PeerNumber,
        _ sender: PeerID,
        now: MonotonicInstant
    ) -> Bool {
        statistics.messagesReceived += 1
        guard mesh[message.topic] != nil else {
            statistics.messagesUnasked += 1
            return true
        }
        traffic[message.topic, default: TopicTraffic()].countReceived(message)
        guard let id = configuration.messageID(message) else {
            statistics.badSignatures += 1
            return blame(sender, message)
        }
        // Nobody passes such a message on, whatever its id, so it is its bringer's.
        guard hasGoodSize(message) else {
            statistics.oversizeMessages += 1
            return blame(sender, message)
        }
        guard !seen.contains(id) else { return receiveDuplicate(message, id: id, from: sender, now: now) }
        guard pending.count < configuration.pendingCountMax,
            pending.byteCount + message.encoded.count <= configuration.pendingByteCountMax
        else {
            // Not seen, so that gossip can bring it again; whoever promised it did its part.
            promises.fulfill(id)
            statistics.messagesDropped += 1
            return true
        }
        guard mayBringMore(peer) else {
            // What this peer brought lately was of no use, if nobody's fault; signatures cost more than it is worth.
            promises.fulfill(id)
            statistics.messagesDropped += 1
            return true
        }
        guard configuration.hasGoodSignature(message) else {
            statistics.badSignatures += 1
            return blame(sender, message)
        }
        promises.fulfill(id)
        guard message.sourceBytes != identity.id.bytes[...] else {
            // A peer that has an own message from before a restart is not at fault, nor if it was asked for it. The id
            // does not count as seen: the data could be published here next.
            statistics.messagesUnasked += 1
            peers[peer]?.ignorableCount -= 1
            return true
        }
        forget(seen.insert(id, verdict: .pending, bringers: [sender], now: now))
        pending.insert(message, id: id)
        announceUnwanted(message, id: id, except: peer)
        perform(.validate(message, id: id, from: sender))
        return true
    }

    private mutating func receiveDuplicate(
        _ message: GossipMessage,
        id: MessageID,
        from sender: PeerID,
        now: MonotonicInstant
    ) -> Bool {
        statistics.duplicates += 1
        guard let entry = seen[id] else { return true }
        switch entry.verdict {
        case .pending:
            // The verdict on the one that waits says nothing of another one.
            guard pending.contains(message, id: id), !entry.bringers.contains(sender) else { return true }
            seen[id]?.bringers.append(sender)
        case .valid(let validAt):
            let window = scores.deliveryWindow(message.topic)
            guard now <= validAt.advanced(by: window), !entry.bringers.contains(sender) else { return true }
            seen[id]?.bringers.append(sender)
            scores.countMeshDelivery(sender, message.topic)
        case .invalid(let digest):
            if Self.digest(of: message) == digest { return blame(sender, message) }
        case .ignored: break
        }
        return true
    }

    private static func digest(of message: GossipMessage) -> [UInt8] { SHA256.hash(Array(message.data)) }

    private mutating func blame(_ sender: PeerID, _ message: GossipMessage) -> Bool {
        scores.countInvalidMessage(sender, message.topic)
        return false
    }

    /// Ids that are no longer remembered have no use for a verdict either.
    mutating func forget(_ ids: [MessageID]) {
        for id in ids { _ = pending.remove(id) }
    }

    /// Sends a message on to the mesh and the direct peers, except to those who have it.
    private mutating func forward(_ message: GossipMessage, id: MessageID, except bringers: [PeerID]) {
        var recipients = mesh[message.topic] ?? PeerSet()
        addDirectPeers(of: message.topic, to: &recipients)
        for peer in recipients.sorted {
            guard let peerID = peers[peer]?.id, !bringers.contains(peerID) else { continue }
            guard peerID.bytes[...] != message.sourceBytes else { continue }
            deliver(message, id: id, to: peer)
        }
    }

    /// Sends a message unless the peer said that it does not want it.
    mutating func deliver(_ message: GossipMessage, id: MessageID, to peer: PeerNumber) {
        guard peers[peer]?.unwanted[id] == nil else {
            statistics.sendsSuppressed += 1
            return
        }
        transmit(message, to: peer)
    }

    /// Sends a message, and counts it.
    mutating func transmit(_ message: GossipMessage, to peer: PeerNumber) {
        statistics.messagesSent += 1
        traffic[message.topic, default: TopicTraffic()].countSent(message)
        send(to: peer) { $0.messages.append(message) }
    }

    mutating func addDirectPeers(of topic: GossipTopic, to recipients: inout PeerSet) {
        guard !configuration.directPeers.isEmpty else { return }
        for peer in peers.members(of: topic).sorted where isDirect(peer) { recipients.insert(peer) }
    }
}
