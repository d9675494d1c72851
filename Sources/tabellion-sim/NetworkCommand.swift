import ArgumentParser
import NetworkSimulation
import WireFormat

/// `tabellion-sim network`: whole runs.
struct NetworkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Let nodes gossip attestations while something goes wrong, and check what must hold.",
        discussion: """
            Nodes are the real core on simulated links and disks, in virtual time, on one thread. Equal options give \
            equal runs, down to the trace. Exits with 1 when a run breaks what must always hold, after printing the \
            command that repeats it. docs/simulation.md says what the faults are and what is checked.
            """
    )

    @Option(help: ArgumentHelp("Participants, adversaries among them.", valueName: "count"))
    var nodes = 1_000

    @Option(help: ArgumentHelp("What all random choices come from.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Run so many seeds, from --seed on.", valueName: "count"))
    var seeds = 1

    @Option(help: ArgumentHelp("What goes wrong: \(Self.faults).", valueName: "fault"))
    var fault = "none"

    @Option(help: ArgumentHelp("The share of connections or nodes that the fault concerns.", valueName: "0…0.9"))
    var share: Double?

    @Option(help: ArgumentHelp("How long the fault lasts.", valueName: "seconds"))
    var faultSeconds: Double?

    @Option(help: ArgumentHelp("Attestations a second, in the whole network.", valueName: "number"))
    var rate = 1.0

    @Option(help: ArgumentHelp("How long attestations are made.", valueName: "seconds"))
    var seconds = 60.0

    @Option(
        help: ArgumentHelp("The length of a record, 600 to 1010; messages are some 200 longer.", valueName: "bytes")
    )
    var payload = 700

    @Option(help: ArgumentHelp("Whether nodes announce what they do not want any more.", valueName: "on|off"))
    var idontwant = "on"

    @Option(help: ArgumentHelp("Peers that a node knows when it first starts.", valueName: "count"))
    var known = 10

    @Flag(help: "Let nodes discover others on the scale of real nodes: more connections, lookups and memory.")
    var fullDiscovery = false

    @Flag(help: "Let every RPC cross links as bytes, and compare it.")
    var encode = false

    @Flag(help: "Print JSON, one object a run.")
    var json = false

    @Option(help: ArgumentHelp("Plant a fault in nodes, which the checks must find.", visibility: .hidden))
    var plant: String?

    private static var faults: String { SimulatedFault.allCases.map(\.rawValue).joined(separator: ", ") }

    func validate() throws {
        guard (1...1_000_000).contains(seeds) else { throw ValidationError("--seeds is 1 to 1000000") }
        do {
            try options(seed: seed).validate()
        } catch let error as SimulationOptionsError {
            throw ValidationError("the options make no sense: \(error)")
        }
    }

    func run() throws {
        var isGood = true
        for number in 0..<UInt64(seeds) {
            let options = try options(seed: seed &+ number)
            let usage = ProcessUsage()
            let report = try Simulation(options).run()
            show(report, usage)
            if !report.isGood {
                isGood = false
                Self.complain("seed \(options.seed) failed; to repeat it:\n  \(options.command)")
            }
        }
        if !isGood { throw ExitCode(1) }
    }

    private func show(_ report: SimulationReport, _ usage: ProcessUsage) {
        if json {
            var members: [JSONMember] = []
            if case .object(let known) = report.json { members = known }
            members.append(JSONMember("wall_s", SimulationReport.number(usage.wallSeconds)))
            members.append(JSONMember("cpu_s", SimulationReport.number(usage.cpuSeconds)))
            members.append(JSONMember("peak_bytes", .number(String(ProcessUsage.peakByteCount))))
            print(JSONValue.object(members).text(indented: seeds == 1))
        } else if seeds > 1, report.isGood {
            let milliseconds = report.delays.percentile(99) / 1_000
            print(
                "seed \(report.options.seed): good, \(report.recordCount) records, p99 \(milliseconds) ms, "
                    + "\(report.trace)"
            )
        } else {
            print(report.text)
            let megabytes = ProcessUsage.peakByteCount >> 20
            print(
                "cost           \(usage.wallSeconds) s, \(usage.cpuSeconds) s of processor time, "
                    + "at most \(megabytes) MB"
            )
        }
    }

    private func options(seed: UInt64) throws -> SimulationOptions {
        guard let fault = SimulatedFault(rawValue: fault) else {
            throw ValidationError("--fault is one of \(Self.faults)")
        }
        guard idontwant == "on" || idontwant == "off" else { throw ValidationError("--idontwant is on or off") }
        guard (0...86_400).contains(seconds), (0...86_400).contains(faultSeconds ?? 0) else {
            throw ValidationError("seconds are 0 to 86400")
        }
        var options = SimulationOptions()
        options.nodeCount = nodes
        options.seed = seed
        options.fault = fault
        options.faultShare = share
        options.faultDuration = faultSeconds.map { .seconds($0) }
        options.messagesPerSecond = rate
        options.publishing = .seconds(seconds)
        options.recordByteCount = payload
        options.announcesUnwanted = idontwant == "on"
        options.knownPeerCount = known
        options.encodesFrames = encode
        options.usesFullDiscovery = fullDiscovery
        if let plant {
            guard let planted = PlantedFault(rawValue: plant) else {
                let names = PlantedFault.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--plant is one of \(names)")
            }
            options.plantedFault = planted
        }
        return options
    }

    private static func complain(_ text: String) {
        var stream = StandardError()
        print(text, to: &stream)
    }
}
