package import KeyValueStorage
internal import WireFormat

/// A store in a folder, on LevelDB.
///
/// One process opens it at a time. A store that is damaged, newer, someone else's, or that misses batches which were
/// confirmed as synced, is refused, and its files stay as they were. Memory and open files are bounded by
/// ``LevelDBConfiguration``.
package final class LevelDBStore: KeyValueStore {
    /// What a loss of power took, as far as opening noticed: batches that nobody had waited for.
    package struct Recovery: Equatable, Sendable {
        /// Bytes cut off from the ends of logs.
        package let cutByteCount: Int
        /// Copies of the logs as they were found.
        package let copies: [String]
    }

    /// The folder.
    package let path: String
    /// What the store holds.
    package let layout: StoreLayout
    /// What opening had to cut off; `nil`: nothing.
    package let recovery: Recovery?

    let handle: LevelDBHandle
    let configuration: LevelDBConfiguration
    let uses = UseCount()
    private let lock: DirectoryLock
    private let writer: LevelDBWriter
    private let group: GroupCommit

    /// Opens the store at `path`; makes it if there is none and `create` is set.
    ///
    /// - Throws: Any ``StorageError`` but those of single records. After an error the store is as it was.
    package init(
        _ path: String,
        layout: StoreLayout,
        create: Bool,
        configuration: LevelDBConfiguration = LevelDBConfiguration()
    ) throws(StorageError) {
        let folder = StoreFolder(path: path)
        switch try folder.content() {
        case .other: throw .occupied(path: path)
        case .beheaded: throw .corrupt(path: path, detail: "its folder leveldb is missing")
        case .missing where !create, .empty where !create: throw .missing(path: path)
        default: try folder.make()
        }
        let lock = try DirectoryLock(path)
        switch try folder.content() {
        case .store: break
        case .empty where create: try LevelDBCreation.create(folder, layout: layout, configuration)
        default: throw .missing(path: path)
        }
        let opened = try LevelDBOpening(folder, layout: layout, configuration)
        let writer = try LevelDBWriter(
            opened.handle,
            folder: folder,
            mark: opened.mark,
            batchNumber: opened.batchNumber
        )
        self.path = path
        self.layout = layout
        self.configuration = configuration
        self.lock = lock
        self.writer = writer
        handle = opened.handle
        recovery = opened.recovery
        group = GroupCommit { (batch, sync) throws(StorageError) in try writer.write(batch, sync: sync) }
        if opened.isOlder {
            var batch = WriteBatch()
            batch.put(key: StoreRecords.schemaKey, value: layout.schemaRecord.wireBytes)
            try group.write(batch, sync: true)
        }
    }

    deinit {
        close()
    }

    package func close() {
        guard uses.close() else { return }
        writer.syncMark()
        handle.close()
        lock.release()
    }

    package func value(forKey key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try uses.use { () throws(StorageError) in try handle.value(forKey: key, snapshot: nil) }
    }

    package func scan(
        _ range: KeyRange,
        order: ScanOrder,
        limit: ScanLimit
    ) throws(StorageError) -> ScanPage {
        try uses.use { () throws(StorageError) in
            try handle.scan(range, order: order, limit: limit, snapshot: nil)
        }
    }

    package func write(_ batch: WriteBatch, sync: Bool) throws(StorageError) {
        try batch.checkLimits()
        try uses.use { () throws(StorageError) in try group.write(batch, sync: sync) }
    }

    package func withSnapshot<Result>(
        _ body: (any KeyValueReader) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try uses.use { () throws(StorageError) in
            try handle.withSnapshot { (snapshot) throws(StorageError) in
                try body(LevelDBReader(handle: handle, snapshot: snapshot))
            }
        }
    }

    package func approximateByteCount(of range: KeyRange) throws(StorageError) -> UInt64 {
        try uses.use { () throws(StorageError) in handle.approximateByteCount(of: range) }
    }

    package func compact() throws(StorageError) {
        try uses.use { () throws(StorageError) in
            handle.compact()
            // LevelDB does not say whether that worked, but refuses to write if not.
            try group.write(WriteBatch(), sync: true)
        }
    }
}

/// Reads the records of one moment; not to be used after the snapshot was released.
struct LevelDBReader: KeyValueReader {
    let handle: LevelDBHandle
    let snapshot: OpaquePointer?

    func value(forKey key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try handle.value(forKey: key, snapshot: snapshot)
    }

    func scan(_ range: KeyRange, order: ScanOrder, limit: ScanLimit) throws(StorageError) -> ScanPage {
        try handle.scan(range, order: order, limit: limit, snapshot: snapshot)
    }
}
