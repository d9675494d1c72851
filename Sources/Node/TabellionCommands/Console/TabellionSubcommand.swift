package import ArgumentParser
internal import HTTPTranscript
internal import WireFormat

/// A command that ends with a report or a failure and leaves printing and exit status to this protocol.
package protocol TabellionSubcommand: AsyncParsableCommand {
    /// The options that every command has.
    var output: OutputOptions { get }

    /// Does the work; everything the command needs besides files comes from `environment`.
    mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport
}

extension TabellionSubcommand {
    /// Runs the command in this process, prints its report and ends with its status.
    package mutating func run() async throws {
        let status = await runReporting(in: .process)
        if status != .success { throw ExitCode(status.rawValue) }
    }

    /// Runs the command, prints its report or failure, and gives the status.
    package mutating func runReporting(in environment: CommandEnvironment) async -> ExitStatus {
        let report: CommandReport
        do {
            report = try await execute(in: environment)
        } catch {
            let failure = error as? CommandFailure ?? CommandFailure(.failure, "\(error)")
            report = CommandReport(text: "", members: [], failure: failure)
        }
        if output.json {
            let value = CommandReport.json(members: report.members, failure: report.failure)
            environment.writeOutput(value.text(indented: true) + "\n")
        } else if !report.text.isEmpty {
            environment.writeOutput(report.text.hasSuffix("\n") ? report.text : report.text + "\n")
        }
        guard let failure = report.failure else { return .success }
        // Messages may quote servers, certificates and files of others.
        environment.writeError("tabellion: \(TranscriptRendering.escape(failure.message))\n")
        if let advice = failure.advice { environment.writeError("  \(advice)\n") }
        return failure.status
    }
}
