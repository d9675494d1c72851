package import WireFormat

extension SimulationReport {
    /// The report for machines; what a run costs on this machine is not in it, so that equal runs have equal reports.
    package var json: JSONValue {
        var members = [
            JSONMember("fault", .string(options.fault.rawValue)),
            JSONMember("nodes", Self.count(options.nodeCount)),
            JSONMember("honest_nodes", Self.count(options.honestCount)),
            JSONMember("seed", .unsigned(options.seed)),
            JSONMember("share", Self.number(options.share)),
            JSONMember("messages_per_second", Self.number(options.messagesPerSecond)),
            JSONMember("seconds", Self.number(options.publishing / .seconds(1))),
            JSONMember("record_bytes", Self.count(options.recordByteCount)),
            JSONMember("idontwant", .bool(options.announcesUnwanted)),
            JSONMember("prompt_bound_ms", Self.number(options.promptBound / .milliseconds(1))),
            JSONMember("bound_ms", Self.number(options.bound / .milliseconds(1))),
            JSONMember("good", .bool(isGood)),
            JSONMember("violations", .array(violations.map { .string($0.description) })),
            JSONMember("trace", .string(trace.description)),
            JSONMember("records", Self.count(recordCount)),
            JSONMember("records_lost_by_crash", Self.count(lostRecordCount)),
            JSONMember("delivery_rate", Self.number(deliveryRate, digits: 6)),
            JSONMember("prompt_rate", Self.number(promptRate, digits: 6)),
            JSONMember("caught_up", Self.count(caughtUpCount)),
            JSONMember("latency_p50_ms", Self.number(Double(delays.percentile(50)) / 1_000)),
            JSONMember("latency_p99_ms", Self.number(Double(delays.percentile(99)) / 1_000)),
            JSONMember("latency_max_ms", Self.number(Double(delays.max) / 1_000)),
            JSONMember("hops_p50", Self.count(Int(hops.percentile(50)))),
            JSONMember("hops_p99", Self.count(Int(hops.percentile(99)))),
            JSONMember("hops_max", Self.count(Int(hops.max))),
            JSONMember("duplicates_per_message", Self.number(duplicatesPerMessage)),
            JSONMember("bytes_per_node", Self.number(byteCountPerNode)),
            JSONMember("bytes_per_node_by_use", .array(traffic.map(Self.traffic))),
        ]
        members += figures.map { JSONMember($0.name, Self.number($0.value)) }
        members += [
            JSONMember("virtual_seconds", Self.number(virtualSeconds)),
            JSONMember("steps", Self.count(stepCount)),
            JSONMember("checks", Self.count(checkCount)),
        ]
        return .object(members)
    }

    private static func traffic(_ traffic: Traffic) -> JSONValue {
        .object([
            JSONMember("use", .string(traffic.name)),
            JSONMember("messages", number(traffic.messageByteCount)),
            JSONMember("control", number(traffic.controlByteCount)),
        ])
    }

    private static func count(_ value: Int) -> JSONValue { .number(String(value)) }

    /// A number with so many digits behind the point.
    package static func number(_ value: Double, digits: Int = 3) -> JSONValue {
        let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
        let scaled = (value * scale).rounded()
        guard scaled.magnitude < 1e15 else { return .number("0") }
        let whole = Int(scaled)
        let fraction = String(whole.magnitude % UInt(scale) + UInt(scale)).dropFirst()
        return .number("\(whole < 0 ? "-" : "")\(whole.magnitude / UInt(scale)).\(fraction)")
    }
}
