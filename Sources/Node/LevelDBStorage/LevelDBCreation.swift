internal import KeyValueStorage
internal import WireFormat

/// Makes stores: beside their place first, complete and on the disk, then moved there at once.
enum LevelDBCreation {
    /// Makes a store without records.
    static func create(
        _ folder: StoreFolder,
        layout: StoreLayout,
        _ configuration: LevelDBConfiguration
    ) throws(StorageError) {
        var batch = WriteBatch()
        batch.put(key: StoreRecords.batchNumberKey, value: [0, 0, 0, 0, 0, 0, 0, 1])
        batch.put(key: StoreRecords.schemaKey, value: layout.schemaRecord.wireBytes)
        try make(folder, SyncedMark(schema: layout.schema, batchNumber: 1), configuration) {
            (handle) throws(StorageError) in
            try handle.write(batch.changes, sync: true)
        }
    }

    /// Makes a store with all records of another.
    static func create(
        _ folder: StoreFolder,
        copyOf reader: LevelDBReader,
        schema: UInt32,
        _ configuration: LevelDBConfiguration
    ) throws(StorageError) {
        let number = try StoreRecords.batchNumber(in: reader, path: folder.path)
        try make(folder, SyncedMark(schema: schema, batchNumber: number), configuration) {
            (handle) throws(StorageError) in
            var rest: KeyRange? = .all
            while let range = rest {
                let page = try reader.scan(range, order: .ascending, limit: ScanLimit(count: 10_000))
                try handle.write(page.entries.map { .put(key: $0.key, value: $0.value) }, sync: false)
                rest = page.rest
            }
        }
    }

    private static func make(
        _ folder: StoreFolder,
        _ mark: SyncedMark,
        _ configuration: LevelDBConfiguration,
        fill: (LevelDBHandle) throws(StorageError) -> Void
    ) throws(StorageError) {
        try folder.clearCreation()
        do throws(StorageError) {
            let filling = try LevelDBHandle(folder.creating, store: folder.path, create: true, configuration)
            defer { filling.close() }
            try fill(filling)
            filling.close()
            // Opening once more turns the log into a table, so that later logs hold numbered batches only.
            let complete = try LevelDBHandle(folder.creating, store: folder.path, create: false, configuration)
            complete.close()
        } catch {
            // What stays is removed by the next attempt.
            try? folder.clearCreation()
            throw error
        }
        try folder.finishCreation(mark)
    }
}
