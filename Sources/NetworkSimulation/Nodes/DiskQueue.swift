internal import KeyValueStorage
internal import NodeCore

/// The commits of one node on their way to its disk.
///
/// The disk does one group at a time; what comes meanwhile is the next group. A group is written when it is done, as
/// one synced batch, which is what the store holds after writes one by one and a sync. If the node crashes before, a
/// part of the group is written without sync, so that the disk decides what is left of it.
struct DiskQueue {
    private var waiting: [Commit] = []
    private(set) var underWay: [Commit] = []

    struct Commit {
        let batch: WriteBatch
        let isSynced: Bool
        let token: CommitToken
    }

    /// Whether the disk is at work.
    var isBusy: Bool { !underWay.isEmpty }
    /// Commits that wait or are under way.
    var count: Int { waiting.count + underWay.count }

    mutating func append(_ batch: WriteBatch, sync: Bool, _ token: CommitToken) {
        waiting.append(Commit(batch: batch, isSynced: sync, token: token))
    }

    /// Begins the next group; false when nothing waits or the disk is at work.
    mutating func beginGroup() -> Bool {
        guard underWay.isEmpty, !waiting.isEmpty else { return false }
        var byteCount = 0
        let count = waiting.prefix { commit in
            byteCount += commit.batch.byteCount
            return byteCount <= WriteBatch.byteCountMax
        }.count
        underWay = Array(waiting.prefix(max(count, 1)))
        waiting.removeFirst(underWay.count)
        return true
    }

    /// Ends the group under way: everything in it as one batch.
    mutating func endGroup() -> (batch: WriteBatch, sync: Bool, through: CommitToken)? {
        guard let last = underWay.map(\.token).max() else { return nil }
        var batch = underWay[0].batch
        for commit in underWay.dropFirst() { batch.append(commit.batch) }
        let sync = underWay.contains(where: \.isSynced)
        underWay = []
        return (batch, sync, last)
    }
}
