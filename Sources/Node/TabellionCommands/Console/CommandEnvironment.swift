internal import Foundation
internal import Glibc

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
            writeOutput: { text in
                let number = ProcessStreams.write(text, to: STDOUT_FILENO)
                // Whoever reads a pipe may stop reading; a result that does not fit on a disk is lost.
                guard number != 0, number != EPIPE else { return }
                let failure = FileFailure.unwritable("standard output", number)
                _ = ProcessStreams.write("tabellion: \(failure.message)\n", to: STDERR_FILENO)
                exit(failure.status.rawValue)
            },
            writeError: { _ = ProcessStreams.write($0, to: STDERR_FILENO) },
            unixTime: { Int64(Date().timeIntervalSince1970) },
            askPassphrase: { Terminal.askPassphrase($0) },
            isInteractive: isatty(STDERR_FILENO) == 1
        )
    }
}
