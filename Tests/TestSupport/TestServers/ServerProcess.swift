package import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Why a server or a tool that tests need did not work.
package struct TestServerError: Error, CustomStringConvertible {
    /// What happened, with the end of the log if there is one.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A server in a process of its own that never outlives the tests.
///
/// A shell waits on a pipe that only the tests hold open. When they stop the server, or end in any way at all, the
/// pipe closes and the shell ends the server. What is written to the pipe becomes the server's standard input.
package final class ServerProcess: Sendable {
    private static let script = """
        fifo=$1; shift; mkfifo "$fifo"; "$@" <"$fifo" & child=$!
        echo "$child" >"$fifo.pid"
        cat >"$fifo"; kill "$child" 2>/dev/null; wait "$child" 2>/dev/null
        """
    /// Serialises starts, so that no shell inherits the pipe of another before it is marked close-on-exec.
    private static let starting = NSLock()

    private let process: Process
    private let input: FileHandle
    private let identifierFile: URL
    /// The port that it listens on.
    package let port: UInt16
    /// What it wrote to standard output and standard error.
    package let log: URL

    /// Starts `command` and waits until something accepts connections on `port` of 127.0.0.1.
    package init(
        command: [String],
        port: UInt16,
        directory: URL,
        environment: [String: String] = [:]
    ) throws {
        self.port = port
        identifierFile = directory.appendingPathComponent("stdin.pid")
        log = directory.appendingPathComponent("server.log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let output = try FileHandle(forWritingTo: log)
        defer { try? output.close() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", directory.appendingPathComponent("stdin").path] + command
        process.currentDirectoryURL = directory
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = output
        (self.process, input) = try Self.starting.withLock {
            let pipe = Pipe()
            _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
            process.standardInput = pipe
            try process.run()
            try pipe.fileHandleForReading.close()
            return (process, pipe.fileHandleForWriting)
        }
        do {
            try waitUntilListening()
        } catch {
            stop()
            throw error
        }
    }

    /// Writes a line to the server's standard input.
    package func write(line: String) throws {
        try input.write(contentsOf: Data((line + "\n").utf8))
    }

    /// The number of the server's process.
    package var processIdentifier: Int32? {
        guard let text = try? String(contentsOf: identifierFile, encoding: .utf8) else { return nil }
        return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Sends the server a signal.
    package func send(signal number: Int32) {
        guard let processIdentifier else { return }
        _ = kill(processIdentifier, number)
    }

    /// Ends the server, if it still runs, and gives its exit status.
    package func status() -> Int32 {
        stop()
        return process.terminationStatus
    }

    /// Ends the server and returns when it is gone.
    package func stop() {
        try? input.close()
        while process.isRunning {
            usleep(2_000)
        }
    }

    deinit {
        stop()
    }

    private func waitUntilListening() throws {
        for _ in 0..<500 {
            if let connection = try? LoopbackConnection(port: port) {
                connection.close()
                return
            }
            guard process.isRunning else { break }
            usleep(20_000)
        }
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        throw TestServerError("the server did not start: \(text.suffix(2_000))")
    }
}
