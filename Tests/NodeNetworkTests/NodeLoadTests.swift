import CryptoCore
import Foundation
import Glibc
import Gossip
import KeyValueStorage
import NodeCore
import NodeHarness
import NodeNetwork
import PeerNetworking
import PeerProtocols
import RecordSamples
import Records
import Testing

/// A node under load, and without any.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct NodeLoadTests {
    /// Records of many signers, published by one peer at some hundred a second, are all stored, the last one not long
    /// after it was sent; scripts/bench store measures how many there may be.
    @Test func hundredsOfRecordsASecondAreStored() async throws {
        let perSecond = 600
        let seconds = 4
        let node = try await TestNode(1)
        let peer = try await HostilePeer(2, to: node)
        let stream = try await peer.join()
        let topic = try #require(GossipTopic(node.topic))
        let author = PeerIdentity(privateKey: try RecordSamples.key(2))
        let time = TestNode.now
        let frames = try (0..<perSecond * seconds).map { number in
            let record = try RecordSamples().record(notary: 100 + number % 40, session: number, at: time)
            let message = MessageSigning.sign(
                record.bytes,
                topic: topic,
                sequenceNumber: UInt64(number),
                author: author
            )
            return GossipRPC(messages: [try #require(message)]).frame
        }
        let before = Self.processorSeconds
        let start = ContinuousClock.now
        let isWritten = await TestNode.onThread {
            for (number, frame) in frames.enumerated() {
                let due = start + .seconds(1) / perSecond * number
                if due > .now { Thread.sleep(forTimeInterval: (due - .now) / .seconds(1)) }
                guard (try? stream.write(frame)) != nil else { return false }
            }
            return true
        }
        #expect(isWritten)
        try await TestNode.wait("all records") { try await node.status().recordCount == frames.count }
        let elapsed = start.duration(to: .now)
        let used = Self.processorSeconds - before
        let commits = node.loop.commitStatistics
        print(
            "\(frames.count) records in \(elapsed), \(commits.groups) synced writes,",
            "\(Int(used / Double(frames.count) * 1e6)) µs of processor time a record on both sides"
        )
        // The last record is sent just before this time.
        #expect(elapsed < .seconds(seconds + 3))
        let status = try await node.status()
        #expect(status.statistics.refusals.isEmpty)
        #expect(status.gossip.messagesDropped == 0)
        await peer.stop()
        await node.destroy()
    }

    /// Every record gets from the end of its session to the stores of eight nodes, half of them within a second;
    /// scripts/bench store measures how fast.
    @Test func eightNodesStoreEveryRecord() async throws {
        let first = try await TestNode(1)
        var nodes = [first]
        for number in 2...8 { nodes.append(try await TestNode(number, bootstrap: [first.address])) }
        for node in nodes { try await node.awaitMesh(3) }
        var times: [Duration] = []
        for session in 0..<15 {
            let start = ContinuousClock.now
            let id = try await nodes[session % 8].attested(session)
            try await TestNode.wait("record \(session)") { try nodes.allSatisfy { try $0.has(id) } }
            times.append(start.duration(to: .now))
        }
        times.sort()
        print("stored by eight nodes after \(times[7]) in the middle, \(times[14]) at most")
        #expect(times[7] < .seconds(1), "\(times)")
        for node in nodes { await node.destroy() }
    }

    /// Three nodes in a mesh that nobody uses take less than three hundredths of a processor each.
    @Test func idleNodesRest() async throws {
        let first = try await TestNode(1)
        let others = [
            try await TestNode(2, bootstrap: [first.address]), try await TestNode(3, bootstrap: [first.address]),
        ]
        try await first.awaitMesh(2)
        try await Task.sleep(for: .seconds(3))
        let before = Self.processorSeconds
        try await Task.sleep(for: .seconds(5))
        let share = (Self.processorSeconds - before) / 5 / 3
        print("an idle node takes \(Int(share * 1e6)) millionths of a processor")
        #expect(share < 0.03)
        for node in [first] + others { await node.destroy() }
    }

    /// Processor time that this process took.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
