import Foundation
import KeyValueStorage
import NodeCore
import NodeHarness
import NodeNetwork
import RecordSamples
import Synchronization
import Testing

/// Commits that wait for the disk, and a disk that fails.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct StoreCommitterTests {
    private final class Reports: Sendable {
        let all = Mutex<[StoreCommitter.Report]>([])
    }

    private let store: StubbornStore
    private let reports = Reports()

    init() throws {
        store = try StubbornStore(layout: NodeStore.layout(network: RecordSamples().network))
    }

    private func committer(_ change: (inout NodeLoopConfiguration) -> Void = { _ in }) -> StoreCommitter {
        var configuration = NodeLoopConfiguration()
        change(&configuration)
        return StoreCommitter(store: store, configuration: configuration) { [reports] report in
            reports.all.withLock { $0.append(report) }
        }
    }

    private var seen: [StoreCommitter.Report] { reports.all.withLock { $0 } }

    private func batch(_ number: UInt64, byteCount: Int = 1) -> WriteBatch {
        var batch = WriteBatch()
        batch.put(key: [0x7f, UInt8(truncatingIfNeeded: number)], value: [UInt8](repeating: 1, count: byteCount))
        return batch
    }

    private func token(_ number: UInt64) -> CommitToken { CommitToken(number: number) }

    @Test func whatWaitsTogetherIsWrittenTogether() async throws {
        let committer = committer()
        store.isHeld = true
        committer.submit(batch(1), sync: false, token(1))
        try await TestNode.wait("the thread") { store.heldCount == 1 }
        for number in UInt64(2)...9 { committer.submit(batch(number), sync: number == 5, token(number)) }
        #expect(seen.isEmpty, "nothing is reported before it is done")
        store.isHeld = false
        try await TestNode.wait("all commits") { committer.isIdle }
        #expect(seen == [.committed(token(1)), .committed(token(9))])
        #expect(store.writes.map(\.sync) == [false, true])
        #expect(committer.statistics == (9, 2))
        committer.stop()
        #expect(try (1...9).allSatisfy { try store.value(forKey: [0x7f, $0]) == [1] })
    }

    @Test func groupsAreBounded() async throws {
        let committer = committer { $0.commitGroupByteCountMax = 1_000 }
        store.isHeld = true
        committer.submit(batch(0), sync: true, token(1))
        try await TestNode.wait("the thread") { store.heldCount == 1 }
        // Three of 400 bytes do not fit, one of 5,000 goes alone.
        for number in UInt64(2)...4 { committer.submit(batch(number, byteCount: 400), sync: true, token(number)) }
        committer.submit(batch(5, byteCount: 5_000), sync: true, token(5))
        store.isHeld = false
        try await TestNode.wait("all commits") { committer.isIdle }
        #expect(seen == [1, 3, 4, 5].map { .committed(token($0)) })
        committer.stop()
    }

    /// Whoever hands over too many commits waits, without losing one.
    @Test func tooManyCommitsAreHeldBack() async throws {
        let committer = committer { $0.waitingCommitCountMax = 4 }
        store.isHeld = true
        let handedOver = Reports()
        let handing = Task {
            await TestNode.onThread {
                for number in UInt64(1)...20 {
                    committer.submit(batch(number), sync: true, token(number))
                    handedOver.all.withLock { $0.append(.committed(token(number))) }
                }
            }
        }
        try await Task.sleep(for: .milliseconds(200))
        // Those that the thread is writing, up to four, and four that wait.
        #expect(handedOver.all.withLock { $0.count } <= 8)
        store.isHeld = false
        await handing.value
        committer.stop()
        #expect(seen.last == .committed(token(20)))
        #expect(committer.statistics.commits == 20)
    }

    @Test func aFailureIsReportedOnceAndNothingFollows() async throws {
        let committer = committer()
        committer.submit(batch(1), sync: true, token(1))
        try await TestNode.wait("the first commit") { committer.isIdle }
        store.failure = .diskFull(path: "/here")
        committer.submit(batch(2), sync: true, token(2))
        try await TestNode.wait("the second commit") { committer.isIdle }
        store.failure = nil
        committer.submit(batch(3), sync: true, token(3))
        committer.stop()
        #expect(seen == [.committed(token(1)), .failed(token(2), .diskFull(path: "/here"))])
        #expect(try store.value(forKey: [0x7f, 3]) == nil)
    }

    @Test func stoppingFinishesWhatWaits() async throws {
        let committer = committer()
        store.isHeld = true
        for number in UInt64(1)...3 { committer.submit(batch(number), sync: true, token(number)) }
        let store = store
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.1)
            store.isHeld = false
        }
        await TestNode.onThread { committer.stop() }
        #expect(seen.last == .committed(token(3)))
        committer.submit(batch(4), sync: true, token(4))
        #expect(try self.store.value(forKey: [0x7f, 4]) == nil)
    }

    // MARK: In a node

    /// While the disk is busy, requests to sign wait and gossip goes on; then one write serves them all.
    @Test func signaturesWaitForTheDisk() async throws {
        let node = try await TestNode(1, store: store)
        try await TestNode.wait("the start") { try await node.status().waitingCount == 0 }
        store.isHeld = true
        let answers = Task {
            try await withThrowingTaskGroup(of: SigningAnswer.self) { group in
                for session in 0..<10 { group.addTask { try await node.attest(session) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        try await TestNode.wait("requests that wait") { try await node.status().waitingCount > 0 }
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await node.status().recordCount >= 1, "the node is not held up")
        let before = store.writes.count
        store.isHeld = false
        let attested = try await answers.value.filter { if case .attested = $0 { true } else { false } }
        #expect(attested.count == 10)
        #expect(store.writes.count - before <= 4)
        #expect(store.writes.dropFirst(before).filter { !$0.sync }.isEmpty)
        await node.stop()
    }

    /// A store that fails ends signing, with an answer to everyone who waits, and the node still stops.
    @Test func aFailingStoreEndsSigning() async throws {
        let node = try await TestNode(1, store: store)
        _ = try await node.attested(1)
        store.failure = .environment(path: "/here", detail: "the disk is gone")
        #expect(try await node.attest(2) == .refused(.storeUnavailable))
        store.failure = nil
        #expect(try await node.attest(3) == .refused(.storeUnavailable))
        let failures = node.notices.filter { if case .storeFailed = $0 { true } else { false } }
        #expect(failures.count == 1)
        #expect(try await node.status().storeFailure != nil)
        await node.stop()
        #expect(node.loop.hasEnded)
    }
}
