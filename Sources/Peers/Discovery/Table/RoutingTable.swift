package import PeerProtocols

/// Kademlia's routing table: up to k peers for each length of the prefix that they share with this node.
///
/// A peer enters after it answered, stays as long as it answers, and is never driven out by a newer one (Maymounkov and
/// Mazières, "Kademlia", section 2.2: who was long there will stay longest). Of one network, a bucket and the table take
/// only a few, so that whoever has many ids at one provider cannot fill it.
package struct RoutingTable: Sendable {
    /// One peer.
    package struct Entry: Sendable {
        /// Its name.
        package let peer: PeerID
        /// Where it stands in the space.
        package let key: KademliaKey
        /// The network that it was connected from; nil if that does not count.
        package let network: AddressPrefix?
        /// When it last answered.
        package internal(set) var heardAt: MonotonicInstant
        /// Requests in a row that it did not answer.
        package internal(set) var failureCount: UInt8
    }

    /// What became of a peer that answered.
    package enum Insertion: Hashable, Sendable {
        /// It is new; `replaced` did not answer lately and had to go for it.
        case inserted(replaced: PeerID?)
        /// It was there already.
        case known
        /// Its bucket is full of peers that answer.
        case bucketFull
        /// There are enough peers of its network.
        case networkFull
        /// It is this node.
        case ownID
    }

    /// The parameters, as given.
    package let configuration: RoutingTableConfiguration
    /// Where this node stands.
    package let ownKey: KademliaKey
    /// The peers by the length of the prefix that they share with this node; no longer than needed.
    private var buckets: [[Entry]] = []

    /// An empty table of the node `own`.
    package init(own: PeerID, configuration: RoutingTableConfiguration) {
        ownKey = KademliaKey(own)
        self.configuration = configuration
    }

    /// The number of peers.
    package var count: Int { buckets.reduce(0) { $0 + $1.count } }

    /// One more than the longest prefix that a peer shares with this node.
    package var bucketCount: Int { buckets.count }

    /// The number of peers that share exactly `length` bits.
    package func count(inBucket length: Int) -> Int { buckets.indices.contains(length) ? buckets[length].count : 0 }

    /// All peers, those that share least first, in a bucket those that were there longest first.
    package var entries: [Entry] { buckets.flatMap { $0 } }

    /// The peer's entry.
    package func entry(of peer: PeerID) -> Entry? {
        let bucket = KademliaKey(peer).commonPrefixLength(with: ownKey)
        guard buckets.indices.contains(bucket) else { return nil }
        return buckets[bucket].first { $0.peer == peer }
    }

    /// Whether a peer would enter if it answered.
    package func wouldAccept(_ peer: PeerID, network: AddressPrefix?) -> Bool {
        let key = KademliaKey(peer)
        let bucket = key.commonPrefixLength(with: ownKey)
        guard bucket < KademliaKey.bitCount, entry(of: peer) == nil else { return false }
        guard buckets.indices.contains(bucket) else { return hasRoom(for: network, in: bucket) }
        let failing = replaceable(in: bucket)
        guard buckets[bucket].count < configuration.bucketCountMax || failing != nil else { return false }
        return hasRoom(for: network, in: bucket)
    }

    /// A peer answered.
    package mutating func answered(
        _ peer: PeerID,
        network: AddressPrefix?,
        now: MonotonicInstant
    ) -> Insertion {
        let key = KademliaKey(peer)
        let bucket = key.commonPrefixLength(with: ownKey)
        guard bucket < KademliaKey.bitCount else { return .ownID }
        if buckets.indices.contains(bucket), let index = buckets[bucket].firstIndex(where: { $0.peer == peer }) {
            buckets[bucket][index].heardAt = now
            buckets[bucket][index].failureCount = 0
            return .known
        }
        guard hasRoom(for: network, in: bucket) else { return .networkFull }
        while buckets.count <= bucket { buckets.append([]) }
        var replaced: PeerID?
        if buckets[bucket].count >= configuration.bucketCountMax {
            guard let index = replaceable(in: bucket) else { return .bucketFull }
            replaced = buckets[bucket].remove(at: index).peer
        }
        let (present, room) = (buckets[bucket].count, buckets[bucket].capacity)
        if present == room {
            // Arrays that double would leave two fifths of a full bucket unused.
            buckets[bucket].reserveCapacity(min(max(4, 2 * present), configuration.bucketCountMax))
        }
        buckets[bucket].append(Entry(peer: peer, key: key, network: network, heardAt: now, failureCount: 0))
        return .inserted(replaced: replaced)
    }

    /// A peer did not answer, or could not be reached.
    ///
    /// - Returns: Whether it left the table for that.
    package mutating func failed(_ peer: PeerID) -> Bool {
        let bucket = KademliaKey(peer).commonPrefixLength(with: ownKey)
        guard buckets.indices.contains(bucket), let index = buckets[bucket].firstIndex(where: { $0.peer == peer })
        else { return false }
        buckets[bucket][index].failureCount += 1
        guard buckets[bucket][index].failureCount >= configuration.failureCountMax else { return false }
        remove(at: index, bucket)
        return true
    }

    /// Takes a peer out; false if it was not there.
    @discardableResult
    package mutating func remove(_ peer: PeerID) -> Bool {
        let bucket = KademliaKey(peer).commonPrefixLength(with: ownKey)
        guard buckets.indices.contains(bucket), let index = buckets[bucket].firstIndex(where: { $0.peer == peer })
        else { return false }
        remove(at: index, bucket)
        return true
    }

    /// The nearest `count` peers to a key, the nearest first.
    ///
    /// Peers in the bucket of the key's own prefix are nearer to it than those in higher buckets, which all share exactly
    /// that prefix with it, and these are nearer than those in lower ones.
    package func nearest(_ count: Int, to key: KademliaKey, where condition: (Entry) -> Bool = { _ in true }) -> [Entry]
    {
        let length = key.commonPrefixLength(with: ownKey)
        var found: [Entry] = []
        func add(_ entries: some Sequence<Entry>) {
            let matching = entries.filter(condition).map { ($0, $0.key.distance(to: key)) }
            found += matching.sorted { $0.1 < $1.1 }.prefix(count - found.count).map(\.0)
        }
        if buckets.indices.contains(length) { add(buckets[length]) }
        if found.count < count, length + 1 < buckets.count { add(buckets[(length + 1)...].joined()) }
        var lower = min(length, buckets.count)
        while found.count < count, lower > 0 {
            lower -= 1
            add(buckets[lower])
        }
        return found
    }

    /// The peers that did not answer for at least `duration`, those that are silent longest first.
    package func silent(for duration: Duration, now: MonotonicInstant) -> [PeerID] {
        var silent: [Entry] = []
        for bucket in buckets { silent += bucket.lazy.filter { $0.heardAt.advanced(by: duration) <= now } }
        return silent.sorted {
            $0.heardAt == $1.heardAt
                ? $0.peer.bytes.lexicographicallyPrecedes($1.peer.bytes) : $0.heardAt < $1.heardAt
        }.map(\.peer)
    }

    /// A peer of the bucket that failed to answer, the one that failed most.
    private func replaceable(in bucket: Int) -> Int? {
        let failing = buckets[bucket].indices.filter { buckets[bucket][$0].failureCount > 0 }
        return failing.max { buckets[bucket][$0].failureCount < buckets[bucket][$1].failureCount }
    }

    private func hasRoom(for network: AddressPrefix?, in bucket: Int) -> Bool {
        guard let network else { return true }
        if buckets.indices.contains(bucket) {
            let inBucket = buckets[bucket].count { $0.network == network }
            guard inBucket < configuration.bucketCountPerNetworkMax else { return false }
        }
        let inTable = buckets.reduce(0) { $0 + $1.count { $0.network == network } }
        return inTable < configuration.tableCountPerNetworkMax
    }

    private mutating func remove(at index: Int, _ bucket: Int) {
        buckets[bucket].remove(at: index)
        while buckets.last?.isEmpty == true { buckets.removeLast() }
    }
}
