internal import Attestations
internal import KeyValueStorage
internal import PeerProtocols
internal import Records

extension NodeMachine {
    /// Removes what is final and too old, or final and too much, oldest first: one bounded step.
    mutating func prune(now: NodeInstant) {
        guard pruning.nextAt <= now.monotonic, !pruning.isUnderWay, storeFailure == nil else { return }
        pruning.nextAt = now.monotonic.advanced(by: configuration.retention.stepInterval)
        pruning.isBehind = false
        closeFullBatch(now: now)
        _ = attempt(now: now) { (machine) throws(StorageError) in
            var batch = WriteBatch()
            let removed = try machine.removeNotarizations(from: &batch, now: now.unixMilliseconds)
            try machine.removeSignatures(from: &batch, now: now.unixMilliseconds)
            guard !batch.isEmpty else { return }
            if removed.isFull {
                machine.pruning.isBehind = true
                machine.pruning.nextAt = now.monotonic.advanced(by: machine.configuration.retention.backlogInterval)
            }
            machine.pruning.isUnderWay = true
            machine.commits.add(
                batch,
                sync: false,
                [.pruned(recordCount: removed.recordCount, byteCount: removed.byteCount)]
            )
        }
    }

    /// A step is done.
    mutating func finishPruning(_ recordCount: Int, _ byteCount: Int) {
        pruning.isUnderWay = false
        guard recordCount > 0 else { return }
        statistics.recordsPruned += recordCount
        effects.append(.notify(.pruned(recordCount: recordCount, byteCount: byteCount)))
    }

    private mutating func removeNotarizations(
        from batch: inout WriteBatch,
        now: UInt64
    ) throws(StorageError) -> (recordCount: Int, byteCount: Int, isFull: Bool) {
        let retention = configuration.retention
        let oldest = now - min(now, retention.recordAgeMax.wholeMilliseconds)
        let page = try store.records(
            in: NodeStore.notarizationsByTime,
            limit: ScanLimit(count: retention.stepRecordCountMax)
        )
        let floor = pruning.removedBefore
        var removed = (recordCount: 0, byteCount: 0, isFull: page.records.count >= retention.stepRecordCountMax)
        var gone: Set<AttestationID> = []
        for key in page.records.map(\.key) {
            let isTooMuch = total.byteCount > retention.recordByteCountMax
            guard key.time < oldest || isTooMuch else {
                removed.isFull = false
                break
            }
            guard let stored = try store.value(in: NodeStore.notarizations, for: AttestationKey(key.id)) else {
                batch.remove(in: NodeStore.notarizationsByTime, key)
                continue
            }
            guard NotarizationWindow(end: stored.windowEnd, now: now).isFinal else {
                removed.isFull = false
                break
            }
            let entries = try NotarizationEntries(stored, id: key.id)
            batch.append(entries.removal)
            gone.insert(key.id)
            let session = NotarizationKeys(stored.record.header, id: key.id).session
            try removeSession(session, of: key.id, gone: gone, from: &batch)
            try digests.change(at: key.time, in: store) { $0.remove(entries.element, byteCount: entries.byteCount) }
            total.remove(byteCount: entries.byteCount)
            explored.remove(at: key.time)
            // What is only too old may come again if it was the clock that was wrong.
            if isTooMuch { pruning.removed(through: key.time) }
            removed.recordCount += 1
            removed.byteCount += entries.byteCount
        }
        if pruning.removedBefore > floor {
            try batch.put(in: NodeStore.floor, SingleKey(), StoredNumber(pruning.removedBefore))
        }
        return removed
    }

    /// Forgets which attestation a session has; if it has two, the other one stays, unless it is `gone`, too.
    private func removeSession(
        _ session: SessionKey,
        of id: AttestationID,
        gone: Set<AttestationID>,
        from batch: inout WriteBatch
    ) throws(StorageError) {
        let known = [
            try store.value(in: NodeStore.sessions, for: session),
            try store.value(in: NodeStore.doubleSignings, for: session),
        ].compactMap { $0 }
        guard known.contains(AttestationReference(id)) else { return }
        batch.remove(in: NodeStore.doubleSignings, session)
        if let left = known.first(where: { !gone.contains($0.id) }) {
            try batch.put(in: NodeStore.sessions, session, left)
        } else {
            batch.remove(in: NodeStore.sessions, session)
        }
    }

    private func removeSignatures(from batch: inout WriteBatch, now: UInt64) throws(StorageError) {
        let retention = configuration.retention
        let oldest = now - min(now, retention.signatureAgeMax.wholeMilliseconds)
        let page = try store.records(
            in: NodeStore.ownSignaturesByTime,
            range: NodeStore.ownSignaturesByTime.range(from: nil, before: SignatureTimeKey(time: oldest, key: nil)),
            limit: ScanLimit(count: retention.stepRecordCountMax)
        )
        for key in page.records.map(\.key) {
            batch.remove(in: NodeStore.ownSignaturesByTime, key)
            if let signature = key.key { batch.remove(in: NodeStore.ownSignatures, signature) }
        }
    }
}
