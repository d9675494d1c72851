package import ArgumentParser

/// `tabellion bench`: measurements, printed for people or as JSON.
package struct BenchCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    package static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure the engine's kernels, whole sessions, and sessions over slow links.",
        discussion: "scripts/bench builds in release, starts the web server that sessions need, and runs these.",
        subcommands: [
            BenchKernelsCommand.self, BenchEngineCommand.self, BenchNetworkCommand.self, BenchProverCommand.self,
        ]
    )

    /// Creates the command with nothing parsed.
    package init() {}
}
