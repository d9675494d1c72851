internal import Foundation

/// What a command may touch besides files: the two output streams, the clock, and a person at a terminal.
package struct CommandEnvironment: Sendable {
    /// Writes to standard output.
    package let writeOutput: @Sendable (String) -> Void
    /// Writes to standard error.
    package let writeError: @Sendable (String) -> Void
    /// The present moment in seconds since 1970.
    package let unixTime: @Sendable () -> Int64
    /// Asks a person for a passphrase without showing it; nil if there is no terminal.
    package let askPassphrase: @Sendable (_ prompt: String) -> [UInt8]?
    /// Whether standard error is a terminal, so that progress may be redrawn.
    package let isInteractive: Bool

    /// An environment from its parts.
    package init(
        writeOutput: @escaping @Sendable (String) -> Void,
        writeError: @escaping @Sendable (String) -> Void,
        unixTime: @escaping @Sendable () -> Int64,
        askPassphrase: @escaping @Sendable (_ prompt: String) -> [UInt8]?,
        isInteractive: Bool
    ) {
        self.writeOutput = writeOutput
        self.writeError = writeError
        self.unixTime = unixTime
        self.askPassphrase = askPassphrase
        self.isInteractive = isInteractive
    }

    /// The streams, clock and terminal of this process.
    package static var process: CommandEnvironment {
        CommandEnvironment(
            writeOutput: { FileHandle.standardOutput.write(Data($0.utf8)) },
            writeError: { FileHandle.standardError.write(Data($0.utf8)) },
            unixTime: { Int64(Date().timeIntervalSince1970) },
            askPassphrase: { Terminal.askPassphrase($0) },
            isInteractive: isatty(STDERR_FILENO) == 1
        )
    }
}
