internal import Attestations
internal import Gossip
internal import KeyValueStorage
internal import Records

extension NodeMachine {
    /// Reserves numbers for messages, so that a later run never gives one of them to another message.
    mutating func reserveSequence(now: NodeInstant) {
        _ = attempt(now: now) { (machine) throws(StorageError) in
            let through = try Outbox.firstSequenceNumber(in: machine.store, now: now) &+ Outbox.reservation
            var batch = WriteBatch()
            try batch.put(in: NodeStore.sequence, SingleKey(), StoredNumber(through))
            machine.commits.add(batch, sync: true, [.reserved(through: through)])
        }
    }

    /// Publishes own attestations as soon as somebody is there to hear of them.
    ///
    /// What is no news any more is left to those who ask for it.
    mutating func publishOutbox(now: NodeInstant) {
        guard !outbox.isEmpty, outbox.isReady, storeFailure == nil, !router.peers(of: topic).isEmpty else { return }
        var done = WriteBatch()
        for (key, bytes) in outbox.takeAll() {
            done.remove(in: NodeStore.outbox, key)
            guard isNews(key.time, now: now), !bytes.isEmpty,
                let published = try? router.publish(bytes, to: topic, now: now.monotonic)
            else { continue }
            statistics.published += 1
            perform(published.effects, now: now)
        }
        closeFullBatch(now: now)
        // If a crash brings the entries back, they are published once more, which is harmless.
        commits.add(done, sync: false)
    }

    private func isNews(_ time: UInt64, now: NodeInstant) -> Bool {
        let age = now.unixMilliseconds > time ? now.unixMilliseconds - time : 0
        return age <= configuration.validation.newsAgeMax.wholeMilliseconds
    }
}
