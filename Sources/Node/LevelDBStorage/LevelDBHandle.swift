internal import CLevelDB
internal import KeyValueStorage

/// LevelDB's C objects of one open database, freed with it.
///
/// `@unchecked Sendable`: LevelDB synchronizes all calls made here. Only `close` changes anything; the owner makes sure
/// that it comes after all other calls.
final class LevelDBHandle: @unchecked Sendable {
    private let path: String
    private let store: String
    private let database: OpaquePointer
    private var isOpen = true
    private let options: Options

    /// Opens `path`, which must exist unless `create` is set, and then must not.
    ///
    /// - Parameter store: The path in messages.
    init(_ path: String, store: String, create: Bool, _ configuration: LevelDBConfiguration) throws(StorageError) {
        self.path = path
        self.store = store
        options = Options(configuration)
        leveldb_options_set_create_if_missing(options.options, create ? 1 : 0)
        leveldb_options_set_error_if_exists(options.options, create ? 1 : 0)
        let options = options.options
        let opened = try Self.call(store) { leveldb_open(options, path, $0) }
        guard let opened else { throw .environment(path: store, detail: "LevelDB did not open") }
        database = opened
    }

    deinit {
        close()
    }

    /// Closes the database; no call may follow or be under way.
    func close() {
        guard isOpen else { return }
        isOpen = false
        leveldb_close(database)
    }

    func write(_ changes: some Sequence<WriteBatch.Change>, sync: Bool) throws(StorageError) {
        let batch = leveldb_writebatch_create()
        defer { leveldb_writebatch_destroy(batch) }
        for change in changes {
            change.key.withCharacters { key, keyCount in
                switch change {
                case .put(_, let value):
                    value.withCharacters { leveldb_writebatch_put(batch, key, keyCount, $0, $1) }
                case .remove:
                    leveldb_writebatch_delete(batch, key, keyCount)
                }
            }
        }
        let writeOptions = leveldb_writeoptions_create()
        defer { leveldb_writeoptions_destroy(writeOptions) }
        leveldb_writeoptions_set_sync(writeOptions, sync ? 1 : 0)
        try Self.call(store) { leveldb_write(database, writeOptions, batch, $0) }
    }

    func value(forKey key: [UInt8], snapshot: OpaquePointer?) throws(StorageError) -> [UInt8]? {
        let readOptions = Self.readOptions(snapshot: snapshot, fillCache: true)
        defer { leveldb_readoptions_destroy(readOptions) }
        var count = 0
        let found = try Self.call(store) { error in
            key.withCharacters { leveldb_get(database, readOptions, $0, $1, &count, error) }
        }
        guard let found else { return nil }
        defer { leveldb_free(found) }
        return Array(UnsafeRawBufferPointer(start: found, count: count))
    }

    func scan(
        _ range: KeyRange,
        order: ScanOrder,
        limit: ScanLimit,
        snapshot: OpaquePointer?
    ) throws(StorageError) -> ScanPage {
        var builder = ScanPageBuilder(range: range, order: order, limit: limit)
        // Long scans would push everything else out of the cache.
        let readOptions = Self.readOptions(snapshot: snapshot, fillCache: limit.count <= 100)
        defer { leveldb_readoptions_destroy(readOptions) }
        let iterator = leveldb_create_iterator(database, readOptions)
        defer { leveldb_iter_destroy(iterator) }
        switch order {
        case .ascending:
            range.lower.withCharacters { leveldb_iter_seek(iterator, $0, $1) }
        case .descending:
            if let upper = range.upper {
                upper.withCharacters { leveldb_iter_seek(iterator, $0, $1) }
            }
            if range.upper != nil, leveldb_iter_valid(iterator) != 0 {
                leveldb_iter_prev(iterator)
            } else {
                leveldb_iter_seek_to_last(iterator)
            }
        }
        var isFull = false
        while !isFull, leveldb_iter_valid(iterator) != 0 {
            let entry = Self.entry(iterator)
            guard range.contains(entry.key) else { break }
            if builder.append(entry) {
                order == .ascending ? leveldb_iter_next(iterator) : leveldb_iter_prev(iterator)
            } else {
                isFull = true
            }
        }
        // A damaged block looks like an end, or like a gap.
        try Self.call(store) { leveldb_iter_get_error(iterator, $0) }
        return isFull ? builder.interrupted() : builder.finished()
    }

