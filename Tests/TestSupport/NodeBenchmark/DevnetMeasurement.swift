import Foundation
import Synchronization
import WireFormat

/// How soon what one node of a devnet signs is stored at all of them: whole processes, each with its store, and real
/// sessions with a web server.
///
/// Each node is watched with `tabellion notarizations watch`, which prints a record when it is safe in the node's store.
/// The first to print is the node that signed, as soon as its signature may leave; the last ends the time.
struct DevnetMeasurement {
    /// What is measured, from the command line.
    struct Options {
        /// The program.
        var tabellion: String
        /// The devnet's folder.
        var folder: String
        /// `HOST:PORT` of the web server.
        var server: String
        /// Its certificate authority.
        var authority: String
    }

    let options: Options
    private let sessionCount = 10

    /// What went wrong.
    enum Failure: Error {
        /// A command of `tabellion` failed.
        case command(String, Int32)
        /// Not all nodes stored a record in time.
        case tooLate(storedAt: Int)
    }

    func run(_ report: inout BenchmarkReport) async throws {
        let nodes = try FileManager.default.contentsOfDirectory(atPath: options.folder)
            .filter { $0.hasPrefix("node") }.sorted()
        let watches = try nodes.map { try Watch(options, node: $0) }
        defer { for watch in watches { watch.end() } }
        try await wait { watches.allSatisfy(\.isWatching) }
        var times: [Double] = []
        var last: [Double] = []
        for number in 0..<sessionCount {
            try notarize(number)
            let done = ContinuousClock.now
            let id = try attestationID(number)
            do { try await wait { watches.allSatisfy { $0.time(of: id) != nil } } } catch {
                throw Failure.tooLate(storedAt: watches.count { $0.time(of: id) != nil })
            }
            let stored = watches.compactMap { $0.time(of: id) }.sorted()
            times.append(stored[0].duration(to: stored[stored.count - 1]) / .milliseconds(1))
            last.append(done.duration(to: stored[stored.count - 1]) / .milliseconds(1))
        }
        times.sort()
        report.add(
            "devnet_signed_until_stored_by_all",
            [
                ("nodes", Double(nodes.count)), ("sessions", Double(sessionCount)),
                ("median_ms", times[times.count / 2]), ("max_ms", times[times.count - 1]),
                ("max_ms_after_the_buyer_has_it", last.max() ?? 0),
            ]
        )
        report.check("devnet_signed_until_stored_by_all.max_ms", times[times.count - 1], atMost: 1_000)
    }

    private func path(_ number: Int) -> String { options.folder + "/benchmark-\(number).att" }

    private func notarize(_ number: Int) throws {
        let port = options.server.split(separator: ":").last.map(String.init) ?? ""
        try Self.run(
            options.tabellion,
            [
                "notarize", "https://shop.example:\(port)/payment", "--connect", options.server, "--ca",
                options.authority, "--network", options.folder + "/network.yaml", "--out", path(number), "--json",
            ]
        )
    }

    private func attestationID(_ number: Int) throws -> String {
        let text = try Self.run(options.tabellion, ["inspect", path(number), "--json"])
        let attestation = try JSONValue(parsing: text, limit: 1 << 20)
        guard let id = attestation["id"]?.string else { throw Failure.command("inspect", 0) }
        return id
    }

    private func wait(_ isDone: () -> Bool) async throws {
        for _ in 0..<1_000 where !isDone() { try await Task.sleep(for: .milliseconds(10)) }
        guard isDone() else { throw Failure.tooLate(storedAt: 0) }
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure.command(arguments.first ?? "", process.terminationStatus)
        }
        return [UInt8](text)
    }

    /// A node that is watched.
    private final class Watch: Sendable {
        private struct State {
            var buffer: [UInt8] = []
            var isWatching = false
            var times: [String: ContinuousClock.Instant] = [:]
        }

        private let process: Process
        private let state = Mutex(State())

        init(_ options: Options, node: String) throws {
            process = Process()
            process.executableURL = URL(fileURLWithPath: options.tabellion)
            process.arguments = ["notarizations", "watch", "--json", "--data", options.folder + "/" + node]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            output.fileHandleForReading.readabilityHandler = { [weak self] handle in self?.take(handle.availableData) }
            try process.run()
        }

        /// Whether the node said that it tells everything from now on.
        var isWatching: Bool { state.withLock(\.isWatching) }

        /// When the node had stored a record.
        func time(of id: String) -> ContinuousClock.Instant? { state.withLock { $0.times[id] } }

        func end() {
            process.terminate()
            process.waitUntilExit()
        }

        private func take(_ data: Data) {
            let now = ContinuousClock.now
            state.withLock { state in
                state.buffer += data
                while let end = state.buffer.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = Array(state.buffer[..<end])
                    state.buffer.removeSubrange(...end)
                    guard let value = try? JSONValue(parsing: line, limit: 1 << 16) else { continue }
                    if value["watching"] == .bool(true) { state.isWatching = true }
                    if let id = value["id"]?.string { state.times[id] = now }
                }
            }
        }
    }
}
