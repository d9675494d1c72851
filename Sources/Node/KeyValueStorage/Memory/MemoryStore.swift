internal import Synchronization
internal import WireFormat

/// A store on a ``MemoryDisk``: the same promises as the store on files, without files.
package final class MemoryStore: KeyValueStore {
    private static let path = "memory"
    private let disk: MemoryDisk
    private let generation: Int

    /// Opens the disk's store, or makes it; refuses a second opener and a store of another layout.
    package init(_ disk: MemoryDisk, layout: StoreLayout) throws(StorageError) {
        self.disk = disk
        generation = try disk.state.withLock { (state) throws(StorageError) -> Int in
            guard !state.isOpen else { throw .locked(path: Self.path, holder: nil) }
            let reader = MemorySnapshot(records: state.current)
            if try layout.admit(try StoreRecords.schema(in: reader, path: Self.path), path: Self.path) {
                var batch = WriteBatch()
                batch.put(key: StoreRecords.schemaKey, value: layout.schemaRecord.wireBytes)
                try Self.apply(batch, sync: true, to: &state)
            }
            state.isOpen = true
            state.failed = nil
            state.generation += 1
            return state.generation
        }
    }

    deinit {
        close()
    }

    package func value(forKey key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try whileOpen { (state) throws(StorageError) in state.current.value(forKey: key) }
    }

    package func scan(
        _ range: KeyRange,
        order: ScanOrder,
        limit: ScanLimit
    ) throws(StorageError) -> ScanPage {
        try whileOpen { (state) throws(StorageError) in state.current.scan(range, order: order, limit: limit) }
    }

    package func write(_ batch: WriteBatch, sync: Bool) throws(StorageError) {
        try batch.checkLimits()
        try whileOpen { (state) throws(StorageError) in
            if let failed = state.failed { throw .writesStopped(path: Self.path, detail: failed) }
            do throws(StorageError) {
                try Self.apply(batch, sync: sync, to: &state)
            } catch {
                state.failed = "\(error)"
                throw error
            }
        }
    }

    package func withSnapshot<Result>(
        _ body: (any KeyValueReader) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try body(MemorySnapshot(records: try whileOpen { (state) throws(StorageError) in state.current }))
    }

    package func approximateByteCount(of range: KeyRange) throws(StorageError) -> UInt64 {
        try whileOpen { (state) throws(StorageError) in
            state.current.entries[state.current.indices(of: range)].reduce(0) {
                $0 + UInt64($1.key.count + $1.value.count)
            }
        }
    }

    package func compact() throws(StorageError) {
        try whileOpen { (_) throws(StorageError) in }
    }

    package func close() {
        disk.state.withLock { state in
            guard state.generation == generation else { return }
            state.generation += 1
            state.isOpen = false
        }
    }

    private func whileOpen<Result: Sendable>(
        _ body: (inout MemoryDisk.State) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try disk.state.withLock { (state) throws(StorageError) -> Result in
            guard state.generation == generation else { throw .closed }
            return try body(&state)
        }
    }

    private static func apply(
        _ batch: WriteBatch,
        sync: Bool,
        to state: inout MemoryDisk.State
    ) throws(StorageError) {
        if let left = state.writesUntilFailure {
            state.writesUntilFailure = left == 0 ? nil : left - 1
            if left == 0 { throw .environment(path: path, detail: "input/output error") }
        }
        if let capacity = state.capacity, state.current.byteCount + batch.byteCount > capacity {
            throw .diskFull(path: path)
        }
        state.current.apply(batch)
        guard sync else {
            state.log.append(batch)
            return
        }
        for earlier in state.log.intactBatches() { state.durable.apply(earlier) }
        state.durable.apply(batch)
        state.log = BatchLog()
        state.syncCount += 1
    }
}

/// The records of one moment.
struct MemorySnapshot: KeyValueReader {
    let records: SortedRecords

    func value(forKey key: [UInt8]) throws(StorageError) -> [UInt8]? {
        records.value(forKey: key)
    }

    func scan(_ range: KeyRange, order: ScanOrder, limit: ScanLimit) throws(StorageError) -> ScanPage {
        records.scan(range, order: order, limit: limit)
    }
}
