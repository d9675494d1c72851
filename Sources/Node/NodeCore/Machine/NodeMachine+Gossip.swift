internal import Discovery
internal import Gossip
internal import PeerProtocols
internal import Records

extension NodeMachine {
    /// The own gossip stream to a peer is open.
    mutating func openGossip(_ peer: PeerID, _ version: GossipVersion, now: NodeInstant) {
        guard let known = peers[peer], known.gossipVersion == nil, !known.isLeaving else { return }
        peers[peer]?.gossipVersion = version
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
        for rpc in known.earlyRPCs { perform(router.receive(rpc, from: peer, now: now.monotonic), now: now) }
    }

    /// The gossip stream to a peer is gone; it is opened again some times, later each time.
    mutating func closeGossip(_ peer: PeerID, now: NodeInstant) {
        guard let known = peers[peer] else { return }
        if known.gossipVersion != nil {
            router.disconnect(peer, now: now.monotonic)
            peers[peer]?.gossipVersion = nil
        }
        guard !known.isLeaving, known.gossipFailureCount < ConnectedPeer.gossipAttemptMax else { return }
        peers[peer]?.gossipFailureCount += 1
        let delay = Duration.seconds(1 << known.gossipFailureCount)
        gossipRetries[peer] = now.monotonic.advanced(by: delay)
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
        guard peers[peer]?.gossipVersion == nil else {
            return perform(router.receive(rpc, from: peer, now: now.monotonic), now: now)
        }
        guard let known = peers[peer] else { return }
        let byteCount = known.earlyByteCount + rpc.byteCountBound
        guard known.earlyRPCs.count < ConnectedPeer.earlyRPCCountMax, byteCount <= ConnectedPeer.earlyByteCountMax
        else {
            statistics.earlyRPCsDropped += 1
            return
        }
        peers[peer]?.earlyRPCs.append(rpc)
        peers[peer]?.earlyByteCount = byteCount
    }

    /// Does what the router says.
    mutating func perform(_ gossipEffects: [GossipEffect], now: NodeInstant) {
        for effect in gossipEffects {
            switch effect {
            case .send(let rpc, let peer): effects.append(.sendGossip(rpc, to: peer))
            case .validate(let message, let id, let bringer): validate(message, id: id, from: bringer, now: now)
            case .connect(let peer, let record): seek(peer, record, now: now)
            case .disconnect(let peer, .graylisted): leave(peer, .graylisted)
            case .disconnect(let peer, .malformed): leave(peer, .malformed)
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
            if error.isIdle, peers[peer]?.idleRecords.take(1, now: now.monotonic) == false {
                note(.excess, of: peer, now: now)
            }
            refuse(error, from: peer)
            let verdict: ValidationVerdict = error.verdict == .reject ? .reject : .ignore
            perform(router.report(verdict, of: id, now: now.monotonic), now: now)
        }
    }

    /// Counts a refused record.
    mutating func refuse(_ refusal: RecordRefusal, from peer: PeerID) {
        statistics.refusals[refusal.code, default: 0] += 1
        effects.append(.notify(.refused(refusal, from: peer)))
    }
}

extension RecordRefusal {
    /// Whether it is nobody's fault, but an honest peer, which passes on only what is new to itself, rarely brings it.
    fileprivate var isIdle: Bool {
        switch self {
        case .duplicate, .doubleSigned, .unsupportedVersion: true
        default: false
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
