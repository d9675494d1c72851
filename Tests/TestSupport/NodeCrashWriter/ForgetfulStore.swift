import KeyValueStorage
import LevelDBStorage

/// A store that never waits for the disk, whatever it is told: the mistake that the crash tests must find.
final class ForgetfulStore: KeyValueStore {
    private let store: LevelDBStore

    init(_ store: LevelDBStore) {
        self.store = store
    }

    func write(_ batch: WriteBatch, sync: Bool) throws(StorageError) { try store.write(batch, sync: false) }

    func value(forKey key: [UInt8]) throws(StorageError) -> [UInt8]? { try store.value(forKey: key) }

    func scan(_ range: KeyRange, order: ScanOrder, limit: ScanLimit) throws(StorageError) -> ScanPage {
        try store.scan(range, order: order, limit: limit)
    }

    func withSnapshot<Result>(
        _ body: (any KeyValueReader) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try store.withSnapshot(body)
    }

    func approximateByteCount(of range: KeyRange) throws(StorageError) -> UInt64 {
        try store.approximateByteCount(of: range)
    }

    func compact() throws(StorageError) { try store.compact() }

    func close() { store.close() }
}
