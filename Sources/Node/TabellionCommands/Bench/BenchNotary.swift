internal import Foundation

/// A notary in a process of its own, with a throw-away key, for as long as this object lives.
final class BenchNotary {
    /// Its address.
    let address: String
    /// Bytes of memory that it had before its first session.
    let idleByteCount: Int
    /// What it takes of the machine.
    let usage: ProcessUsage
    private let process: Process
    private let directory: URL

    /// Starts a notary that takes `sessionCount` sessions at a time, and waits until it listens.
    init(ca: String, sessionCount: Int) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tabellion-bench-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let key = directory.appendingPathComponent("notary.key").path
        _ = try BenchProcess.output(of: ["keygen", "--out", key])
        process = Process()
        process.executableURL = BenchProcess.executable
        process.arguments = [
            "node", "run", "--key", key, "--listen", "/ip4/127.0.0.1/tcp/0", "--ca", ca, "--max-sent", "16384",
            "--max-received", "\(4 << 20)", "--session-seconds", "3600", "--sessions", "\(sessionCount)",
            "--log-level", "warning",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        usage = ProcessUsage(pid: process.processIdentifier)
        let prefix = "listening on "
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard line.hasPrefix(prefix), let text = line.dropFirst(prefix.count).split(separator: "\n").first else {
            process.terminate()
            throw CommandFailure(.listenFailed, "the notary did not start")
        }
        address = String(text)
        idleByteCount = try Self.settled(usage)
    }

    /// What the process occupies once it has built its circuits: when its size no longer changes.
    private static func settled(_ usage: ProcessUsage) throws -> Int {
        var byteCount = try usage.residentByteCount
        for _ in 0..<100 {
            Thread.sleep(forTimeInterval: 0.3)
            let next = try usage.residentByteCount
            if next == byteCount { break }
            byteCount = next
        }
        return byteCount
    }

    /// Ends the process and removes its key.
    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }
}

/// Other processes of this program.
enum BenchProcess {
    /// This program.
    static var executable: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() }

    /// What a command writes to standard output.
    ///
    /// - Throws: `CommandFailure` if it does not end with status 0; what it says goes to this process' standard error.
    static func output(of arguments: [String]) throws -> Data {
        try start(arguments)()
    }

    /// Starts a command; the result waits for its end and gives what it wrote to standard output.
    static func start(_ arguments: [String], isQuiet: Bool = false) throws -> () throws -> Data {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        if isQuiet { process.standardError = FileHandle.nullDevice }
        try process.run()
        return {
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw CommandFailure(
                    ExitStatus(rawValue: process.terminationStatus) ?? .failure,
                    "tabellion \(arguments.prefix(2).joined(separator: " ")) failed"
                )
            }
            return data
        }
    }
}
