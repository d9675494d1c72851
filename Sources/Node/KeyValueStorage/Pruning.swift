internal import WireFormat

/// What a keyspace's owner says about one record when the store is pruned.
package enum PruningVerdict: Equatable, Sendable {
    /// Needed: not final yet, or the node's own signature.
    case keep
    /// Final and old: removed whatever the size.
    case remove
    /// Final, not old yet: removed only while the keyspace is above its size, oldest first.
    case removeForSpace
}

/// What one step of pruning did.
package struct PruningStep: Equatable, Sendable {
    /// Records looked at.
    package let examinedCount: Int
    /// Records removed.
    package let removedCount: Int
    /// Bytes of the removed keys and values.
    package let removedByteCount: Int
    /// Where the next step goes on; `nil`: the keyspace was gone through.
    package let rest: KeyRange?
}

extension KeyValueStore {
    /// Removes records of a keyspace by age and size: one bounded step, in the order of the keys.
    ///
    /// Keys that begin with a time make that order oldest first. A step is one unsynced batch: what a crash brings
    /// back is pruned again. Records that cannot be decoded are an error, never removed.
    ///
    /// - Parameters:
    ///   - keyspace: Whose records.
    ///   - range: The rest of the last step; `nil`: from the beginning.
    ///   - excessByteCount: Bytes by which the keyspace is too large; what earlier steps removed is the caller's to
    ///     subtract.
    ///   - limit: Most records and bytes looked at.
    ///   - verdict: Decides about one record.
    package func prune<Key, Value>(
        _ keyspace: Keyspace<Key, Value>,
        range: KeyRange? = nil,
        excessByteCount: Int = 0,
        limit: ScanLimit = ScanLimit(count: 1_000),
        verdict: (Key, Value) -> PruningVerdict
    ) throws(StorageError) -> PruningStep {
        let page = try scan(keyspace.clamped(range), order: .ascending, limit: limit)
        var batch = WriteBatch()
        var removed = 0
        for entry in page.entries {
            let key = try keyspace.key(ofStored: entry.key)
            let value = try keyspace.value(ofStored: entry.value, storedKey: entry.key)
            switch verdict(key, value) {
            case .keep: continue
            case .removeForSpace where removed >= excessByteCount: continue
            case .remove, .removeForSpace:
                batch.remove(key: entry.key)
                removed += entry.key.count + entry.value.count
            }
        }
        if !batch.isEmpty { try write(batch, sync: false) }
        return PruningStep(
            examinedCount: page.entries.count,
            removedCount: batch.changes.count,
            removedByteCount: removed,
            rest: page.rest
        )
    }
}
