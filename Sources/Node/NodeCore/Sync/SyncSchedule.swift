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
        candidates[peer] = Candidate(number: nextNumber, dueAt: now.advanced(by: delay))
        nextNumber += 1
    }

    /// A peer is gone, and its exchange with it.
    mutating func remove(_ peer: PeerID) -> SyncExchange? {
        candidates[peer] = nil
        guard let stream = stream(with: peer) else { return nil }
        return exchanges.removeValue(forKey: stream)
    }

    /// The stream of the exchange with a peer.
    func stream(with peer: PeerID) -> StreamID? { exchanges.first { $0.value.peer == peer }?.key }

    /// The exchanges whose answer did not come in time, in order.
    func overdue(now: MonotonicInstant) -> [StreamID] {
        guard !exchanges.isEmpty else { return [] }
        return exchanges.filter { $0.value.deadline.map { $0 <= now } ?? false }.keys.sorted()
    }

    /// Lets a peer rest, and another take its place at once if there is one.
    ///
    /// - Parameter again: Whether the exchange was not finished, so that another has to go on.
    mutating func rest(
        _ peer: PeerID,
        until end: MonotonicInstant,
        again: Bool,
        now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) {
        candidates[peer]?.restsUntil = end
        candidates[peer]?.dueAt = again ? end : nil
        guard again else { return }
        let others = available(now: now).filter { $0 != peer && candidates[$0]?.dueAt == nil }
        if let other = others.randomElement(using: &random) { candidates[other]?.dueAt = now }
    }

    /// Takes the peers with whom exchanges begin now.
    mutating func takeDue(
        now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) -> [PeerID] {
        if periodicAt <= now {
            let factor = Double.random(in: 0.75..<1.25, using: &random)
            periodicAt = now.advanced(by: parameters.interval * factor)
            if let peer = available(now: now).randomElement(using: &random) { candidates[peer]?.dueAt = now }
        }
        var begun: [PeerID] = []
        guard exchanges.count < parameters.exchangeCountMax,
            candidates.values.contains(where: { $0.dueAt.map { $0 <= now } ?? false })
        else { return begun }
        for peer in available(now: now) where exchanges.count + begun.count < parameters.exchangeCountMax {
            guard let dueAt = candidates[peer]?.dueAt, dueAt <= now else { continue }
            candidates[peer]?.dueAt = nil
            begun.append(peer)
        }
        return begun
    }

    /// The peers that may be asked now, in the order in which they came.
    private func available(now: MonotonicInstant) -> [PeerID] {
        let busy = Set(exchanges.values.map(\.peer))
        return candidates.filter { peer, candidate in
            !busy.contains(peer) && candidate.restsUntil.map { $0 <= now } ?? true
        }.sorted { $0.value.number < $1.value.number }.map(\.key)
    }
}
