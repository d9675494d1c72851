import ArgumentParser
import NetworkSimulation
import WireFormat

/// `tabellion-sim bench`: the runs that budgets are stated for.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Run what the budgets of the network are stated for, and print JSON.",
        discussion: """
            One object: the runs, as tabellion-sim network prints them, and each budget with what was measured. Exits \
            with 1 when a run breaks what must always hold or a budget is not met.
            """
    )

    @Option(help: ArgumentHelp("Participants of each run; the budgets are for 1000.", valueName: "count"))
    var nodes = 1_000

    @Option(help: ArgumentHelp("What all random choices come from.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("How long attestations are made.", valueName: "seconds"))
    var seconds = 60.0

    @Flag(help: "Also run ten times as many nodes, which takes minutes.")
    var large = false

    func validate() throws {
        guard (20...10_000).contains(nodes) else { throw ValidationError("--nodes is 20 to 10000") }
        guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds is 1 to 3600") }
    }

    func run() throws {
        var table = BudgetTable()
        let usage = ProcessUsage()
        let plain = try table.run("none", options(.none))
        table.check("delivery_rate", plain.deliveryRate, atLeast: 1)
        table.check("prompt_rate", plain.promptRate, atLeast: 1)
        table.check("latency_p99_s", Double(plain.delays.percentile(99)) / 1e6, atMost: 0.8)
        table.check("duplicates_per_message", plain.duplicatesPerMessage, atMost: 6)
        table.check("wall_s", usage.wallSeconds, atMost: 60)
        table.check("peak_bytes", Double(ProcessUsage.peakByteCount), atMost: Double(2 << 30))

        let announced = try table.run("large records, IDONTWANT on", options(.none, recordByteCount: 1_010))
        let silent = try table.run(
            "large records, IDONTWANT off",
            options(.none, recordByteCount: 1_010, announcesUnwanted: false)
        )
        table.check(
            "duplicates_per_large_message_with_idontwant",
            announced.duplicatesPerMessage,
            below: silent.duplicatesPerMessage
        )
        let loss = try table.run("loss of 20 %", options(.loss))
        table.check("loss_prompt_rate", loss.promptRate, atLeast: 0.999)
        let sybil = try table.run("30 % Sybil spammers", options(.sybil))
        table.check("sybil_prompt_rate", sybil.promptRate, atLeast: 0.99)
        table.check("sybil_graylisted_rate", sybil.figure("attackers_graylisted_rate") ?? 0, atLeast: 1)
        if large { try runLarge(&table) }

        print(table.json.text(indented: true))
        guard table.isMet else { throw ExitCode(1) }
    }

    private func runLarge(_ table: inout BudgetTable) throws {
        let before = ProcessUsage.peakByteCount
        let usage = ProcessUsage()
        var options = options(.none)
        options.nodeCount = 10 * nodes
        let report = try table.run("ten times as many nodes", options)
        table.check("large_delivery_rate", report.deliveryRate, atLeast: 1)
        table.check("large_wall_s", usage.wallSeconds, atMost: 900)
        // The peak is the process's: smaller runs before only make the figure more than it is.
        let peak = max(ProcessUsage.peakByteCount, before)
        table.check("large_bytes_per_node", Double(peak) / Double(options.nodeCount), atMost: 200_000)
    }

    private func options(
        _ fault: SimulatedFault,
        recordByteCount: Int = 700,
        announcesUnwanted: Bool = true
    ) -> SimulationOptions {
        var options = SimulationOptions()
        options.nodeCount = nodes
        options.seed = seed
        options.fault = fault
        options.publishing = .seconds(seconds)
        options.recordByteCount = recordByteCount
        options.announcesUnwanted = announcesUnwanted
        return options
    }
}

/// Runs and budgets, as they come.
struct BudgetTable {
    private var runs: [JSONValue] = []
    private var budgets: [JSONValue] = []
    /// Whether every run was good and every budget is met.
    private(set) var isMet = true

    /// Runs a simulation and notes its report.
    mutating func run(_ name: String, _ options: SimulationOptions) throws -> SimulationReport {
        let usage = ProcessUsage()
        let report = try Simulation(options).run()
        var members = [JSONMember("run", .string(name))]
        if case .object(let known) = report.json { members += known }
        members.append(JSONMember("wall_s", SimulationReport.number(usage.wallSeconds)))
        members.append(JSONMember("cpu_s", SimulationReport.number(usage.cpuSeconds)))
        members.append(JSONMember("peak_bytes", .number(String(ProcessUsage.peakByteCount))))
        runs.append(.object(members))
        isMet = isMet && report.isGood
        return report
    }

    /// Notes a budget that says how much something may be.
    mutating func check(_ name: String, _ value: Double, atMost limit: Double) {
        note(name, value, JSONMember("at_most", SimulationReport.number(limit)), isMet: value <= limit)
    }

    /// Notes a budget that says what something must be less than.
    mutating func check(_ name: String, _ value: Double, below limit: Double) {
        note(name, value, JSONMember("below", SimulationReport.number(limit)), isMet: value < limit)
    }

    /// Notes a budget that says how much something must be.
    mutating func check(_ name: String, _ value: Double, atLeast limit: Double) {
        note(name, value, JSONMember("at_least", SimulationReport.number(limit)), isMet: value >= limit)
    }

    private mutating func note(_ name: String, _ value: Double, _ limit: JSONMember, isMet: Bool) {
        budgets.append(
            .object([
                JSONMember("budget", .string(name)),
                JSONMember("measured", SimulationReport.number(value, digits: 6)),
                limit,
                JSONMember("met", .bool(isMet)),
            ])
        )
        self.isMet = self.isMet && isMet
    }

    /// Everything.
    var json: JSONValue {
        .object([
            JSONMember("met", .bool(isMet)),
            JSONMember("budgets", .array(budgets)),
            JSONMember("runs", .array(runs)),
        ])
    }
}
