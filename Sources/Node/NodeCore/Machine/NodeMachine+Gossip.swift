internal import Attestations
internal import Discovery
internal import Gossip
internal import PeerProtocols
internal import Records

extension NodeMachine {
    /// The own gossip stream to a peer is open.
    mutating func openGossip(_ peer: PeerID, _ version: GossipVersion, now: NodeInstant) {
        guard let known = peers[peer], known.gossipVersion == nil, !known.isLeaving else { return }
        peers[peer]?.gossipVersion = version
        peers[peer]?.gossipOpenedAt = now.monotonic
        peers[peer]?.earlyRPCs = []
        peers[peer]?.earlyByteCount = 0
        perform(
            router.connect(
                peer,
                version: version,
                isOutbound: known.link.isOutbound,
                group: known.link.address.flatMap(AddressGroup.init),
                applicationScore: conduct.score(of: peer, now: now.monotonic),
                signedRecord: discovery?.book[peer]?.signedRecord?.envelope,
                now: now.monotonic
            ),
            now: now
        )
        for rpc in known.earlyRPCs { take(rpc, from: peer, now: now) }
    }

    /// The own gossip stream to a peer is gone; it is opened again some times, later each time.
    ///
    /// The peer's own stream may well live on, over another connection of the two: it says again neither what it
    /// subscribed to nor that it grafted, so that the first is kept here until the own stream is back.
    mutating func closeGossip(_ peer: PeerID, now: NodeInstant) {
        guard let known = peers[peer] else { return }
        if known.gossipVersion != nil {
            let topics = router.topics(of: peer)
            router.disconnect(peer, now: now.monotonic)
            peers[peer]?.gossipVersion = nil
            let rpc = GossipRPC(subscriptions: topics.map { GossipRPC.Subscription(topic: $0, isJoined: true) })
            if !topics.isEmpty { hold(rpc, of: peer) }
        }
        if let openedAt = known.gossipOpenedAt,
            openedAt.advanced(by: ConnectedPeer.gossipProbation) <= now.monotonic
        {
            peers[peer]?.gossipFailureCount = 0
        }
        guard !known.isLeaving, let failures = peers[peer]?.gossipFailureCount,
            failures < ConnectedPeer.gossipAttemptMax
        else { return }
        peers[peer]?.gossipOpenedAt = nil
        peers[peer]?.gossipFailureCount = failures + 1
        // One of two connections that closes is no fault of anybody.
        guard failures > 0 || known.gossipOpenedAt == nil else { return effects.append(.openGossip(peer)) }
        gossipRetries[peer] = now.monotonic.advanced(by: .seconds(2 << failures))
    }

