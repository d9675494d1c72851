import CryptoCore
import Foundation
import Gossip
import NodeCore
import NodeHarness
import NodeNetwork
import PeerNetworking
import PeerProtocols
import RecordSamples
import Records

/// How a node keeps up with a peer that publishes valid records at a steady rate, over a socket on this machine.
struct AcceptanceMeasurement {
    let perSecond: Int
    let seconds: Int

    func run(_ report: inout BenchmarkReport) async throws {
        let node = try await TestNode(1)
        let peer = try await HostilePeer(2, to: node)
        let stream = try await peer.join()
        let frames = try frames(topic: node.topic)
        let before = BenchmarkProcess.own.processorSeconds
        let start = ContinuousClock.now
        let written = await TestNode.onThread {
            for (number, frame) in frames.enumerated() {
                let due = start + .seconds(1) / perSecond * number
                if due > .now { Thread.sleep(forTimeInterval: (due - .now) / .seconds(1)) }
                guard (try? stream.write(frame)) != nil else { return number }
            }
            return frames.count
        }
        try await TestNode.wait("all records in the store", within: .seconds(60)) {
            try await node.status().recordCount >= written
        }
        let elapsed = start.duration(to: .now) / .seconds(1)
        let processor = BenchmarkProcess.own.processorSeconds - before
        let status = try await node.status()
        let rate = Double(status.recordCount) / elapsed
        report.add(
            "accepted_by_one_node",
            [
                ("offered_per_second", Double(perSecond)), ("offered", Double(frames.count)),
                ("stored", Double(status.recordCount)), ("seconds", elapsed), ("stored_per_second", rate),
                ("synced_writes", Double(node.loop.commitStatistics.groups)),
                ("processor_us_per_record_of_both_sides", processor / Double(frames.count) * 1e6),
                ("refused", Double(status.statistics.refusals.values.reduce(0, +))),
                ("dropped", Double(status.gossip.messagesDropped)),
            ]
        )
        report.check("accepted_by_one_node.stored_per_second", rate, atLeast: min(500, 0.95 * Double(perSecond)))
        report.check("accepted_by_one_node.lost", Double(frames.count - Int(status.recordCount)), atMost: 0)
        await peer.stop()
        await node.destroy()
    }

    /// Enough signers for none to reach its own limit.
    private func frames(topic: String) throws -> [[UInt8]] {
        guard let topic = GossipTopic(topic) else { throw TestNode.Missing(what: "topic") }
        let author = PeerIdentity(privateKey: try RecordSamples.key(2))
        let time = TestNode.now
        let signers = max(40, perSecond / 20)
        return try (0..<perSecond * seconds).map { number in
            let record = try RecordSamples().record(notary: 100 + number % signers, session: number, at: time)
            guard
                let message = MessageSigning.sign(
                    record.bytes,
                    topic: topic,
                    sequenceNumber: UInt64(number),
                    author: author
                )
            else { throw TestNode.Missing(what: "signature") }
            return GossipRPC(messages: [message]).frame
        }
    }
}
