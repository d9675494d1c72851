internal import KeyValueStorage

/// Opens an existing store, or refuses it and leaves its files as they were.
struct LevelDBOpening {
    let handle: LevelDBHandle
    let mark: SyncedMark
    let batchNumber: UInt64
    /// Whether the schema record must be raised.
    let isOlder: Bool
    let recovery: LevelDBStore.Recovery?

    /// The folder's lock must be held.
    init(_ folder: StoreFolder, layout: StoreLayout, _ configuration: LevelDBConfiguration) throws(StorageError) {
        try folder.settle()
        var mark = try SyncedMark(folder: folder.path)
        guard mark.schema <= layout.schema else {
            throw .newerSchema(path: folder.path, found: mark.schema, known: layout.schema)
        }
        let plan = try LogRecovery(folder: folder.database, store: folder.path, confirmed: mark.batchNumber)
        try folder.preserve()
        var copies: [String] = []
        var opened: LevelDBHandle?
        do throws(StorageError) {
            for cut in plan.cuts {
                if let copy = try folder.cut(cut) { copies.append(copy) }
            }
            let handle = try LevelDBHandle(folder.database, store: folder.path, create: false, configuration)
            opened = handle
            let reader = LevelDBReader(handle: handle, snapshot: nil)
            guard let schema = try StoreRecords.schema(in: reader, path: folder.path) else {
                throw StorageError.corrupt(path: folder.path, detail: "the schema record is missing")
            }
            isOlder = try layout.admit(schema, path: folder.path)
            batchNumber = try StoreRecords.batchNumber(in: reader, path: folder.path)
            guard batchNumber >= mark.batchNumber else {
                throw StorageError.lostSyncedData(
                    path: folder.path,
                    found: batchNumber,
                    confirmed: mark.batchNumber
                )
            }
            if isOlder {
                mark.schema = layout.schema
                try folder.putMark(mark)
            }
            try folder.commit()
            self.handle = handle
        } catch {
            opened?.close()
            // If going back fails, the next opening does it; the first error says more.
            try? folder.rollBack()
            for copy in copies { try? FileCalls.removeFile(copy) }
            throw error
        }
        self.mark = mark
        recovery =
            plan.cuts.isEmpty
            ? nil
            : LevelDBStore.Recovery(
                cutByteCount: plan.cuts.reduce(0) { $0 + $1.byteCount - $1.keptByteCount },
                copies: copies
            )
    }
}
