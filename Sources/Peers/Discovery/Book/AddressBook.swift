package import PeerProtocols

/// Where peers are, who says so, and how dialling them went.
///
/// Bounded: peers that were never reached have a small share of the book, so that whoever names many peers cannot drive
/// out those that are known to be good. What is worth keeping over a restart comes out of ``takeChanges(limit:)``.
package struct AddressBook: Sendable {
    /// The parameters, as given.
    package let configuration: AddressBookConfiguration
    var slots = AddressBookSlots()
    var unverifiedCount = 0
    /// What storage does not know yet, in the order in which it changed.
    var changed: [PeerID] = []
    var removed: [PeerID] = []

    /// A change that storage has to follow.
    package enum Change: Hashable, Sendable {
        /// Write the entry, in place of an older one of the same peer.
        case store(AddressBookEntry)
        /// Delete the entry of the peer.
        case remove(PeerID)
    }

    /// A book of stored entries.
    ///
    /// Those beyond the limits are left out, moments in the future become `now`, and addresses that an operator once
    /// configured count as the peer's word, because the configuration may have changed.
    package init(
        configuration: AddressBookConfiguration,
        stored: some Sequence<AddressBookEntry> = [],
        now: UnixTime
    ) {
        self.configuration = configuration
        for var entry in stored where slots.count < configuration.entryCountMax && slots[entry.peer] == nil {
            let latest = now.advanced(by: configuration.verifiedLifetime)
            entry.lastSuccess = entry.lastSuccess.map { min($0, now) }
            for index in entry.addresses.indices {
                entry.addresses[index].lastSuccess = entry.addresses[index].lastSuccess.map { min($0, now) }
                entry.addresses[index].expiry = min(entry.addresses[index].expiry, latest)
                if entry.addresses[index].source == .configuration { entry.addresses[index].source = .identify }
            }
            if !entry.isVerified {
                guard unverifiedCount < configuration.unverifiedCountMax else { continue }
                unverifiedCount += 1
            }
            var slot = AddressBookSlots.Slot(entry: entry)
            slot.isStored = true
            slot.storedSuccess = entry.lastSuccess ?? slot.storedSuccess
            slots.append(slot)
        }
        expire(now: now)
    }

    /// The number of peers.
    package var count: Int { slots.count }

    /// What is known of a peer.
    package subscript(_ peer: PeerID) -> AddressBookEntry? { slots[peer]?.entry }

    /// All that is known, in the order of the peers' ids.
    package var entries: [AddressBookEntry] {
        slots.all.map(\.entry).sorted { $0.peer.bytes.lexicographicallyPrecedes($1.peer.bytes) }
    }

    /// The endpoints to dial, the best first; empty for strangers.
    package func endpoints(of peer: PeerID) -> [PeerEndpoint] {
        slots[peer]?.entry.addresses.map(\.endpoint) ?? []
    }

    /// The endpoints that others may be told.
    package func endpointsToPassOn(of peer: PeerID) -> [PeerEndpoint] {
        slots[peer]?.entry.addresses.lazy.filter(\.mayBePassedOn).map(\.endpoint) ?? []
    }

    /// Whether the wait after the last failure is over.
    package func mayDial(_ peer: PeerID, now: UnixTime) -> Bool {
        slots[peer].map { $0.retryAt <= now } ?? true
    }

    /// The peers that could be dialled now, in the order of their ids.
    package func dialable(now: UnixTime) -> [PeerID] {
        slots.all.lazy
            .filter { $0.retryAt <= now && !$0.entry.addresses.isEmpty }
            .map(\.entry.peer)
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }
}

/// Why an entry must not be dropped.
package struct AddressBookUse: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The peer is connected.
    package static let connection = AddressBookUse(rawValue: 1)
    /// The peer is in the routing table.
    package static let routingTable = AddressBookUse(rawValue: 2)
}
