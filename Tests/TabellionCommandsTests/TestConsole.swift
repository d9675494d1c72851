import ArgumentParser
import Foundation
import TabellionCommands

/// Runs subcommands inside of the test process and keeps what they print.
final class TestConsole: @unchecked Sendable {
    /// `@unchecked Sendable`: `lock` guards all mutable state.
    private let lock = NSLock()
    private var output = ""
    private var errors = ""
    private var passphrases: [String]
    private let now: Int64
    private var lastStatus: TabellionCommands.ExitStatus?

    init(passphrases: [String] = [], now: Int64 = 1_800_000_000) {
        self.passphrases = passphrases
        self.now = now
    }

    var standardOutput: String { lock.withLock { output } }
    var standardError: String { lock.withLock { errors } }

    /// A status that a helper keeps for its caller.
    var status: TabellionCommands.ExitStatus? {
        get { lock.withLock { lastStatus } }
        set { lock.withLock { lastStatus = newValue } }
    }

    var environment: CommandEnvironment {
        CommandEnvironment(
            writeOutput: { text in self.lock.withLock { self.output += text } },
            writeError: { text in self.lock.withLock { self.errors += text } },
            unixTime: { self.now },
            askPassphrase: { _ in
                self.lock.withLock { self.passphrases.isEmpty ? nil : Array(self.passphrases.removeFirst().utf8) }
            },
            isInteractive: false
        )
    }

    /// Parses `arguments` with the whole command tree, as the shell would, and runs what they name.
    func run(_ arguments: String...) async throws -> TabellionCommands.ExitStatus {
        try await run(arguments)
    }

    /// Like the other `run`, with the arguments as one list.
    func run(_ arguments: [String]) async throws -> TabellionCommands.ExitStatus {
        let parsed = try Tabellion.parseAsRoot(arguments)
        guard var command = parsed as? any TabellionSubcommand else { return .usage }
        return await command.runReporting(in: environment)
    }
}

/// A directory that is removed with everything in it at the end of a test.
final class ScratchDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tabellion-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

    func read(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: file(name))
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}
