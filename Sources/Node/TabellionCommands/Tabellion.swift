package import ArgumentParser
internal import CKernels

/// The command `tabellion`; every subcommand is a file of its own.
package struct Tabellion: AsyncParsableCommand {
    /// Name, help and subcommands.
    package static let configuration = CommandConfiguration(
        commandName: "tabellion",
        abstract: "Notarize web data over TLS, and check what others have notarized.",
        discussion: """
            A buyer fetches a page together with a notary that never sees it, and leaves with a signed attestation \
            that anybody verifies offline.

            EXIT STATUS:
            \(ExitStatus.table)
            """,
        version: version,
        subcommands: [
            NotarizeCommand.self, PresentCommand.self, VerifyCommand.self, InspectCommand.self, KeygenCommand.self,
            InitCommand.self, NodeCommand.self, NotarizationsCommand.self, StoreCommand.self, BenchCommand.self,
        ]
    )

    /// The version of the program.
    package static let version = "0.1.0"

    /// Creates the command with nothing parsed.
    package init() {}

    /// Sets up memory and signals of this process; called first of all, while there is only one thread.
    package static func configureProcess() {
        tab_memory_configure()
        ProcessStreams.ignoreSignals()
    }

    /// Parses the arguments of this process, runs the subcommand and ends the process with its status.
    package static func start() async {
        await main()
    }
}
