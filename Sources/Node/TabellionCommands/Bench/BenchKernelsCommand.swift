package import ArgumentParser
internal import EngineBenchmarks
internal import WireFormat

/// `tabellion bench kernels`: gates, correlations, proofs and field products a second on one thread.
package struct BenchKernelsCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Measure the engine's kernels on one thread.",
        discussion: """
            Operations in a second of processor time, the median of several runs. and_gates_garbled_per_s and \
            and_gates_evaluated_per_s are for the circuits of a session in their proportion, with all XOR gates. \
            aes_blocks_per_s is the limit that the machine's AES units set.
            """
    )

    @Option(name: .long, help: ArgumentHelp("Runs of each kernel.", valueName: "count"))
    var runs = 7

    @Option(name: .long, help: ArgumentHelp("How long a run takes at least.", valueName: "milliseconds"))
    var milliseconds = 200

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Refuses numbers that measure nothing.
    package func validate() throws {
        guard (1...1000).contains(runs), (1...60_000).contains(milliseconds) else {
            throw ValidationError("--runs is 1 to 1000, --milliseconds 1 to 60000")
        }
    }

    /// Measures.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let (runs, seconds) = (runs, Double(milliseconds) / 1000)
        let figures = try await SessionThread.run { try KernelBenchmarks.run(runs: runs, seconds: seconds) }
        return BenchReport.report(figures.map { JSONMember($0.name, .number(String(Int($0.perSecond.rounded())))) })
    }
}
