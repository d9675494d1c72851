import NodeCore
import NodeHarness

/// How soon an attestation that one of eight nodes signs is in the stores of all eight; whole nodes in this process, over
/// sockets, with their stores on disk.
struct SpreadMeasurement {
    let count: Int

    func run(_ report: inout BenchmarkReport) async throws {
        let first = try await TestNode(1)
        var nodes = [first]
        for number in 2...8 { nodes.append(try await TestNode(number, bootstrap: [first.address])) }
        for node in nodes { try await node.awaitMesh(3) }
        var times: [Double] = []
        for session in 0..<count {
            let start = ContinuousClock.now
            let id = try await nodes[session % 8].attested(session)
            try await TestNode.wait("record \(session) in all stores") { try nodes.allSatisfy { try $0.has(id) } }
            times.append(start.duration(to: .now) / .milliseconds(1))
        }
        times.sort()
        let median = times[count / 2]
        report.add(
            "signed_until_stored_by_eight",
            [("attestations", Double(count)), ("median_ms", median), ("max_ms", times[count - 1])]
        )
        report.check("signed_until_stored_by_eight.max_ms", times[count - 1], atMost: 1_000)
        for node in nodes { await node.destroy() }
    }
}
