internal import Foundation
internal import KeyValueStorage

/// Joins the batches of threads that write at the same time, so that they share one wait for the disk.
///
/// The first thread of a group writes for all; while it waits for the disk, the next group gathers. Each batch stays
/// whole, since a group is one batch of LevelDB's, and groups are written one after the other.
///
/// `@unchecked Sendable`: all state is guarded by `condition`.
final class GroupCommit: @unchecked Sendable {
    /// Bytes after which a group takes no further batch.
    private static let groupByteCountMax = 1 << 20

    private final class Group {
        var batch = WriteBatch()
        var sync = false
        var outcome: Result<Void, StorageError>?
    }

    private let condition = NSCondition()
    private var gathering: Group?
    private var isWriting = false
    private let commit: (WriteBatch, Bool) throws(StorageError) -> Void

    /// Groups are written by `commit`, one at a time, on the thread of one of their writers.
    init(_ commit: @escaping (WriteBatch, Bool) throws(StorageError) -> Void) {
        self.commit = commit
    }

    /// Returns when the group with this batch was written.
    func write(_ batch: WriteBatch, sync: Bool) throws(StorageError) {
        condition.lock()
        defer { condition.unlock() }
        while let full = gathering, full.batch.byteCount + batch.byteCount > Self.groupByteCountMax {
            condition.wait()
        }
        let group = gathering ?? Group()
        gathering = group
        group.batch.append(batch)
        group.sync = group.sync || sync
        while group.outcome == nil {
            if isWriting || gathering !== group {
                condition.wait()
            } else {
                lead(group)
            }
        }
        if case .failure(let error)? = group.outcome { throw error }
    }

    /// Writes a group without the lock, and wakes everyone; called and left with the lock.
    private func lead(_ group: Group) {
        isWriting = true
        gathering = nil
        condition.broadcast()
        condition.unlock()
        let outcome: Result<Void, StorageError>
        do throws(StorageError) {
            try commit(group.batch, group.sync)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        condition.lock()
        isWriting = false
        group.outcome = outcome
        condition.broadcast()
    }
}
