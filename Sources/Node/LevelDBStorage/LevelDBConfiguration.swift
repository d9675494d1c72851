/// How much memory and how many files an open store may use.
package struct LevelDBConfiguration: Equatable, Sendable {
    /// Bytes of read blocks kept in memory.
    package var cacheByteCount: Int
    /// Bytes of new records in memory before they become a table; LevelDB may hold two such buffers.
    package var writeBufferByteCount: Int
    /// Most files open at once; LevelDB uses at least 74.
    package var openFilesMax: Int
    /// Most bytes of a table.
    package var tableByteCountMax: Int

    /// 8 MiB of cache, 4 MiB of write buffer, 100 files, tables of 4 MiB.
    package init(
        cacheByteCount: Int = 8 << 20,
        writeBufferByteCount: Int = 4 << 20,
        openFilesMax: Int = 100,
        tableByteCountMax: Int = 4 << 20
    ) {
        self.cacheByteCount = cacheByteCount
        self.writeBufferByteCount = writeBufferByteCount
        self.openFilesMax = openFilesMax
        self.tableByteCountMax = tableByteCountMax
    }
}
