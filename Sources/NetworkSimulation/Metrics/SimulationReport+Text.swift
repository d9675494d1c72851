extension SimulationReport {
    /// The report for people.
    package var text: String {
        var lines = [
            "\(options.fault.rawValue): \(options.nodeCount) nodes, \(options.honestCount) honest, seed \(options.seed)",
            "records        \(recordCount) in \(seconds(virtualSeconds)) of virtual time"
                + (lostRecordCount > 0 ? ", \(lostRecordCount) lost with their author" : ""),
            "delivered      \(percent(deliveryRate)), within \(seconds(options.promptBound / .seconds(1))) "
                + "\(percent(promptRate)), \(caughtUpCount) by catching up",
            "latency        p50 \(milliseconds(delays.percentile(50))), p99 \(milliseconds(delays.percentile(99))), "
                + "max \(milliseconds(delays.max))",
            "hops           p50 \(hops.percentile(50)), p99 \(hops.percentile(99)), max \(hops.max)",
            "duplicates     \(rounded(duplicatesPerMessage)) a message",
            "bytes a node   \(Int(byteCountPerNode))",
        ]
        lines += traffic.map { traffic in
            "  \(traffic.name): \(Int(traffic.messageByteCount)) in messages, \(Int(traffic.controlByteCount)) besides"
        }
        lines += figures.map { "\($0.name)  \(rounded($0.value))" }
        lines.append("steps          \(stepCount), trace \(trace)")
        lines += violations.map { "VIOLATION: \($0)" }
        return lines.joined(separator: "\n")
    }

    private func percent(_ value: Double) -> String {
        // Rounded down, so that 100 % is 100 %.
        let thousandths = Int((value * 100_000).rounded(.down))
        return "\(thousandths / 1_000).\(String(thousandths % 1_000 + 1_000).dropFirst()) %"
    }

    private func milliseconds(_ microseconds: UInt32) -> String { "\((microseconds + 500) / 1_000) ms" }
    private func seconds(_ value: Double) -> String { "\(rounded(value)) s" }

    private func rounded(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return hundredths % 100 == 0
            ? "\(hundredths / 100)" : "\(hundredths / 100).\(String(abs(hundredths % 100) + 100).dropFirst())"
    }
}
