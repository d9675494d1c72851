internal import PeerProtocols

/// Until when which mesh links must not be grafted again (GossipSub v1.1, "PRUNE Backoff").
///
/// Kept by peer id, so that reconnecting does not shorten a backoff. Bounded for each topic; the one that ends first
/// goes first.
struct BackoffTable: Sendable {
    private var ends: [GossipTopic: [PeerID: MonotonicInstant]] = [:]
    private let countMax: Int

    init(countMax: Int) {
        self.countMax = countMax
    }

    /// Backoffs of all topics.
    var count: Int { ends.values.reduce(0) { $0 + $1.count } }

    private func count(_ topic: GossipTopic) -> Int { ends[topic]?.count ?? 0 }

    /// When the backoff ends, also for some time after its end, until it is cleared.
    func end(_ peer: PeerID, _ topic: GossipTopic) -> MonotonicInstant? { ends[topic]?[peer] }

    /// Begins a backoff or makes it longer, never shorter.
    mutating func extend(_ peer: PeerID, _ topic: GossipTopic, until end: MonotonicInstant) {
        if let present = ends[topic]?[peer] {
            if present < end { ends[topic]?[peer] = end }
            return
        }
        if count(topic) >= countMax {
            // The smallest pair is the same whatever order the dictionary has.
            let first = ends[topic]?.min {
                $0.value == $1.value ? $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) : $0.value < $1.value
            }
            if let first { ends[topic]?[first.key] = nil }
        }
        ends[topic, default: [:]][peer] = end
    }

    /// Clears what ended `slack` ago: peers clear theirs at their heartbeats, which are not at the same moments.
    mutating func clear(now: MonotonicInstant, slack: Duration) {
        ends = ends.compactMapValues { peers in
            let left = peers.filter { $0.value.advanced(by: slack) > now }
            return left.isEmpty ? nil : left
        }
    }
}
