internal import PeerProtocols

extension PeerDiscovery {
    /// A peer answered: it enters the table if there is room.
    mutating func enterTable(_ peer: PeerID, now: MonotonicInstant) {
        connections.setServer(true, peer)
        let wasEmpty = table.count == 0
        switch table.answered(peer, network: network(of: peer), now: now) {
        case .inserted(let replaced):
            statistics.tableInsertions += 1
            book.setUse(.routingTable, of: peer, true)
            if let replaced { left(replaced) }
            if wasEmpty { upkeep.refreshAt = now }
        case .networkFull: statistics.tableNetworkRefusals += 1
        case .known, .bucketFull, .ownID: break
        }
        if upkeep.refreshAt <= now { upkeep.nextAt = min(upkeep.nextAt, now) }
    }

    /// A peer did not answer.
    mutating func failInTable(_ peer: PeerID) {
        if table.failed(peer) { left(peer) }
    }

    /// A peer does not answer such requests any more.
    mutating func leaveTable(_ peer: PeerID) {
        if table.remove(peer) { book.setUse(.routingTable, of: peer, false) }
    }

    /// A peer is not wanted in the table, and others may have its place.
    mutating func vacate(_ peer: PeerID) {
        guard table.remove(peer) else { return }
        book.setUse(.routingTable, of: peer, false)
        upkeep.hasVacancy = true
    }

    private mutating func left(_ peer: PeerID) {
        statistics.tableEvictions += 1
        book.setUse(.routingTable, of: peer, false)
        upkeep.hasVacancy = true
    }
}
