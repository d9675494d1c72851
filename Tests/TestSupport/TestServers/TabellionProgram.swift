import Foundation
import Synchronization

/// The `tabellion` of this build, run as its users run it.
package enum TabellionProgram {
    /// How a run ended.
    package struct Run: Sendable {
        /// The exit status, or the negated number of the signal that ended it.
        package let status: Int32
        /// What it wrote to standard output.
        package let output: String
        /// What it wrote to standard error.
        package let errors: String
        /// The most physical memory that it had, in bytes, as far as that was seen.
        package let peakByteCount: Int

        /// The one JSON object that the run printed.
        package func json() throws -> [String: Any] {
            guard let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] else {
                throw TestServerError("no JSON object: \(output.prefix(200))")
            }
            return object
        }
    }

    /// A run that goes on.
    package final class Running: Sendable {
        private let process: Process
        private let streams: [Collector]

        init(_ arguments: [String], in directory: String, wrapper: [String]) throws {
            process = Process()
            let command = wrapper + [TabellionProgram.path] + arguments
            process.executableURL = URL(fileURLWithPath: command[0])
            process.arguments = Array(command.dropFirst())
            process.currentDirectoryURL = URL(fileURLWithPath: directory)
            process.standardInput = FileHandle.nullDevice
            streams = [Collector(), Collector()]
            process.standardOutput = streams[0].pipe
            process.standardError = streams[1].pipe
            try process.run()
            for stream in streams { stream.start() }
        }

        /// The process's number.
        package var processIdentifier: Int32 { process.processIdentifier }

        /// Waits until it has written this to standard output; false if it does not within a minute, or ends before.
        package func hasWritten(_ text: String) async -> Bool {
            let deadline = ContinuousClock.now + .seconds(60)
            while !streams[0].soFar.contains(text) {
                guard process.isRunning, ContinuousClock.now < deadline else { return streams[0].soFar.contains(text) }
                try? await Task.sleep(for: .milliseconds(5))
            }
            return true
        }

        /// Waits for its end; ends it itself after a minute and a half.
        package func end() async -> Run {
            let deadline = ContinuousClock.now + .seconds(90)
            var peak = 0
            while process.isRunning {
                if ContinuousClock.now > deadline { process.terminate() }
                peak = max(peak, ProcessMemory(processIdentifier)?.peakByteCount ?? 0)
                try? await Task.sleep(for: .milliseconds(5))
            }
            return Run(
                status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
                output: streams[0].text(),
                errors: streams[1].text(),
                peakByteCount: peak
            )
        }
    }

    /// Where the build put it: beside the program that runs the tests.
    package static let path: String = {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("tabellion").path
    }()

    /// Starts a run in a directory; `wrapper` is a command that is to start the program.
    package static func start(
        _ arguments: [String],
        in directory: String = "/",
        wrapper: [String] = []
    ) throws -> Running {
        try Running(arguments, in: directory, wrapper: wrapper)
    }

    /// Runs the program to its end.
    package static func run(
        _ arguments: [String],
        in directory: String = "/",
        wrapper: [String] = []
    ) async throws -> Run {
        try await start(arguments, in: directory, wrapper: wrapper).end()
    }

    /// Reads a pipe to its end on a thread of its own.
    ///
    /// `@unchecked Sendable`: the pipe is read by that thread only.
    private final class Collector: @unchecked Sendable {
        let pipe = Pipe()
        private let data = Mutex(Data())
        private let done = DispatchSemaphore(value: 0)

        func start() {
            Thread.detachNewThread {
                let handle = self.pipe.fileHandleForReading
                while case let part = handle.availableData, !part.isEmpty { self.data.withLock { $0 += part } }
                self.done.signal()
            }
        }

        /// What was read until now.
        var soFar: String { String(decoding: data.withLock { $0 }, as: UTF8.self) }

        /// All there was.
        func text() -> String {
            done.wait()
            return soFar
        }
    }
}
