import CLevelDB
import KeyValueStorage

/// LevelDB through its C API and nothing else, with the write buffer that the store gives it.
final class RawLevelDB {
    /// What LevelDB says went wrong.
    struct Failure: Error {
        let message: String
    }

    private let database: OpaquePointer
    private let options: OpaquePointer?

    /// Makes a new database.
    init(_ path: String) throws {
        options = leveldb_options_create()
        leveldb_options_set_create_if_missing(options, 1)
        leveldb_options_set_error_if_exists(options, 1)
        var message: UnsafeMutablePointer<CChar>?
        guard let database = leveldb_open(options, path, &message) else { throw Self.failure(message) }
        self.database = database
    }

    /// Writes a batch as it is.
    func write(_ changes: WriteBatch, sync: Bool) throws {
        let batch = leveldb_writebatch_create()
        defer { leveldb_writebatch_destroy(batch) }
        for case .put(let key, let value) in changes.changes {
            key.withUnsafeBytes { key in
                value.withUnsafeBytes { value in
                    leveldb_writebatch_put(
                        batch,
                        key.baseAddress?.assumingMemoryBound(to: CChar.self),
                        key.count,
                        value.baseAddress?.assumingMemoryBound(to: CChar.self),
                        value.count
                    )
                }
            }
        }
        let writeOptions = leveldb_writeoptions_create()
        defer { leveldb_writeoptions_destroy(writeOptions) }
        leveldb_writeoptions_set_sync(writeOptions, sync ? 1 : 0)
        var message: UnsafeMutablePointer<CChar>?
        leveldb_write(database, writeOptions, batch, &message)
        if message != nil { throw Self.failure(message) }
    }

    /// Closes the database; nothing may follow.
    func close() {
        leveldb_close(database)
        leveldb_options_destroy(options)
    }

    private static func failure(_ message: UnsafeMutablePointer<CChar>?) -> Failure {
        defer { leveldb_free(message) }
        return Failure(message: message.map { String(cString: $0) } ?? "it did not open")
    }
}
