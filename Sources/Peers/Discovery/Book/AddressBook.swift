package import PeerProtocols

/// Where peers are, who says so, and how dialling them went.
///
/// Bounded: peers that were never reached have a small share of the book, so that whoever names many peers cannot drive
/// out those that are known to be good. What is worth keeping over a restart comes out of ``takeChanges(limit:)``.
package struct AddressBook: Sendable {
    /// The parameters, as given.
    package let configuration: AddressBookConfiguration
    private var slots = AddressBookSlots()
    private var unverifiedCount = 0
    /// What storage does not know yet, in the order in which it changed.
    private var changed: [PeerID] = []
    private var removed: [PeerID] = []

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

    // MARK: Learning

    /// Somebody says that a peer is at these endpoints; the caller has filtered them.
    package mutating func learn(
        _ endpoints: some Sequence<PeerEndpoint>,
        of peer: PeerID,
        source: AddressSource,
        now: UnixTime
    ) {
        let lifetime = source == .configuration ? configuration.verifiedLifetime : configuration.unverifiedLifetime
        let expiry = now.advanced(by: lifetime)
        let new = Array(endpoints.prefix(AddressBookEntry.addressCountMax))
        guard !new.isEmpty, makeRoom(for: peer) else { return }
        change(peer) { slot in
            for endpoint in new {
                if let index = slot.entry.addresses.firstIndex(where: { $0.endpoint == endpoint }) {
                    slot.entry.addresses[index].source = max(slot.entry.addresses[index].source, source)
                    slot.entry.addresses[index].expiry = max(slot.entry.addresses[index].expiry, expiry)
                } else {
                    slot.entry.addresses.append(
                        KnownAddress(endpoint: endpoint, source: source, failureCount: 0, expiry: expiry)
                    )
                    if slot.entry.isVerified { slot.isChanged = true }
                }
            }
            slot.entry.trimAddresses()
        }
    }

    /// A verified signed record; `endpoints` are those of its addresses that may be dialled.
    ///
    /// Addresses of an older record that never worked are forgotten.
    ///
    /// - Throws: ``SignedRecordError/stale(known:)`` unless the record's number is above that of the one known. The same
    ///   record once more is nobody's fault and does nothing.
    package mutating func learn(
        _ record: SignedPeerRecord,
        endpoints: [PeerEndpoint],
        now: UnixTime
    ) throws(SignedRecordError) {
        if let known = slots[record.peer]?.entry.signedRecord, known.sequenceNumber >= record.sequenceNumber {
            guard known.envelope == record.envelope else { throw .stale(known: known.sequenceNumber) }
            return
        }
        guard makeRoom(for: record.peer) else { return }
        change(record.peer) { slot in
            slot.entry.addresses.removeAll { $0.source == .signedRecord && !$0.isVerified }
            slot.entry.signedRecord = AddressBookEntry.SignedRecord(
                sequenceNumber: record.sequenceNumber,
                envelope: record.envelope
            )
            if slot.entry.isVerified { slot.isChanged = true }
        }
        learn(endpoints, of: record.peer, source: .signedRecord, now: now)
    }

    /// This side reached a peer at an endpoint.
    package mutating func reached(_ peer: PeerID, at endpoint: PeerEndpoint, now: UnixTime) {
        guard makeRoom(for: peer) else { return }
        if slots[peer]?.entry.isVerified == false { unverifiedCount -= 1 }
        let expiry = now.advanced(by: configuration.verifiedLifetime)
        let interval = configuration.storageInterval
        change(peer) { slot in
            let isFirst = !slot.entry.addresses.contains { $0.endpoint == endpoint && $0.isVerified }
            if !slot.entry.addresses.contains(where: { $0.endpoint == endpoint }) {
                slot.entry.addresses.append(
                    KnownAddress(endpoint: endpoint, source: .hearsay, failureCount: 0, expiry: expiry)
                )
            }
            for index in slot.entry.addresses.indices where slot.entry.addresses[index].endpoint == endpoint {
                slot.entry.addresses[index].lastSuccess = now
                slot.entry.addresses[index].failureCount = 0
                slot.entry.addresses[index].expiry = expiry
            }
            let isOutdated = slot.storedSuccess.advanced(by: interval) <= now
            if isFirst || isOutdated || slot.entry.failureCount > 0 { slot.isChanged = true }
            slot.entry.lastSuccess = now
            slot.entry.failureCount = 0
            slot.retryAt = UnixTime(milliseconds: 0)
            slot.entry.trimAddresses()
        }
    }

    /// This side could not reach a peer at these endpoints.
    package mutating func failed(
        _ peer: PeerID,
        at endpoints: [PeerEndpoint],
        now: UnixTime,
        using random: inout some RandomNumberGenerator
    ) {
        guard let failureCount = slots[peer]?.entry.failureCount else { return }
        let count = failureCount < .max ? failureCount + 1 : failureCount
        let delay = configuration.backoff.delay(afterFailures: Int(count), using: &random)
        change(peer) { slot in
            slot.entry.failureCount = count
            slot.retryAt = now.advanced(by: delay)
            for index in slot.entry.addresses.indices
            where endpoints.contains(slot.entry.addresses[index].endpoint)
                && slot.entry.addresses[index].failureCount < .max
            {
                slot.entry.addresses[index].failureCount += 1
            }
            slot.entry.sortAddresses()
        }
        guard let slot = slots[peer], !slot.entry.isVerified, !slot.entry.isConfigured, slot.uses.isEmpty,
            count >= configuration.unverifiedFailureCountMax
        else { return }
        remove(peer)
    }

    // MARK: Asking

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

    // MARK: Keeping

    /// Begins or ends a use of a peer's entry; entries in use are never dropped.
    package mutating func setUse(_ use: AddressBookUse, of peer: PeerID, _ isUsed: Bool) {
        _ = slots.change(peer) { slot in
            if isUsed { slot.uses.insert(use) } else { slot.uses.remove(use) }
        }
    }

    /// Drops addresses whose time is over, and peers without addresses.
    package mutating func expire(now: UnixTime) {
        let outdated = slots.all.filter { slot in
            slot.entry.addresses.isEmpty && slot.uses.isEmpty
                || slot.entry.addresses.contains { $0.expiry <= now && $0.source != .configuration }
        }
        let peers = outdated.map(\.entry.peer).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        for peer in peers {
            change(peer) { slot in
                guard slot.uses.isEmpty else { return }
                slot.entry.addresses.removeAll { $0.expiry <= now && $0.source != .configuration }
            }
            if let slot = slots[peer], slot.entry.addresses.isEmpty, slot.uses.isEmpty { remove(peer) }
        }
    }

    /// Takes out changes for storage, the earliest first: of peers that were reached, others are not stored.
    package mutating func takeChanges(limit: Int) -> [Change] {
        var changes: [Change] = []
        let removedNow = removed.prefix(limit)
        changes += removedNow.map(Change.remove)
        removed.removeFirst(removedNow.count)
        let changedNow = changed.prefix(limit - changes.count)
        for peer in changedNow {
            guard let slot = slots[peer], slot.isChanged else { continue }
            _ = slots.change(peer) { slot in
                slot.isChanged = false
                slot.isStored = true
                slot.storedSuccess = slot.entry.lastSuccess ?? slot.storedSuccess
            }
            changes.append(.store(slot.entry))
        }
        changed.removeFirst(changedNow.count)
        return changes
    }

    /// Whether ``takeChanges(limit:)`` would give something.
    package var hasChanges: Bool { !removed.isEmpty || !changed.isEmpty }

    private mutating func change(_ peer: PeerID, _ body: (inout AddressBookSlots.Slot) -> Void) {
        let becameChanged = slots.change(peer) { slot in
            let wasChanged = slot.isChanged
            body(&slot)
            return slot.isChanged && !wasChanged
        }
        guard becameChanged == true else { return }
        changed.append(peer)
        removed.removeAll { $0 == peer }
    }

    /// Makes sure that a peer has an entry; false if the book is full of entries in use.
    private mutating func makeRoom(for peer: PeerID) -> Bool {
        if slots[peer] != nil { return true }
        if unverifiedCount >= configuration.unverifiedCountMax, !evict(onlyUnverified: true) { return false }
        if slots.count >= configuration.entryCountMax, !evict(onlyUnverified: false) { return false }
        slots.append(AddressBookSlots.Slot(entry: AddressBookEntry(peer)))
        unverifiedCount += 1
        return true
    }

    /// Drops the entry that is worth least: never reached, then failing most, then reached or heard of longest ago.
    private mutating func evict(onlyUnverified: Bool) -> Bool {
        let candidates = slots.all.lazy.filter { slot in
            slot.uses.isEmpty && !slot.entry.isConfigured && !(onlyUnverified && slot.entry.isVerified)
        }
        let worst = candidates.min { left, right in
            let (a, b) = (left.entry, right.entry)
            if a.isVerified != b.isVerified { return b.isVerified }
            if a.failureCount != b.failureCount { return a.failureCount > b.failureCount }
            if a.age != b.age { return a.age < b.age }
            return a.peer.bytes.lexicographicallyPrecedes(b.peer.bytes)
        }
        guard let worst else { return false }
        remove(worst.entry.peer)
        return true
    }

    private mutating func remove(_ peer: PeerID) {
        guard let slot = slots.remove(peer) else { return }
        if !slot.entry.isVerified { unverifiedCount -= 1 }
        if slot.isChanged { changed.removeAll { $0 == peer } }
        if slot.isStored { removed.append(peer) }
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

extension AddressBookEntry {
    /// The moment that decides which of two otherwise equal entries goes first.
    fileprivate var age: UInt64 {
        lastSuccess?.milliseconds ?? addresses.map(\.expiry.milliseconds).max() ?? 0
    }

    /// Sorts addresses and drops the worst beyond the limit, never one that the operator named.
    fileprivate mutating func trimAddresses() {
        sortAddresses()
        while addresses.count > Self.addressCountMax {
            guard let index = addresses.lastIndex(where: { $0.source != .configuration }) else {
                addresses.removeLast()
                continue
            }
            addresses.remove(at: index)
        }
    }
}
