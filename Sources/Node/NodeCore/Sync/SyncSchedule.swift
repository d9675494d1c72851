internal import PeerProtocols

/// With whom to compare records, and when.
struct SyncSchedule: Sendable {
    private struct Candidate {
        /// In the order in which peers came.
        let number: UInt64
        /// When an exchange with the peer shall begin; nil: not by itself.
        var dueAt: MonotonicInstant?
        /// Before then the peer is left alone.
        var restsUntil: MonotonicInstant?
    }

    private let parameters: SyncParameters
    private var candidates: [PeerID: Candidate] = [:]
    /// Until when peers rest that left meanwhile, so that they gain nothing by coming again.
    private var gone: [PeerID: MonotonicInstant] = [:]
    /// Peers of which that is remembered.
    private static let goneCountMax = 1_024
    private var periodicAt: MonotonicInstant
    private var nextNumber: UInt64 = 0
    /// The exchanges under way.
    var exchanges: [StreamID: SyncExchange] = [:]

    init(parameters: SyncParameters, now: MonotonicInstant) {
        self.parameters = parameters
        periodicAt = now.advanced(by: parameters.interval)
    }

    /// Peers that could be asked.
    var candidateCount: Int { candidates.count }

    /// A peer that answers questions connected: an exchange begins soon.
    mutating func add(_ peer: PeerID, now: MonotonicInstant, using random: inout some RandomNumberGenerator) {
        guard candidates[peer] == nil else { return }
        // What was published before this node was in the mesh has settled by then, so that no record stays behind.
        let delay = parameters.settlingTime * 2 + parameters.connectionDelay * Double.random(in: 0..<1, using: &random)
        let restsUntil = gone.removeValue(forKey: peer)
        let dueAt = max(now.advanced(by: delay), restsUntil ?? now)
        candidates[peer] = Candidate(number: nextNumber, dueAt: dueAt, restsUntil: restsUntil)
        nextNumber += 1
    }

    /// A peer is gone, and its exchange with it.
    mutating func remove(_ peer: PeerID, now: MonotonicInstant) -> SyncExchange? {
        let known = candidates.removeValue(forKey: peer)
        if let end = known?.restsUntil, end > now { remember(peer, until: end, now: now) }
        guard let stream = stream(with: peer) else { return nil }
        return exchanges.removeValue(forKey: stream)
    }

    /// Lets a peer that is gone rest when it comes again.
    mutating func remember(_ peer: PeerID, until end: MonotonicInstant, now: MonotonicInstant) {
        if gone.count >= Self.goneCountMax { gone = gone.filter { $0.value > now } }
        guard gone.count < Self.goneCountMax else { return }
        gone[peer] = end
    }

    /// The stream of the exchange with a peer.
    func stream(with peer: PeerID) -> StreamID? { exchanges.first { $0.value.peer == peer }?.key }

    /// The exchanges whose answer did not come in time, in order.
    func overdue(now: MonotonicInstant) -> [StreamID] {
        guard !exchanges.isEmpty else { return [] }
        return exchanges.filter { $0.value.deadline.map { $0 <= now } ?? false }.keys.sorted()
    }

    /// Lets a peer rest.
    ///
    /// - Parameters:
    ///   - again: Whether it is asked again after that.
    ///   - needsOther: Whether another takes its place at once, if there is one, because the exchange was not finished.
    mutating func rest(
        _ peer: PeerID,
        until end: MonotonicInstant,
        again: Bool,
        needsOther: Bool,
        now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) {
        if candidates[peer] == nil {
            remember(peer, until: end, now: now)
        } else {
            candidates[peer]?.restsUntil = end
            candidates[peer]?.dueAt = again ? end : nil
        }
        guard needsOther else { return }
        let others = available(now: now).filter { $0 != peer && candidates[$0]?.dueAt == nil }
        if let other = others.randomElement(using: &random) { candidates[other]?.dueAt = now }
    }

    /// Whether another exchange may begin.
    var hasPlace: Bool { exchanges.count < parameters.exchangeCountMax }

    /// The exchanges that asked nothing for a while and go on now, in order.
    func resuming(now: MonotonicInstant) -> [StreamID] {
        exchanges.filter { $0.value.resumesAt.map { $0 <= now } ?? false }.keys.sorted()
    }

    /// The peers with whom exchanges should begin now, as far as there are places.
    ///
    /// Whoever has waited longest comes first, so that nobody who is often due keeps others out.
    mutating func due(now: MonotonicInstant, using random: inout some RandomNumberGenerator) -> [PeerID] {
        if periodicAt <= now {
            let factor = Double.random(in: 0.75..<1.25, using: &random)
            periodicAt = now.advanced(by: parameters.interval * factor)
            if let peer = available(now: now).randomElement(using: &random) { candidates[peer]?.dueAt = now }
        }
        guard hasPlace, candidates.values.contains(where: { $0.dueAt.map { $0 <= now } ?? false }) else { return [] }
        return available(now: now)
            .compactMap { peer in candidates[peer]?.dueAt.map { (peer: peer, at: $0) } }
            .filter { $0.at <= now }
            .enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element.peer)
    }

    /// An exchange with a peer begins, for which there is a place.
    ///
    /// - Returns: The place.
    mutating func begin(_ peer: PeerID) -> Int {
        candidates[peer]?.dueAt = nil
        let taken = Set(exchanges.values.map(\.place))
        return (0..<parameters.exchangeCountMax).first { !taken.contains($0) } ?? 0
    }

    /// The peers that may be asked now, in the order in which they came.
    private func available(now: MonotonicInstant) -> [PeerID] {
        let busy = Set(exchanges.values.map(\.peer))
        return candidates.filter { peer, candidate in
            !busy.contains(peer) && candidate.restsUntil.map { $0 <= now } ?? true
        }.sorted { $0.value.number < $1.value.number }.map(\.key)
    }
}
