internal import PeerProtocols

/// The entries of an address book in one array, found by their peers.
///
/// A dictionary of the entries themselves would keep up to half of its room empty, in each of thousands of nodes of a
/// simulation. The order of the array depends on the order of insertions and removals alone.
struct AddressBookSlots: Sendable {
    private(set) var all: [Slot] = []
    private var places: [PeerID: UInt32] = [:]

    /// One peer's entry, and what is not stored of it.
    struct Slot: Sendable {
        var entry: AddressBookEntry
        /// Before then the peer is not dialled.
        var retryAt = UnixTime(milliseconds: 0)
        /// The last success that storage knows; 0 if there is none.
        var storedSuccess = UnixTime(milliseconds: 0)
        /// How often the application would have nothing to do with the peer.
        var shunCount: UInt16 = 0
        var uses: AddressBookUse = []
        var isStored = false
        var isChanged = false
    }

    var count: Int { all.count }

    subscript(_ peer: PeerID) -> Slot? { places[peer].map { all[Int($0)] } }

    /// Adds an entry of a peer that has none.
    mutating func append(_ slot: Slot) {
        places[slot.entry.peer] = UInt32(all.count)
        all.append(slot)
    }

    /// Changes a peer's entry in place; nil for strangers.
    mutating func change<Result>(_ peer: PeerID, _ body: (inout Slot) -> Result) -> Result? {
        guard let place = places[peer] else { return nil }
        return body(&all[Int(place)])
    }

    /// Takes an entry out; the last one takes its place.
    mutating func remove(_ peer: PeerID) -> Slot? {
        guard let place = places.removeValue(forKey: peer), let last = all.popLast() else { return nil }
        guard last.entry.peer != peer else { return last }
        let removed = all[Int(place)]
        all[Int(place)] = last
        places[last.entry.peer] = place
        return removed
    }
}
