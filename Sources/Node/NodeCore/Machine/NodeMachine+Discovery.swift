internal import Discovery
internal import Gossip
internal import KeyValueStorage
internal import PeerProtocols

extension NodeMachine {
    /// Does what discovery says; nil when there is none.
    mutating func perform(_ discoveryEffects: [DiscoveryEffect]?, now: NodeInstant) {
        for effect in discoveryEffects ?? [] {
            switch effect {
            case .dial(let peer, let addresses):
                guard !isGraylisted(peer, now: now) else {
                    // A bad name outlives the connection; the place of the dial is somebody else's.
                    perform(discovery?.shun(peer, now: now.monotonic), now: now)
                    continue
                }
                effects.append(.dial(peer, addresses))
            case .disconnect(let peer, _): leave(peer, .surplus, now: now)
            case .request(let body, let peer): ask(peer, body, now: now)
            case .cancelRequest(let peer):
                guard let stream = kademlia.stream(to: peer) else { continue }
                _ = kademlia.endQuestion(on: stream)
                effects.append(.closeStream(stream, .reset))
            case .lookupEnded: continue
            case .penalize(let peer, let offence): note(Self.misconduct(offence), of: peer, now: now)
            case .store(let change): store(change, now: now)
            }
        }
    }

    /// Looks for a peer that another one recommended in gossip, or connects to a direct one.
    mutating func seek(_ peer: PeerID, _ record: [UInt8]?, now: NodeInstant) {
        if discovery != nil {
            perform(discovery?.connect(to: peer, signedRecord: record, now: now.monotonic), now: now)
        } else if let record, peers[peer] == nil, let signed = try? SignedPeerRecord(envelope: record),
            signed.peer == peer
        {
            effects.append(.dial(peer, signed.addresses.map { $0.with(peer) }))
        }
    }

    /// Lets discovery do what is due, and tells it whom to keep.
    mutating func passDiscoveryTime(now: NodeInstant) {
        guard let wake = discovery?.nextWake, wake <= now.monotonic else { return }
        let mesh = Set(router.mesh(of: topic) ?? [])
        for peer in peers.keys {
            // Each is set by itself, so the order does not show.
            discovery?.setValue(router.score(of: peer), of: peer)
            if mesh.contains(peer) { discovery?.protect(peer, .mesh) } else { discovery?.unprotect(peer, .mesh) }
        }
        perform(discovery?.advance(to: now.monotonic), now: now)
        for stream in kademlia.takeIdle(now: now.monotonic) { effects.append(.closeStream(stream, .finished)) }
    }

    /// What this node asks to be found at: its addresses, as Kademlia tells them, and signed for others to pass on.
    mutating func announce(_ addresses: [Multiaddr], now: NodeInstant) {
        self.addresses = addresses
        discovery?.ownEndpoints = addresses.compactMap(PeerEndpoint.init)
        let described = Array(addresses.map(\.withoutPeerID).prefix(SignedPeerRecord.addressCountMax))
        signedPeerRecord =
            SignedPeerRecord(
                addresses: described,
                sequenceNumber: now.unixMilliseconds,
                by: PeerIdentity(privateKey: key)
            )?.envelope
    }

    // MARK: Streams

    private mutating func ask(_ peer: PeerID, _ body: [UInt8], now: NodeInstant) {
        let known = configuration.discovery?.protocols ?? []
        let spoken = peers[peer]?.identification?.protocols
        // A peer that was dialled to be asked is asked before it says what it speaks.
        guard let name = known.first(where: { spoken?.contains($0) ?? true }) else {
            return perform(discovery?.requestFailed(peer, now: now.monotonic), now: now)
        }
        let stream = takeStream()
        kademlia.ask(peer, body, on: stream)
        effects.append(.openStream(stream, to: peer, name))
    }

    /// The stream for a question is open.
    mutating func sendQuestion(on stream: StreamID) {
        guard let body = kademlia.question(on: stream) else { return effects.append(.closeStream(stream, .reset)) }
        effects.append(.sendFrame(body, on: stream))
    }

    /// A question was answered.
    mutating func receiveAnswer(_ frame: [UInt8], on stream: StreamID, now: NodeInstant) {
        guard let peer = kademlia.endQuestion(on: stream) else { return }
        effects.append(.closeStream(stream, .finished))
        perform(discovery?.receive(response: frame, from: peer, now: now.monotonic), now: now)
    }

    /// The stream of a question ended without an answer.
    mutating func failQuestion(on stream: StreamID, now: NodeInstant) {
        guard let peer = kademlia.endQuestion(on: stream) else { return }
        perform(discovery?.requestFailed(peer, now: now.monotonic), now: now)
    }

    /// A peer asks.
    mutating func answerQuestion(_ frame: [UInt8], on stream: StreamID, now: NodeInstant) {
        guard let peer = kademlia.use(stream, now: now.monotonic) else { return }
        switch discovery?.receive(request: frame, from: peer, now: now.monotonic) ?? .reset(nil) {
        case .reply(let body): effects.append(.sendFrame(body, on: stream))
        case .none: break
        case .reset(let offence):
            kademlia.close(stream)
            effects.append(.closeStream(stream, .reset))
            if let offence { note(Self.misconduct(offence), of: peer, now: now) }
        }
    }

    private mutating func store(_ change: AddressBook.Change, now: NodeInstant) {
        closeFullBatch(now: now)
        _ = attempt(now: now) { (machine) throws(StorageError) in
            var batch = WriteBatch()
            switch change {
            case .store(let entry): try batch.put(in: NodeStore.peers, PeerKey(entry.peer), entry)
            case .remove(let peer): batch.remove(in: NodeStore.peers, PeerKey(peer))
            }
            machine.commits.add(batch, sync: false)
        }
    }

    private static func misconduct(_ offence: DiscoveryOffence) -> Misconduct {
        switch offence {
        case .malformedMessage: .malformedFrame
        case .tooManyRequests: .excess
        case .badSignedRecord: .badPeerRecord
        }
    }

    /// The stored address book, bounded by the book's own limit.
    static func storedPeers(
        in store: any KeyValueReader,
        configuration: DiscoveryConfiguration
    ) throws(StorageError) -> [AddressBookEntry] {
        var entries: [AddressBookEntry] = []
        var range: KeyRange? = NodeStore.peers.range
        while let rest = range, entries.count < configuration.book.entryCountMax {
            let page = try store.records(in: NodeStore.peers, range: rest, limit: ScanLimit(count: 256))
            entries += page.records.map(\.value)
            range = page.rest
        }
        return entries
    }
}
