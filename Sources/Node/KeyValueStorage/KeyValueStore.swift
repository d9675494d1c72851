/// A state of a store that can be read.
package protocol KeyValueReader {
    /// The value of a key; `nil` if it has none.
    func value(forKey key: [UInt8]) throws(StorageError) -> [UInt8]?

    /// The entries of a range in order, as many as the limit allows, and what is left of the range.
    ///
    /// Concurrent writes may be seen or not by later pages; scan a snapshot to rule that out.
    func scan(_ range: KeyRange, order: ScanOrder, limit: ScanLimit) throws(StorageError) -> ScanPage
}

/// An ordered map from bytes to bytes that survives crashes.
///
/// What every store promises, and the contract suite checks:
/// - A batch is applied all or not at all, also after a crash.
/// - `write` with `sync` returns only when the batch, and every batch before it, survives the loss of power.
/// - After a crash the store holds the effects of the first *n* batches, for some *n* that covers all synced ones.
/// - A failed write stops all later ones until the store is opened again, because what the disk holds is uncertain.
///
/// Calls block the thread; any thread may call.
package protocol KeyValueStore: AnyObject, KeyValueReader, Sendable {
    /// Applies a batch.
    ///
    /// - Parameter sync: Whether to wait until the disk has it: for all that must not be lost or signed twice.
    func write(_ batch: WriteBatch, sync: Bool) throws(StorageError)

    /// Runs `body` on the state of now, whatever is written meanwhile. The reader must not outlive the call.
    func withSnapshot<Result>(
        _ body: (any KeyValueReader) throws(StorageError) -> Result
    ) throws(StorageError) -> Result

    /// About how many bytes a range takes on disk; what was written last may not be counted yet.
    func approximateByteCount(of range: KeyRange) throws(StorageError) -> UInt64

    /// Gives back the space of removed and overwritten records.
    func compact() throws(StorageError)

    /// Ends the use of the store, after the calls under way; every later call fails with ``StorageError/closed``.
    ///
    /// Not to be called within `withSnapshot`, which it would wait for.
    func close()
}
