/// A set of connected peers that iterates in the order in which they connected, so that runs are repeatable.
struct PeerSet: Sendable {
    private(set) var sorted: [PeerNumber] = []

    var count: Int { sorted.count }
    var isEmpty: Bool { sorted.isEmpty }

    func contains(_ peer: PeerNumber) -> Bool {
        let index = position(peer)
        return index < sorted.count && sorted[index] == peer
    }

    /// Adds a peer; false if it was there.
    @discardableResult
    mutating func insert(_ peer: PeerNumber) -> Bool {
        let index = position(peer)
        guard index == sorted.count || sorted[index] != peer else { return false }
        sorted.insert(peer, at: index)
        return true
    }

    /// Takes a peer out; false if it was not there.
    @discardableResult
    mutating func remove(_ peer: PeerNumber) -> Bool {
        let index = position(peer)
        guard index < sorted.count, sorted[index] == peer else { return false }
        sorted.remove(at: index)
        return true
    }

    /// Where the peer stands or would stand.
    private func position(_ peer: PeerNumber) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < peer { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
