internal import PeerProtocols

/// The dials under way, and those that wait for their turn; both bounded.
struct DialQueue: Sendable {
    private(set) var running: [PeerID: Dial] = [:]
    private var waiting: [(peer: PeerID, endpoints: [PeerEndpoint])] = []
    private let configuration: ConnectionConfiguration

    /// One dial under way.
    struct Dial: Sendable {
        let endpoints: [PeerEndpoint]
        let deadline: MonotonicInstant
    }

    init(configuration: ConnectionConfiguration) {
        self.configuration = configuration
    }

    /// Dials under way and waiting.
    var count: Int { running.count + waiting.count }

    func contains(_ peer: PeerID) -> Bool {
        running[peer] != nil || waiting.contains { $0.peer == peer }
    }

    /// Puts a dial at the end of the queue; false if the queue is full.
    mutating func append(_ peer: PeerID, _ endpoints: [PeerEndpoint]) -> Bool {
        guard running.count + waiting.count < configuration.dialCountMax + configuration.waitingDialCountMax else {
            return false
        }
        waiting.append((peer, Array(endpoints.prefix(configuration.dialAddressCountMax))))
        return true
    }

    /// Begins the next dial if one waits and one more may be under way.
    mutating func begin(now: MonotonicInstant) -> (peer: PeerID, endpoints: [PeerEndpoint])? {
        guard running.count < configuration.dialCountMax, !waiting.isEmpty else { return nil }
        let next = waiting.removeFirst()
        running[next.peer] = Dial(
            endpoints: next.endpoints,
            deadline: now.advanced(by: configuration.dialTimeout)
        )
        return next
    }

    /// Ends a dial, under way or waiting.
    ///
    /// - Returns: The endpoints that were tried; nil unless it was under way.
    mutating func end(_ peer: PeerID) -> [PeerEndpoint]? {
        waiting.removeAll { $0.peer == peer }
        return running.removeValue(forKey: peer)?.endpoints
    }

    /// The dials whose time is over, in the order of the peers' ids.
    func overdue(now: MonotonicInstant) -> [PeerID] {
        guard running.contains(where: { $0.value.deadline <= now }) else { return [] }
        return running.filter { $0.value.deadline <= now }.keys
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// When the first dial's time is over.
    var nextDeadline: MonotonicInstant? { running.values.lazy.map(\.deadline).min() }
}
