package import PeerProtocols

extension AddressBook {
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

    // MARK: Room

    mutating func change(_ peer: PeerID, _ body: (inout AddressBookSlots.Slot) -> Void) {
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
    mutating func makeRoom(for peer: PeerID) -> Bool {
        if slots[peer] != nil { return true }
        if unverifiedCount >= configuration.unverifiedCountMax, !evict(onlyUnverified: true) { return false }
        if slots.count >= configuration.entryCountMax, !evict(onlyUnverified: false) { return false }
        slots.append(AddressBookSlots.Slot(entry: AddressBookEntry(peer)))
        unverifiedCount += 1
        return true
    }

    /// Drops the entry that is worth least: never reached, then failing most, then reached or heard of longest ago.
    mutating func evict(onlyUnverified: Bool) -> Bool {
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

    mutating func remove(_ peer: PeerID) {
        guard let slot = slots.remove(peer) else { return }
        if !slot.entry.isVerified { unverifiedCount -= 1 }
        if slot.isChanged { changed.removeAll { $0 == peer } }
        if slot.isStored { removed.append(peer) }
    }
}

extension AddressBookEntry {
    /// The moment that decides which of two otherwise equal entries goes first.
    fileprivate var age: UInt64 {
        lastSuccess?.milliseconds ?? addresses.map(\.expiry.milliseconds).max() ?? 0
    }
}