    /// Opens gossip streams anew whose time has come.
    mutating func reopenGossip(now: NodeInstant) {
        guard !gossipRetries.isEmpty else { return }
        let due = gossipRetries.filter { $0.value <= now.monotonic }.keys
        for peer in due.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            gossipRetries[peer] = nil
            effects.append(.openGossip(peer))
        }
    }

    /// An RPC arrived.
    mutating func receive(_ rpc: GossipRPC, from peer: PeerID, now: NodeInstant) {
        guard peers[peer]?.gossipVersion == nil else { return take(rpc, from: peer, now: now) }
        hold(rpc, of: peer)
    }

    /// Gives an RPC to the router, one message at a time, so that what is found of one counts before the next is looked
    /// at, and without messages that are of no use.
    private mutating func take(_ rpc: GossipRPC, from peer: PeerID, now: NodeInstant) {
        guard !rpc.messages.isEmpty else {
            return perform(router.receive(rpc, from: peer, now: now.monotonic), now: now)
        }
        let (before, after) = rpc.aroundMessages
        perform(router.receive(before, from: peer, now: now.monotonic), now: now)
        for message in rpc.messages {
            switch router.standing(of: message, from: peer) {
            case .news:
                guard let refusal = uselessness(of: message, now: now) else { fallthrough }
                refuse(refusal, from: peer)
                router.dismiss(message, from: peer)
            case .settled: perform(router.receive(message, from: peer, now: now.monotonic), now: now)
            case .dismissed: router.dismiss(message, from: peer)
            }
        }
        guard after.hasControl else { return }
        perform(router.receive(after, isRest: true, from: peer, now: now.monotonic), now: now)
    }

    /// Why a message would be ignored, whoever signed it, for a reason that is nobody's who passes it on.
    ///
    /// Signatures take longer than all this. And a peer that passes on what it found good itself must not be charged for
    /// what is of no use here: whoever wants could make it bring as much of that as one likes.
    private mutating func uselessness(of message: GossipMessage, now: NodeInstant) -> RecordRefusal? {
        guard storeFailure == nil, message.topic == topic, message.data.count <= Notarization.byteCountMax,
            let record = try? validator.decode(Array(message.data))
        else { return nil }
        return uselessness(of: record, now: now)
    }

    /// Keeps an RPC until the own stream to its sender is open, within limits.
    private mutating func hold(_ rpc: GossipRPC, of peer: PeerID) {
        guard let known = peers[peer] else { return }
        let byteCount = known.earlyByteCount + rpc.byteCountBound + ConnectedPeer.earlyEntryCost * rpc.entryCount
        guard known.earlyRPCs.count < ConnectedPeer.earlyRPCCountMax, byteCount <= ConnectedPeer.earlyByteCountMax
        else {
            statistics.earlyRPCsDropped += 1
            return
        }
        peers[peer]?.earlyRPCs.append(rpc)
        peers[peer]?.earlyByteCount = byteCount
    }

    /// A peer's gossip stream broke the protocol.
    mutating func endMalformedGossip(of peer: PeerID, now: NodeInstant) {
        guard let known = peers[peer] else { return }
        // The router knows those to whom the own stream is open; others may do it just as well.
        guard known.gossipVersion != nil else { return note(.malformedFrame, of: peer, now: now) }
        perform(router.reportMalformedStream(of: peer, now: now.monotonic), now: now)
    }

    /// Does what the router says.
    mutating func perform(_ gossipEffects: [GossipEffect], now: NodeInstant) {
        for effect in gossipEffects {
            switch effect {
            case .send(let rpc, let peer): effects.append(.sendGossip(rpc, to: peer))
            case .validate(let message, let id, let bringer): validate(message, id: id, from: bringer, now: now)
            case .connect(let peer, let record): seek(peer, record, now: now)
            case .disconnect(let peer, .graylisted): leave(peer, .graylisted, now: now)
            case .disconnect(let peer, .malformed): leave(peer, .malformed, now: now)
            }
        }
    }

    /// Judges a message: what is refused is reported at once, what is new when it is safe.
    private mutating func validate(_ message: GossipMessage, id: MessageID, from peer: PeerID, now: NodeInstant) {
        guard message.topic == topic else {
            return perform(router.report(.ignore, of: id, now: now.monotonic), now: now)
        }
        do throws(RecordRefusal) {
            switch try examine(Array(message.data), arrival: .news, now: now) {
            case .known: throw .duplicate
            case .valid(let record): try admit(record, arrival: .news, origin: .gossip(peer), [.accept(id)], now: now)
            }
        } catch {
            refuse(error, from: peer)
            perform(router.report(error.verdictOfGossip, of: id, now: now.monotonic), now: now)
        }
    }

    /// Counts a refused record.
    mutating func refuse(_ refusal: RecordRefusal, from peer: PeerID) {
        statistics.refusals[refusal.code, default: 0] += 1
        effects.append(.notify(.refused(refusal, from: peer)))
    }
}

extension RecordRefusal {
    /// What the router makes of it; what comes from too far in the future does not stay there.
    fileprivate var verdictOfGossip: ValidationVerdict {
        switch (verdict, self) {
        case (.reject, .fromTheFuture): .rejectForNow
        case (.reject, _): .reject
        case (.ignore, _): .ignore
        }
    }
}

extension AddressGroup {
    /// The group of a peer's address; nil for names.
    init?(_ address: Multiaddr) {
        switch address.components.first {
        case .ip4(let address): self.init(address)
        case .ip6(let address): self.init(address)
        default: return nil
        }
    }
}
