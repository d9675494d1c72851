import Foundation

/// A running program that is to be killed, and what it has said.
///
/// `@unchecked Sendable`: `output` is written by one thread, and read after that thread signalled its end.
package final class CrashedProcess: @unchecked Sendable {
    private let process = Process()
    private let finished = DispatchSemaphore(value: 0)
    private let firstLine = DispatchSemaphore(value: 0)
    private var output = Data()

    /// A program that cannot be run.
    package struct Missing: Error {
        /// What is missing.
        package let description: String
    }

    /// Starts a program that is built beside the tests.
    ///
    /// - Parameter environment: In addition to this process's own.
    package init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let executable = (tests as NSString).deletingLastPathComponent + "/" + program
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw Missing(description: "there is no \(executable)")
        }
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let reader = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in
            while case let chunk = reader.availableData, !chunk.isEmpty {
                if output.isEmpty { firstLine.signal() }
                output.append(chunk)
            }
            firstLine.signal()
            finished.signal()
        }
    }

    /// The number of the process.
    package var processNumber: Int32 { process.processIdentifier }

    /// Waits until the program has said something, or ended.
    package func waitForFirstLine() {
        firstLine.wait()
    }

    /// Kills the program if it still runs (kill -9), and returns all lines that it said, each as its words.
    package func kill() -> [[Substring]] {
        Foundation.kill(process.processIdentifier, SIGKILL)
        return lines()
    }

    /// Waits for the program's end, and returns all lines that it said, each as its words.
    package func lines() -> [[Substring]] {
        finished.wait()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
    }
}
