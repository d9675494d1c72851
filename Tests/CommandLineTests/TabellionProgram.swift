import Foundation
import Testing

/// The `tabellion` of this build, run as its users run it.
enum TabellionProgram {
    /// How a run ended.
    struct Run: Sendable {
        let status: Int32
        let output: String
        let errors: String

        /// The one JSON object that the run printed.
        func json(sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(object as? [String: Any], sourceLocation: sourceLocation)
        }
    }

    /// A run that goes on.
    final class Running: Sendable {
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
        var processIdentifier: Int32 { process.processIdentifier }

        /// Waits for its end; ends it itself after a minute and a half.
        func end() async -> Run {
            let deadline = ContinuousClock.now + .seconds(90)
            while process.isRunning {
                if ContinuousClock.now > deadline { process.terminate() }
                try? await Task.sleep(for: .milliseconds(5))
            }
            return Run(
                status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
                output: streams[0].text(),
                errors: streams[1].text()
            )
        }
    }

    /// Where the build put it: beside the program that runs the tests.
    static let path: String = {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("tabellion").path
    }()

    /// Starts a run in a directory; `wrapper` is a command that is to start the program.
    static func start(_ arguments: [String], in directory: String = "/", wrapper: [String] = []) throws -> Running {
        try Running(arguments, in: directory, wrapper: wrapper)
    }

    /// Runs the program to its end.
    static func run(_ arguments: [String], in directory: String = "/", wrapper: [String] = []) async throws -> Run {
        try await start(arguments, in: directory, wrapper: wrapper).end()
    }

    /// Reads a pipe to its end on a thread of its own.
    ///
    /// `@unchecked Sendable`: `data` is written before the semaphore is signalled and read after it.
    private final class Collector: @unchecked Sendable {
        let pipe = Pipe()
        private var data = Data()
        private let done = DispatchSemaphore(value: 0)

        func start() {
            Thread.detachNewThread {
                self.data = (try? self.pipe.fileHandleForReading.readToEnd()) ?? Data()
                self.done.signal()
            }
        }

        func text() -> String {
            done.wait()
            return String(decoding: data, as: UTF8.self)
        }
    }
}
