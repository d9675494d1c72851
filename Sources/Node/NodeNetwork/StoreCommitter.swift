internal import Foundation
package import KeyValueStorage
package import NodeCore
internal import PeerNetworking
internal import PeerProtocols

/// Applies a node's commits on a thread of its own, in order; those that wait together share one wait for the disk.
///
/// `@unchecked Sendable`: all mutable state is touched inside `monitor` only.
package final class StoreCommitter: @unchecked Sendable {
    /// What became of commits.
    package enum Report: Equatable, Sendable {
        /// All commits through this one are done.
        case committed(CommitToken)
        /// This commit failed, and no later one is tried.
        case failed(CommitToken, StorageError)
    }

    private struct Commit {
        let batch: WriteBatch
        let sync: Bool
        let token: CommitToken
    }

    private let store: any KeyValueStore
    private let configuration: NodeLoopConfiguration
    private let report: @Sendable (Report) -> Void
    private let monitor = Monitor()
    private var waiting: [Commit] = []
    private var isWriting = false
    private var hasFailed = false
    private var isStopping = false
    private var hasStopped = false
    private var counts = (commits: 0, groups: 0)

    /// Starts the thread.
    ///
    /// - Parameter report: Called on the committer's thread, once for each group; must not wait.
    package init(
        store: any KeyValueStore,
        configuration: NodeLoopConfiguration,
        report: @escaping @Sendable (Report) -> Void
    ) {
        self.store = store
        self.configuration = configuration
        self.report = report
        Thread.detachNewThread { [self] in
            Thread.current.name = "store"
            run()
        }
    }

    /// Hands a commit over; waits while too many wait already.
    package func submit(_ batch: WriteBatch, sync: Bool, _ token: CommitToken) {
        monitor.withLock {
            while waiting.count >= configuration.waitingCommitCountMax, !hasFailed { _ = monitor.wait(until: nil) }
            guard !hasFailed, !isStopping else { return }
            waiting.append(Commit(batch: batch, sync: sync, token: token))
            monitor.wakeAll()
        }
    }

    /// Whether every commit that was handed over is reported.
    package var isIdle: Bool { monitor.withLock { waiting.isEmpty && !isWriting } }

    /// The commits that were done, and the writes that they took.
    package var statistics: (commits: Int, groups: Int) { monitor.withLock { counts } }

    /// Ends the thread after the commits that wait, and returns when it has ended.
    package func stop() {
        monitor.withLock {
            isStopping = true
            monitor.wakeAll()
            while !hasStopped { _ = monitor.wait(until: nil) }
        }
    }

    private func run() {
        while let group = next() {
            var batch = WriteBatch()
            for commit in group { batch.append(commit.batch) }
            let outcome: Report
            do throws(StorageError) {
                try store.write(batch, sync: group.contains(where: \.sync))
                outcome = .committed(group[group.count - 1].token)
            } catch {
                outcome = .failed(group[0].token, error)
            }
            finish(group, outcome)
        }
        monitor.withLock {
            hasStopped = true
            monitor.wakeAll()
        }
    }

    /// The commits to do next, at least one, or nil when all is done and nothing follows.
    private func next() -> [Commit]? {
        monitor.withLock {
            while waiting.isEmpty, !isStopping { _ = monitor.wait(until: nil) }
            guard !waiting.isEmpty else { return nil }
            var byteCount = 0
            let group = waiting.prefix { commit in
                byteCount += commit.batch.byteCount
                return byteCount <= configuration.commitGroupByteCountMax
            }
            let count = max(group.count, 1)
            defer { waiting.removeFirst(count) }
            isWriting = true
            return Array(waiting.prefix(count))
        }
    }

    private func finish(_ group: [Commit], _ outcome: Report) {
        // Reported before the group counts as done, so that whoever finds the committer idle has the report.
        report(outcome)
        monitor.withLock {
            isWriting = false
            if case .failed = outcome {
                hasFailed = true
                waiting = []
            } else {
                counts.commits += group.count
                counts.groups += 1
            }
            monitor.wakeAll()
        }
    }
}
