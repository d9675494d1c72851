internal import CryptoCore
internal import PeerProtocols

/// When what has to be done again, and what of it is under way.
struct Upkeep: Sendable {
    /// When to look after everything next.
    var nextAt: MonotonicInstant
    /// When to refresh the table next; meanwhile how long after that.
    var refreshAt: MonotonicInstant
    var refreshInterval: Duration
    /// The refreshing lookup under way, and what is still to come: the one for this node, then some buckets.
    var refresh: LookupNumber?
    var bucketsToRefresh: [Int] = []
    var isOwnLookupDue = false
    var areBucketsDue = false
    /// When the address book goes to storage next.
    var storeAt: MonotonicInstant
    /// Whether a peer left the table since others were offered its place.
    var hasVacancy = false
    /// The connected peers that were asked something since they connected.
    var probed: Set<PeerID> = []

    init(configuration: DiscoveryConfiguration, now: MonotonicInstant) {
        nextAt = now
        refreshAt = now.advanced(by: configuration.refreshInterval)
        refreshInterval = configuration.firstRefreshInterval
        storeAt = now.advanced(by: configuration.storageInterval)
    }
}

extension PeerDiscovery {
    /// Looks after connections, table and book.
    mutating func maintain(now: MonotonicInstant) {
        trim(now: now)
        bootstrap(now: now)
        dialOutbound(now: now)
        fillVacancies(now: now)
        probeSilent(now: now)
        if upkeep.refreshAt <= now { beginRefresh(now: now) }
        if upkeep.storeAt <= now {
            upkeep.storeAt = now.advanced(by: configuration.storageInterval)
            book.expire(now: clock.time(at: now))
            storeChanges(limit: configuration.storageBatchCountMax)
        }
        let jitter = Double.random(in: 0.9..<1.1, using: &random)
        upkeep.nextAt = now.advanced(by: configuration.maintenanceInterval * jitter)
    }

    /// What the address book has not stored yet, for the end of the node.
    package mutating func flush() -> [DiscoveryEffect] {
        book.takeChanges(limit: .max).map(DiscoveryEffect.store)
    }

    private mutating func storeChanges(limit: Int) {
        effects += book.takeChanges(limit: limit).map(DiscoveryEffect.store)
    }

    /// Asks the configured peers while the table is nearly empty.
    private mutating func bootstrap(now: MonotonicInstant) {
        guard table.count < configuration.bootstrapThreshold else { return }
        for address in configuration.bootstrap {
            guard let peer = address.peerID, peer != ownID, !upkeep.probed.contains(peer), errands[peer] == nil,
                table.entry(of: peer) == nil
            else { continue }
            contact(peer, [], for: .probe, now: now)
        }
    }

    /// Dials peers until there are as many connections as wanted: random ones of those that were good, then others.
    private mutating func dialOutbound(now: MonotonicInstant) {
        var deficit = configuration.connections.outboundTarget - connections.outboundCount - dials.count
        guard deficit > 0, dials.count < configuration.connections.dialCountMax else { return }
        deficit = min(deficit, configuration.connections.dialCountMax - dials.count)
        var counts = connections.outboundNetworkCounts
        let dialable = book.dialable(now: clock.time(at: now))
        let candidates = dialable.filter { connections[$0] == nil && !dials.contains($0) }
        let classes = candidates.shuffled(using: &random).map { peer -> (peer: PeerID, rank: Int) in
            guard let entry = book[peer], entry.isVerified || entry.isConfigured else { return (peer, 2) }
            return (peer, entry.failureCount == 0 ? 0 : 1)
        }
        for rank in 0...2 {
            for candidate in classes where candidate.rank == rank && deficit > 0 {
                guard let endpoint = book.endpoints(of: candidate.peer).first else { continue }
                if configuration.limitsNetworks, !connections.isExempt(endpoint),
                    let network = AddressPrefix.network(of: endpoint)
                {
                    guard counts[network] ?? 0 < configuration.connections.outboundCountPerNetworkMax else { continue }
                    counts[network, default: 0] += 1
                }
                contact(candidate.peer, [], for: .probe, now: now)
                deficit -= 1
            }
        }
    }

    /// Offers places in the table that became free to connected peers.
    private mutating func fillVacancies(now: MonotonicInstant) {
        guard upkeep.hasVacancy else { return }
        upkeep.hasVacancy = false
        for peer in connections.peers where connections[peer]?.isServer == true {
            guard table.wouldAccept(peer, network: network(of: peer)) else { continue }
            contact(peer, [], for: .probe, now: now)
        }
    }

    /// Asks peers of the table that did not answer for long.
    private mutating func probeSilent(now: MonotonicInstant) {
        var count = errands.values.count { $0.contains(.probe) }
        for peer in table.silent(for: configuration.livenessInterval, now: now) {
            guard count < configuration.livenessProbeCountMax else { return }
            guard requests[peer] == nil, errands[peer] == nil else { continue }
            if connections[peer] == nil {
                guard !book.endpoints(of: peer).isEmpty else {
                    leaveTable(peer)
                    continue
                }
                guard book.mayDial(peer, now: clock.time(at: now)) else { continue }
            }
            contact(peer, [], for: .probe, now: now)
            count += 1
        }
    }

    /// Begins to refresh the table: with a lookup for this node, then one into each bucket with room.
    private mutating func beginRefresh(now: MonotonicInstant) {
        let jitter = Double.random(in: 0.9..<1.1, using: &random)
        upkeep.refreshAt = now.advanced(by: upkeep.refreshInterval * jitter)
        upkeep.refreshInterval = min(upkeep.refreshInterval * 2, configuration.refreshInterval)
        guard upkeep.refresh == nil, table.count > 0 else { return }
        upkeep.isOwnLookupDue = true
        beginNextRefresh(now: now)
    }

    /// Begins the next lookup of the refresh.
    mutating func beginNextRefresh(now: MonotonicInstant) {
        if upkeep.isOwnLookupDue {
            upkeep.isOwnLookupDue = false
            upkeep.refresh = begin(.key(ownID.bytes), pathCount: configuration.lookup.pathCount, now: now)
            upkeep.areBucketsDue = true
            return
        }
        if upkeep.areBucketsDue {
            upkeep.areBucketsDue = false
            // The lookup for this node found the k nearest peers, so all there are in buckets above the last of these.
            let nearest = table.nearest(configuration.table.bucketCountMax, to: table.ownKey)
            let last = nearest.last?.key.commonPrefixLength(with: table.ownKey) ?? 0
            let highest = min(last, configuration.refreshedBucketMax)
            upkeep.bucketsToRefresh = Array((0...highest).reversed())
        }
        while let bucket = upkeep.bucketsToRefresh.popLast() {
            guard table.count(inBucket: bucket) < configuration.table.bucketCountMax,
                let key = randomKey(inBucket: bucket)
            else { continue }
            upkeep.refresh = begin(.key(key), pathCount: configuration.lookup.refreshPathCount, now: now)
            return
        }
    }

    /// A random peer id, though nobody's, that shares `length` bits with this node; found by trying.
    private mutating func randomKey(inBucket length: Int) -> [UInt8]? {
        for _ in 0..<(16 << length) {
            let bytes = [0x12, 0x20] + random.bytes(32)
            if KademliaKey(hashing: bytes).commonPrefixLength(with: table.ownKey) == length { return bytes }
        }
        return nil
    }
}
