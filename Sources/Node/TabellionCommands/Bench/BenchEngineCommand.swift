package import ArgumentParser
internal import WireFormat

/// `tabellion bench engine`: whole sessions.
package struct BenchEngineCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Measure sessions between two processes, over a real web server.",
        discussion: """
            Starts a notary with a throw-away key, and a fresh prover process for each session; the web server is one \
            that scripts/demo-server started. Figures are medians. Processor time is that of all threads of a process \
            during the session: the prover's without the start of its process, with the building of its circuits \
            unless --warm is given; the notary builds them when it starts. Peaks of memory are above what the processes \
            had before: the prover before it connected, the notary before its first session. \
            Bytes are those of the session's frames. Round trips are counted once the server is contacted (online) \
            or before that (setup).
            """
    )

    @OptionGroup var session: BenchSessionOptions

    @Option(name: .long, help: ArgumentHelp("Sessions to measure.", valueName: "count"))
    var runs = 5

    @Option(
        name: .long,
        help: ArgumentHelp("Run this many sessions at the same time, once, and say how they fared.", valueName: "count")
    )
    var together: Int?

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Refuses numbers that measure nothing.
    package func validate() throws {
        guard (1...10_000).contains(runs) else { throw ValidationError("--runs is 1 to 10000") }
        if let together, !(1...256).contains(together) { throw ValidationError("--together is 1 to 256") }
    }

    /// Measures.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let (session, runs, together) = (session, runs, together)
        return try await SessionThread.run {
            let benchmark = try EngineBenchmark(session, sessionCount: together ?? 32)
            defer { benchmark.stop() }
            if let together { return BenchReport.report(try benchmark.runTogether(together)) }
            let samples = try benchmark.run(runs, over: benchmark.notaryAddress)
            return BenchReport.report(benchmark.members(samples))
        }
    }
}
