package import PeerProtocols

extension AddressBook {
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

    /// A peer is not wanted: it waits to be dialled, longer each time, however well it can be reached.
    package mutating func shun(_ peer: PeerID, now: UnixTime, using random: inout some RandomNumberGenerator) {
        guard let slot = slots[peer] else { return }
        let count = slot.shunCount < .max ? slot.shunCount + 1 : slot.shunCount
        let delay = configuration.backoff.delay(
            afterFailures: configuration.shunnedFailureCount + Int(count),
            using: &random
        )
        change(peer) { slot in
            slot.shunCount = count
            slot.entry.failureCount = max(slot.entry.failureCount, 1)
            slot.retryAt = max(slot.retryAt, now.advanced(by: delay))
        }
    }
}

extension AddressBookEntry {
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
