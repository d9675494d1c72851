import ArgumentParser

/// `tabellion-sim`: simulated networks of the real node.
@main
struct SimulatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tabellion-sim",
        abstract: "Run networks of Tabellion nodes in virtual time.",
        subcommands: [NetworkCommand.self, BenchCommand.self]
    )
}
