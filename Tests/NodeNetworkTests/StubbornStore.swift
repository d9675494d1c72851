import Foundation
import KeyValueStorage
import Synchronization

/// A store in memory whose writes can be held up and can fail, and that remembers how it was written.
final class StubbornStore: KeyValueStore {
    private let store: MemoryStore
    private let state = Mutex(State())

    struct State {
        var isHeld = false
        var heldCount = 0
        var failure: StorageError?
        var writes: [(byteCount: Int, sync: Bool)] = []
    }

    init(layout: StoreLayout) throws {
        store = try MemoryStore(MemoryDisk(), layout: layout)
    }

    /// Whether writes wait.
    var isHeld: Bool {
        get { state.withLock(\.isHeld) }
        set { state.withLock { $0.isHeld = newValue } }
    }

    /// The writes that wait.
    var heldCount: Int { state.withLock(\.heldCount) }

    /// What the next writes fail with.
    var failure: StorageError? {
        get { state.withLock(\.failure) }
        set { state.withLock { $0.failure = newValue } }
    }

    var writes: [(byteCount: Int, sync: Bool)] { state.withLock(\.writes) }

    func write(_ batch: WriteBatch, sync: Bool) throws(StorageError) {
        if isHeld {
            state.withLock { $0.heldCount += 1 }
            while isHeld { Thread.sleep(forTimeInterval: 0.002) }
            state.withLock { $0.heldCount -= 1 }
        }
        if let failure { throw failure }
        state.withLock { $0.writes.append((batch.byteCount, sync)) }
        try store.write(batch, sync: sync)
    }

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
