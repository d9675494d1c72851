internal import Attestations
internal import KeyValueStorage
internal import PeerProtocols
internal import Records

extension NodeMachine {
    /// What looking at the bytes of a record gives.
    enum Examination {
        /// Exactly these bytes are here.
        case known(TimeKey)
        /// An acceptable record, which may be new.
        case valid(Notarization)
    }

    /// Looks at a record that somebody brought.
    mutating func examine(
        _ bytes: [UInt8],
        arrival: RecordValidator.Arrival,
        now: NodeInstant
    ) throws(RecordRefusal) -> Examination {
        guard storeFailure == nil else { throw .storeUnavailable }
        let record = try validator.decode(bytes)
        // What is here already costs no signature check.
        if let id = storedID(of: record, now: now) { return .known(TimeKey(time: record.header.endTime, id: id)) }
        return .valid(try validator.verify(record, arrival: arrival, now: now.unixMilliseconds))
    }

    /// Why news would be ignored, if it is acceptable at all; nil if it would not.
    ///
    /// Checks no signature.
    mutating func uselessness(of record: UnverifiedNotarization, now: NodeInstant) -> RecordRefusal? {
        let (signer, time) = (record.header.notary, record.header.endTime)
        if let untimely = validator.ignorableTime(of: record, now: now.unixMilliseconds) { return untimely }
        guard time >= pruning.floor(now: now.unixMilliseconds) else { return .beyondRetention }
        guard commits.hasRoomForRecord else { return .busy }
        guard total.byteCount < configuration.retention.storeByteCountMax else { return .storeFull }
        guard rates.hasRoom(signer, now: now.monotonic.nanoseconds), !quotas.isKnownFull(signer, at: time) else {
            return .tooMany(signer)
        }
        let session = SessionKey(notary: signer, sessionID: record.header.sessionID)
        let known = attestations(of: session, now: now)
        guard !known.isEmpty else { return nil }
        if known.contains(record.header.id) { return .duplicate }
        return known.count >= 2 ? .doubleSigned : nil
    }

    /// Takes in an acceptable record if it is new, and if there is room for it and its signer.
    ///
    /// - Parameter completions: What follows when the record is safe.
    mutating func admit(
        _ record: Notarization,
        arrival: RecordValidator.Arrival,
        origin: RecordOrigin,
        _ completions: [Completion],
        now: NodeInstant
    ) throws(RecordRefusal) {
        let time = record.header.endTime
        let signer = record.header.notary
        let keys = NotarizationKeys(record.header, id: record.id)
        let first = try otherAttestation(of: keys.session, than: record.id, now: now)
        guard time >= pruning.floor(now: now.unixMilliseconds) else { throw .beyondRetention }
        guard commits.hasRoomForRecord else { throw .busy }
        guard total.byteCount < configuration.retention.storeByteCountMax else { throw .storeFull }
        guard try hasRoom(signer, at: time, now: now) else { throw .tooMany(signer) }
        if arrival == .news, !rates.take(signer, now: now.monotonic.nanoseconds) { throw .tooMany(signer) }
        guard keep(record, keys, contradicting: first, origin: origin, completions, now: now) else {
            throw .storeUnavailable
        }
        quotas.insert(signer, at: time)
    }

    /// Puts a record that passed all checks into the next batch; false if the store fails.
    ///
    /// - Parameters:
    ///   - first: Another attestation of the same session, if there is one.
    ///   - changes: What else belongs to the same batch.
    mutating func keep(
        _ record: Notarization,
        _ keys: NotarizationKeys,
        contradicting first: AttestationID?,
        origin: RecordOrigin,
        _ completions: [Completion],
        with changes: WriteBatch = WriteBatch(),
        now: NodeInstant
    ) -> Bool {
        closeFullBatch(now: now)
        let windowEnd = validator.windowEnd(of: record.header)
        let source = configuration.recordEntries
        let made = attempt(now: now) { (machine) throws(StorageError) -> WriteBatch in
            let entries = try source.entries(of: record, windowEnd: windowEnd)
            var batch = entries.batch
            let reference = AttestationReference(record.id)
            if first == nil {
                try batch.put(in: NodeStore.sessions, keys.session, reference)
            } else {
                try batch.put(in: NodeStore.doubleSignings, keys.session, reference)
            }
            batch.append(changes)
            try machine.digests.change(at: record.header.endTime, in: machine.store) {
                $0.insert(entries.element, byteCount: entries.byteCount)
            }
            machine.total.insert(byteCount: entries.byteCount)
            return batch
        }
        guard let batch = made else { return false }
        pending.insert(record, session: keys.session)
        commits.add(batch, sync: true, [.recorded(record.id, keys.session, origin)] + completions)
        if let first {
            statistics.doubleSignings += 1
            effects.append(
                .notify(
                    .doubleSigned(
                        notary: keys.session.notary,
                        sessionID: keys.session.sessionID,
                        first: first,
                        second: record.id
                    )
                )
            )
        }
        return true
    }

    /// The id of the attestation if exactly these bytes are stored or on their way.
    ///
    /// Cheap, because a session has one attestation or two.
    private mutating func storedID(of record: UnverifiedNotarization, now: NodeInstant) -> AttestationID? {
        let session = SessionKey(notary: record.header.notary, sessionID: record.header.sessionID)
        for id in attestations(of: session, now: now) {
            if let waiting = pending.bytes(of: id) {
                if waiting == record.bytes { return id }
                continue
            }
            let stored = read(now: now) { (store) throws(StorageError) in
                try store.value(in: NodeStore.notarizations, for: AttestationKey(id))
            }
            if let stored, stored?.record.bytes == record.bytes { return id }
        }
        return nil
    }

    /// The other attestation of the session, if there is one.
    ///
    /// - Throws: `.duplicate` when the attestation is here, with whatever signature; `.doubleSigned` when there are two
    ///   others.
    private mutating func otherAttestation(
        of session: SessionKey,
        than id: AttestationID,
        now: NodeInstant
    ) throws(RecordRefusal) -> AttestationID? {
        let known = attestations(of: session, now: now)
        guard storeFailure == nil else { throw .storeUnavailable }
        guard !known.contains(id) else { throw .duplicate }
        guard known.count < 2 else { throw .doubleSigned }
        return known.first
    }

    /// The attestations of a session that are stored or on their way.
    mutating func attestations(of session: SessionKey, now: NodeInstant) -> [AttestationID] {
        let stored = read(now: now) { (store) throws(StorageError) in
            guard let first = try store.value(in: NodeStore.sessions, for: session)?.id else {
                return [AttestationID]()
            }
            let second = try store.value(in: NodeStore.doubleSignings, for: session)?.id
            return [first] + (second.map { [$0] } ?? [])
        }
        let known = stored ?? []
        return known + pending.attestations(of: session).filter { !known.contains($0) }
    }

    private mutating func hasRoom(
        _ signer: EthereumAddress,
        at time: UInt64,
        now: NodeInstant
    ) throws(RecordRefusal) -> Bool {
        let room = attempt(now: now) { (machine) throws(StorageError) in
            try machine.quotas.hasRoom(signer, at: time, in: machine.store)
        }
        guard let room else { throw .storeUnavailable }
        return room
    }
}
