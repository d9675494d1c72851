package import KeyValueStorage

extension LevelDBStore {
    /// Bytes of memory that LevelDB says it uses: cache, write buffers, tables' indexes.
    package func memoryByteCount() throws(StorageError) -> Int? {
        try uses.use { () throws(StorageError) in
            handle.property("leveldb.approximate-memory-usage").flatMap(Int.init)
        }
    }

    /// Bytes of all LevelDB files, written last or not compacted yet included.
    package func fileByteCount() throws(StorageError) -> Int {
        let folder = StoreFolder(path: path).database
        return (try FileCalls.names(in: folder) ?? []).reduce(0) {
            $0 + (FileCalls.byteCount(of: folder + "/" + $1) ?? 0)
        }
    }

    /// Reads and decodes every record of this moment, verifying checksums.
    package func check() throws(StorageError) -> StoreCheck {
        try uses.use { () throws(StorageError) in
            try handle.withSnapshot { (snapshot) throws(StorageError) in
                StoreCheck(of: LevelDBReader(handle: handle, snapshot: snapshot), layout: layout)
            }
        }
    }

    /// Copies the store of this moment, while it is used, into a folder that does not exist or is empty.
    ///
    /// Folders on the way to it are made. The copy is a store of its own: it can be opened, or restored from. It is
    /// complete on the disk, or not there.
    package func backUp(to destination: String) throws(StorageError) {
        let folder = StoreFolder(path: destination)
        guard [.missing, .empty].contains(try folder.content()) else { throw .occupied(path: destination) }
        try folder.makeWithParents()
        let destinationLock = try DirectoryLock(destination)
        defer { destinationLock.release() }
        guard try folder.content() == .empty else { throw .occupied(path: destination) }
        try uses.use { () throws(StorageError) in
            try handle.withSnapshot { (snapshot) throws(StorageError) in
                try LevelDBCreation.create(
                    folder,
                    copyOf: LevelDBReader(handle: handle, snapshot: snapshot),
                    schema: layout.schema,
                    configuration
                )
            }
        }
    }
}
