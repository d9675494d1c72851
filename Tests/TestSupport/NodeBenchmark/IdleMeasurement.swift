import Foundation

/// What a running node takes while nobody asks anything of it.
struct IdleMeasurement {
    let pid: Int32
    private let duration = Duration.seconds(20)

    init(pid: Int32) {
        self.pid = pid
    }

    func run(_ report: inout BenchmarkReport) async throws {
        let process = BenchmarkProcess(pid: pid)
        // Circuits are made, peers found.
        try await Task.sleep(for: .seconds(15))
        let before = process.processorSeconds
        let start = ContinuousClock.now
        try await Task.sleep(for: duration)
        let share = (process.processorSeconds - before) / (start.duration(to: .now) / .seconds(1))
        guard let resident = process.residentByteCount else { throw Gone(pid: pid) }
        report.add(
            "idle_node",
            [("processor_percent", 100 * share), ("resident_bytes", Double(resident))]
        )
        report.check("idle_node.processor_percent", 100 * share, atMost: 1)
        report.check("idle_node.resident_bytes", Double(resident), atMost: 100e6)
    }

    /// There is no such process any more.
    struct Gone: Error {
        let pid: Int32
    }
}
