internal import Glibc
internal import KeyValueStorage

/// Writes groups of batches, each with its number, in the order of the numbers; one call at a time.
///
/// `@unchecked Sendable`: only the group commit calls it, one group at a time, and `close` after the last.
final class LevelDBWriter: @unchecked Sendable {
    private let handle: LevelDBHandle
    private let folder: StoreFolder
    private let markDescriptor: Int32
    private var mark: SyncedMark
    private var batchNumber: UInt64
    private var hasUnsynced = false
    private var syncedLogs: Set<String> = []
    private var failure: String?

    /// - Parameter mark: Of the open store; its schema goes into later marks.
    init(_ handle: LevelDBHandle, folder: StoreFolder, mark: SyncedMark, batchNumber: UInt64) throws(StorageError) {
        self.handle = handle
        self.folder = folder
        self.mark = mark
        self.batchNumber = batchNumber
        markDescriptor = try FileCalls.open(folder.path + "/" + SyncedMark.name, O_WRONLY)
    }

    deinit {
        Glibc.close(markDescriptor)
    }

    /// Writes one group; the first failure stops all later ones, since the log's end is uncertain.
    func write(_ batch: WriteBatch, sync: Bool) throws(StorageError) {
        if let failure { throw .writesStopped(path: folder.path, detail: failure) }
        do throws(StorageError) {
            try writeNumbered(batch, sync: sync)
        } catch {
            failure = "\(error)"
            throw error
        }
    }

    /// Waits until the disk has the mark.
    func syncMark() {
        // The mark may be too low without harm, so a failure does not matter.
        _ = fdatasync(markDescriptor)
    }

    private func writeNumbered(_ batch: WriteBatch, sync: Bool) throws(StorageError) {
        // LevelDB's sync covers the log that it writes to now. Earlier batches may be in another, or this batch may
        // begin a new one; so what is not synced yet goes to the disk first, and no batch outlives an earlier one.
        if sync, hasUnsynced {
            for log in try logs() { try syncLog(log) }
            hasUnsynced = false
        }
        var numbered = [
            WriteBatch.Change.put(
                key: StoreRecords.batchNumberKey,
                value: withUnsafeBytes(of: (batchNumber + 1).bigEndian) { Array($0) }
            )
        ]
        numbered += batch.changes
        try handle.write(numbered, sync: sync)
        batchNumber += 1
        guard sync else {
            hasUnsynced = true
            return
        }
        // LevelDB does not wait for the name of a new log.
        let logs = Set(try logs())
        if !logs.isSubset(of: syncedLogs) { try FileCalls.sync(folder.database) }
        syncedLogs = logs
        mark.batchNumber = batchNumber
        try mark.put(markDescriptor, folder: folder.path)
    }

    private func logs() throws(StorageError) -> [String] {
        (try FileCalls.names(in: folder.database) ?? []).filter { $0.hasSuffix(".log") }
    }

    /// Waits until the disk has a log, unless LevelDB removed it meanwhile: then its batches are in a synced table.
    private func syncLog(_ log: String) throws(StorageError) {
        let path = folder.database + "/" + log
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw FileCalls.failure(path)
        }
        defer { Glibc.close(descriptor) }
        guard fdatasync(descriptor) == 0 else { throw FileCalls.failure(path) }
    }
}
