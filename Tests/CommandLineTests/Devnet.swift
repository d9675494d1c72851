import Foundation
import TestServers
import Testing

/// A network of nodes of this program, each a process of its own.
final class Devnet: Sendable {
    /// One node.
    final class Node: Sendable {
        let data: String
        let address: String
        let account: String
        let metricsPort: UInt16
        private let port: UInt16
        private let process = Holder()

        fileprivate init(data: String, address: String, account: String, port: UInt16, metricsPort: UInt16) {
            self.data = data
            self.address = address
            self.account = account
            self.port = port
            self.metricsPort = metricsPort
        }

        /// Starts it and waits until it listens.
        func start() throws {
            let directory = URL(fileURLWithPath: data).deletingLastPathComponent()
                .appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
            process.set(
                try ServerProcess(
                    command: [TabellionProgram.path, "node", "run", "--data", data],
                    port: port,
                    directory: directory
                )
            )
        }

        /// Kills it, without a chance to tidy up.
        func kill() async {
            process.get()?.send(signal: SIGKILL)
            _ = await stop()
        }

        /// Stops it in its tracks: it answers nobody, and is not gone; or lets it go on.
        func freeze(_ isFrozen: Bool = true) {
            process.get()?.send(signal: isFrozen ? SIGSTOP : SIGCONT)
        }

        /// Ends it and gives its status.
        @discardableResult
        func stop() async -> Int32? {
            guard let running = process.get() else { return nil }
            process.set(nil)
            return await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: running.status()) }
            }
        }

        var log: String {
            process.get().flatMap { try? String(contentsOf: $0.log, encoding: .utf8) } ?? ""
        }

        /// Asks the running node.
        func ask(_ arguments: String...) async throws -> [String: Any] {
            let run = try await TabellionProgram.run(arguments + ["--data", data, "--json"])
            try #require(run.status == 0, "\(run.errors)")
            return try run.json()
        }

        /// The ids of what it has stored.
        func ids() async throws -> [String] {
            let list = try await ask("notarizations", "list", "--limit", "1000")
            let entries = try #require(list["notarizations"] as? [[String: Any]])
            return entries.compactMap { $0["id"] as? String }
        }

        /// Waits until it has stored `id`.
        func has(_ id: String, within limit: Duration = .seconds(120)) async throws -> Bool {
            let end = ContinuousClock.now + limit
            while try await !ids().contains(id) {
                guard ContinuousClock.now < end else { return false }
                try await Task.sleep(for: .milliseconds(100))
            }
            return true
        }

        /// Waits until it has at least this many peers in its mesh.
        func hasMesh(_ count: Int, within limit: Duration = .seconds(30)) async throws -> Bool {
            let end = ContinuousClock.now + limit
            while try await (ask("node", "status")["mesh"] as? Int ?? 0) < count {
                guard ContinuousClock.now < end else { return false }
                try await Task.sleep(for: .milliseconds(100))
            }
            return true
        }
    }

    /// The process of a node that runs.
    ///
    /// `@unchecked Sendable`: `process` is touched under the lock only.
    private final class Holder: @unchecked Sendable {
        private let lock = NSLock()
        private var process: ServerProcess?

        func get() -> ServerProcess? { lock.withLock { process } }
        func set(_ new: ServerProcess?) { lock.withLock { process = new } }
    }

    let nodes: [Node]
    /// The network's file.
    let file: String
    let scratch: Scratch

    /// Makes nodes that know each other, and starts them.
    init(_ count: Int, starts: Bool = true) async throws {
        scratch = try Scratch()
        let template = try Self.template(in: scratch)
        var bootstrap: [String] = []
        var ports: [UInt16] = []
        for index in 0..<count {
            let run = try await TabellionProgram.run(["keygen", "--out", "key\(index)", "--json"], in: scratch.path)
            let port = try LoopbackPort.unused()
            ports.append(port)
            let peer = try #require(run.json()["peer_id"] as? String)
            bootstrap.append("/ip4/127.0.0.1/tcp/\(port)/p2p/\(peer)")
        }
        var nodes: [Node] = []
        for index in 0..<count {
            let data = scratch.file("node\(index)")
            let run = try await TabellionProgram.run(
                ["init", "--data", data, "--network", template, "--key", "key\(index)", "--json"]
                    + ["--listen", "/ip4/127.0.0.1/tcp/\(ports[index])"]
                    + bootstrap.flatMap { ["--bootstrap", $0] },
                in: scratch.path
            )
            try #require(run.status == 0, "\(run.errors)")
            let metricsPort = try LoopbackPort.unused()
            let settings = try String(contentsOfFile: data + "/node.yaml", encoding: .utf8)
            let ca = try WebSite.shared.get().authority.rootPath
            try (settings + "metrics: \(metricsPort)\nca: \(ca)\n")
                .write(toFile: data + "/node.yaml", atomically: false, encoding: .utf8)
            nodes.append(
                Node(
                    data: data,
                    address: bootstrap[index],
                    account: try #require(run.json()["address"] as? String),
                    port: ports[index],
                    metricsPort: metricsPort
                )
            )
        }
        self.nodes = nodes
        file = nodes[0].data + "/network.yaml"
        guard starts else { return }
        for node in nodes { try node.start() }
        for node in nodes { #expect(try await node.hasMesh(count - 1)) }
    }

    /// Ends all.
    func stop() async {
        for node in nodes { await node.stop() }
    }

    /// Notarizes the payment page with any node, and gives what the program reports.
    func notarize(_ options: String..., out: String = UUID().uuidString) async throws -> [String: Any] {
        let site = try WebSite.shared.get()
        let run = try await TabellionProgram.run(
            ["notarize", site.url("/payment"), "--network", file, "--ca", site.authority.rootPath, "--out", out]
                + options + ["--json"],
            in: scratch.path
        )
        try #require(run.status == 0, "\(run.errors)")
        return try run.json()
    }

    /// A network's file for a network on one machine, with the id that the program computes.
    static func template(in scratch: Scratch, name: String = "test-network") throws -> String {
        // The file of the repository is for this very purpose; another name makes another network.
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(
            contentsOf: repository.appendingPathComponent("network/devnet/network.yaml"),
            encoding: .utf8
        )
        try scratch.write("template.yaml", text)
        return scratch.file("template.yaml")
    }
}