    func withSnapshot<Result>(
        _ body: (OpaquePointer?) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        let snapshot = leveldb_create_snapshot(database)
        defer { leveldb_release_snapshot(database, snapshot) }
        return try body(snapshot)
    }

    func approximateByteCount(of range: KeyRange) -> UInt64 {
        var size: UInt64 = 0
        // Longer than any key, so that it comes after all of them.
        let upper = range.upper ?? [UInt8](repeating: 0xff, count: WriteBatch.keyByteCountMax + 1)
        range.lower.withCharacters { lower, lowerCount in
            upper.withCharacters { upper, upperCount in
                var starts = [Optional(lower)]
                var ends = [Optional(upper)]
                leveldb_approximate_sizes(database, 1, &starts, [lowerCount], &ends, [upperCount], &size)
            }
        }
        return size
    }

    func compact() {
        leveldb_compact_range(database, nil, 0, nil, 0)
    }

    /// One of LevelDB's own figures, as text.
    func property(_ name: String) -> String? {
        guard let text = leveldb_property_value(database, name) else { return nil }
        defer { leveldb_free(text) }
        return String(cString: text)
    }

    private static func entry(_ iterator: OpaquePointer?) -> StoredEntry {
        var keyCount = 0
        var valueCount = 0
        let key = leveldb_iter_key(iterator, &keyCount)
        let value = leveldb_iter_value(iterator, &valueCount)
        return StoredEntry(
            key: Array(UnsafeRawBufferPointer(start: key, count: keyCount)),
            value: Array(UnsafeRawBufferPointer(start: value, count: valueCount))
        )
    }

    private static func readOptions(snapshot: OpaquePointer?, fillCache: Bool) -> OpaquePointer? {
        let options = leveldb_readoptions_create()
        leveldb_readoptions_set_verify_checksums(options, 1)
        leveldb_readoptions_set_fill_cache(options, fillCache ? 1 : 0)
        if let snapshot { leveldb_readoptions_set_snapshot(options, snapshot) }
        return options
    }

    /// Makes a call that reports errors as text, and turns the text into an error.
    private static func call<Result>(
        _ store: String,
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) throws(StorageError) -> Result {
        var message: UnsafeMutablePointer<CChar>?
        let result = body(&message)
        guard let message else { return result }
        defer { leveldb_free(message) }
        throw error(String(cString: message), store: store)
    }

    /// The meaning of LevelDB's messages (util/status.cc; the system's reasons from strerror).
    private static func error(_ message: String, store: String) -> StorageError {
        if message.hasPrefix("Corruption: ") {
            return .corrupt(path: store, detail: String(message.dropFirst("Corruption: ".count)))
        }
        let full = ["No space left on device", "Disk quota exceeded", "File too large"]
        if full.contains(where: message.hasSuffix) { return .diskFull(path: store) }
        if message.contains("/LOCK: ") { return .locked(path: store, holder: nil) }
        if message.hasPrefix("Invalid argument: ") { return .corrupt(path: store, detail: message) }
        return .environment(path: store, detail: message)
    }
}

/// The C objects that must live as long as the database.
private final class Options {
    let options = leveldb_options_create()
    private let cache: OpaquePointer?
    private let filter = leveldb_filterpolicy_create_bloom(10)

    init(_ configuration: LevelDBConfiguration) {
        cache = leveldb_cache_create_lru(configuration.cacheByteCount)
        leveldb_options_set_cache(options, cache)
        leveldb_options_set_filter_policy(options, filter)
        leveldb_options_set_paranoid_checks(options, 1)
        leveldb_options_set_write_buffer_size(options, configuration.writeBufferByteCount)
        leveldb_options_set_max_open_files(options, Int32(clamping: configuration.openFilesMax))
        leveldb_options_set_max_file_size(options, configuration.tableByteCountMax)
        leveldb_options_set_compression(options, Int32(leveldb_snappy_compression))
    }

    deinit {
        leveldb_options_destroy(options)
        leveldb_cache_destroy(cache)
        leveldb_filterpolicy_destroy(filter)
    }
}

extension [UInt8] {
    /// The bytes as C characters; the pointer is never null.
    fileprivate func withCharacters<Result>(_ body: (UnsafePointer<CChar>, Int) -> Result) -> Result {
        withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return "".withCString { body($0, 0) } }
            return body(start.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }
}
