internal import PeerProtocols

/// Messages that peers advertised and were asked for (GossipSub v1.1, "Spam Protection Measures").
///
/// Of every IWANT one random id is remembered. Unless the message comes from anyone in time, the peer that advertised
/// it broke its promise.
struct GossipPromises: Sendable {
    /// In the order of deadlines, because all have the same time.
    private var promises: [(id: MessageID, peer: PeerID, deadline: MonotonicInstant)] = []
    private var counts: [MessageID: Int] = [:]
    private let countMax: Int

    init(countMax: Int) {
        self.countMax = countMax
    }

    var count: Int { promises.count }

    /// Remembers a promise; beyond the limit, promises are not followed up.
    mutating func insert(_ id: MessageID, by peer: PeerID, deadline: MonotonicInstant) {
        guard promises.count < countMax else { return }
        promises.append((id, peer, deadline))
        counts[id, default: 0] += 1
    }

    /// Releases everyone.
    mutating func removeAll() {
        promises = []
        counts = [:]
    }

    /// The message came: everyone kept the promise of it.
    mutating func fulfill(_ id: MessageID) {
        guard counts.removeValue(forKey: id) != nil else { return }
        promises.removeAll { $0.id == id }
    }

    /// Takes out the promises that were not kept in time, one entry for each.
    mutating func takeBroken(now: MonotonicInstant) -> [PeerID] {
        let broken = promises.prefix { $0.deadline <= now }
        for promise in broken {
            let left = (counts[promise.id] ?? 1) - 1
            counts[promise.id] = left > 0 ? left : nil
        }
        promises.removeFirst(broken.count)
        return broken.map(\.peer)
    }
}
