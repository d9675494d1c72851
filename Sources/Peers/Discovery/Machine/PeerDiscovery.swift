package import CryptoCore
package import PeerProtocols

/// Finds peers, remembers where they are, and decides whom to be connected to: events in, effects out.
///
/// It knows no socket, clock, task or random source: the driver brings events with the present time and does what the
/// effects say, in their order. Equal events and an equal seed give equal effects. The driver calls ``advance(to:)`` at
/// ``nextWake``.
///
/// A peer is one connection: when a second one comes about, the driver closes either and reports nothing.
package struct PeerDiscovery: Sendable {
    /// The parameters, as given.
    package let configuration: DiscoveryConfiguration
    /// This node.
    package let ownID: PeerID
    /// What was counted so far.
    package internal(set) var statistics = DiscoveryStatistics()
    /// The peers that answered, by their distance.
    package internal(set) var table: RoutingTable
    /// Where peers are.
    package internal(set) var book: AddressBook
    /// Who is connected.
    package internal(set) var connections: ConnectionPlan
    /// Where others reach this node, as it tells those who ask for it.
    package var ownEndpoints: [PeerEndpoint] = []

    let clock: UnixClock
    var random: BlockPRG
    var dials: DialQueue
    /// The request under way to each peer.
    var requests: [PeerID: Request] = [:]
    /// What waits for a connection to a peer, or for the request before it.
    var errands: [PeerID: [Errand]] = [:]
    /// How much each connected peer may ask.
    var budgets: [PeerID: RequestBudget] = [:]
    /// The lookups under way, in the order of their beginnings.
    var lookups: [(number: LookupNumber, lookup: Lookup)] = []
    var nextLookup: UInt64 = 0
    var upkeep: Upkeep
    var effects: [DiscoveryEffect] = []

    /// A request under way.
    struct Request: Sendable {
        let errand: Errand
        let deadline: MonotonicInstant
    }

    /// Why a peer is contacted.
    enum Errand: Hashable, Sendable {
        /// A lookup wants its answer.
        case lookup(LookupNumber)
        /// To see whether it answers, so that it enters the table or stays there.
        case probe
        /// The application wants to be connected to it.
        case wish
    }

    /// Errands to one peer.
    static let errandCountMax = 8

    /// A node without connections.
    ///
    /// - Parameters:
    ///   - ownID: This node.
    ///   - stored: What storage knows from earlier runs.
    ///   - seed: What all random choices come from; secret, or peers could foresee them.
    ///   - now: The present time.
    ///   - time: The same moment by the calendar.
    package init(
        ownID: PeerID,
        configuration: DiscoveryConfiguration,
        stored: some Sequence<AddressBookEntry> = [],
        seed: Block,
        now: MonotonicInstant,
        time: UnixTime
    ) throws(DiscoveryConfigurationError) {
        try configuration.validate()
        self.ownID = ownID
        self.configuration = configuration
        random = BlockPRG(seed: seed)
        clock = UnixClock(now: now, time: time)
        table = RoutingTable(own: ownID, configuration: configuration.table)
        book = AddressBook(
            configuration: configuration.book,
            stored: stored.lazy.filter { $0.peer != ownID },
            now: time
        )
        connections = ConnectionPlan(configuration: configuration.connections)
        dials = DialQueue(configuration: configuration.connections)
        upkeep = Upkeep(configuration: configuration, now: now)
        for address in configuration.bootstrap {
            guard let peer = address.peerID, peer != ownID, let endpoint = PeerEndpoint(address) else { continue }
            book.learn([endpoint], of: peer, source: .configuration, now: time)
            connections.protect(peer, .configuration)
        }
    }

    /// When ``advance(to:)`` wants to be called next.
    package var nextWake: MonotonicInstant {
        var wake = upkeep.nextAt
        if let deadline = requests.values.lazy.map(\.deadline).min() { wake = min(wake, deadline) }
        if let deadline = dials.nextDeadline { wake = min(wake, deadline) }
        for entry in lookups { wake = min(wake, entry.lookup.deadline) }
        return wake
    }

    /// Does what is due by `now`.
    package mutating func advance(to now: MonotonicInstant) -> [DiscoveryEffect] {
        for peer in overdueRequests(now: now) {
            effects.append(.cancelRequest(peer))
            endRequest(peer, now: now)
        }
        for peer in dials.overdue(now: now) { endDial(peer, now: now) }
        if upkeep.nextAt <= now { maintain(now: now) }
        return takeEffects(now: now)
    }

    /// What discovery holds at the moment.
    package var occupancy: DiscoveryOccupancy {
        DiscoveryOccupancy(
            tableCount: table.count,
            bookCount: book.count,
            connectionCount: connections.count,
            dialCount: dials.count,
            requestCount: requests.count,
            lookupCount: lookups.count
        )
    }

    /// The effects of this event, after whatever follows from it at once.
    mutating func takeEffects(now: MonotonicInstant) -> [DiscoveryEffect] {
        driveLookups(now: now)
        while let dial = dials.begin(now: now) {
            statistics.dials += 1
            effects.append(.dial(dial.peer, dial.endpoints.map { $0.address.with(dial.peer) }))
        }
        defer { effects = [] }
        return effects
    }

    private func overdueRequests(now: MonotonicInstant) -> [PeerID] {
        guard requests.contains(where: { $0.value.deadline <= now }) else { return [] }
        return requests.filter { $0.value.deadline <= now }.keys
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// A peer broke the protocol.
    mutating func penalize(_ peer: PeerID, _ offence: DiscoveryOffence) {
        statistics.offences += 1
        effects.append(.penalize(peer, offence))
    }
}

extension PeerDiscovery: CustomStringConvertible, CustomReflectable {
    /// Names the node and its figures, not its random state.
    package var description: String {
        "PeerDiscovery(\(ownID), \(connections.count) connections, \(table.count) in the table)"
    }

    /// Shows no stored values.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
