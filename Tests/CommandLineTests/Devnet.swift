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
        let port: UInt16
        private let process = Holder()

        fileprivate init(data: String, address: String, account: String, port: UInt16, metricsPort: UInt16) {
            self.data = data
            self.address = address
            self.account = account
            self.port = port
            self.metricsPort = metricsPort
        }

        /// Adds lines to its settings, for its next start.
        func configure(_ lines: String) throws {
            let path = data + "/node.yaml"
            let settings = try String(contentsOfFile: path, encoding: .utf8)
            try (settings + lines + "\n").write(toFile: path, atomically: false, encoding: .utf8)
        }

        /// Starts it and waits until it answers; `wrapper` is a command that is to start the program.
        func start(wrapper: [String] = []) throws {
            let directory = URL(fileURLWithPath: data).deletingLastPathComponent()
                .appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
            process.set(
                try ServerProcess(
                    command: wrapper + [TabellionProgram.path, "node", "run", "--data", data],
                    port: port,
                    directory: directory
                )
            )
            // It listens for others before it answers its operator.
            let end = ContinuousClock.now + .seconds(60)
            while !log.contains("node is ready"), ContinuousClock.now < end { usleep(5_000) }
            #expect(log.contains("node is ready"), "\(log)")
        }

        /// Kills it, without a chance to tidy up.
        func kill() async {
            strike()
            _ = await stop()
        }

        /// Kills it, and does not wait until it is gone.
        func strike() {
            process.get()?.send(signal: SIGKILL)
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

        /// Waits until it answers and has at least this many peers in its mesh.
        func hasMesh(_ count: Int, within limit: Duration = .seconds(30)) async throws -> Bool {
            let end = ContinuousClock.now + limit
            while true {
                let run = try await TabellionProgram.run(["node", "status", "--data", data, "--json"])
                if run.status == 0, try run.json()["mesh"] as? Int ?? 0 >= count { return true }
                guard ContinuousClock.now < end else { return false }
                try await Task.sleep(for: .milliseconds(100))
            }
        }

        /// Waits until no session runs on it.
        func isIdle(within limit: Duration = .seconds(30)) async throws -> Bool {
            let end = ContinuousClock.now + limit
            while try await ask("node", "status")["sessions_running"] as? Int != 0 {
                guard ContinuousClock.now < end else { return false }
                try await Task.sleep(for: .milliseconds(50))
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
    ///
    /// - Parameter change: Makes another network of the text of the network's file.
    init(_ count: Int, starts: Bool = true, genesis change: ((String) -> String)? = nil) async throws {
        scratch = try Scratch()
        var template = try Self.template(in: scratch)
        if let change {
            template = try await Self.reseal(change(scratch.read("template.yaml")), as: "changed.yaml", in: scratch)
        }
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
            let node = Node(
                data: data,
                address: bootstrap[index],
                account: try #require(run.json()["address"] as? String),
                port: ports[index],
                metricsPort: try LoopbackPort.unused()
            )
            let ca = try WebSite.shared.get().authority.rootPath
            try node.configure("metrics: \(node.metricsPort)\nca: \(ca)")
            nodes.append(node)
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

    /// The arguments of a notarization of a page with any node.
    func notarization(
        _ path: String = "/payment",
        out: String = UUID().uuidString,
        _ options: String...
    ) throws -> [String] {
        let site = try WebSite.shared.get()
        return ["notarize", site.url(path), "--network", file, "--ca", site.authority.rootPath, "--out", out] + options
    }

    /// Notarizes the payment page with any node, and gives what the program reports.
    func notarize(_ options: String...) async throws -> [String: Any] {
        let run = try await TabellionProgram.run(notarization() + options + ["--json"], in: scratch.path)
        try #require(run.status == 0, "\(run.errors)")
        return try run.json()
    }

    /// A file of the network that names the nodes at these addresses and no others.
    func networkFile(naming addresses: [String], as name: String) throws -> String {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let start = try #require(text.range(of: "bootstrap:")?.lowerBound)
        let list = addresses.map { "  - \($0)\n" }.joined()
        try scratch.write(name, String(text[..<start]) + "bootstrap:\n" + list + "local: true\n")
        return scratch.file(name)
    }

    /// Writes a network's file whose genesis was changed: as it is the program refuses it, and says the id that it
    /// should have, with which it is a file of another network.
    static func reseal(_ text: String, as name: String, in scratch: Scratch) async throws -> String {
        try scratch.write(name, text)
        let run = try await TabellionProgram.run(
            ["init", "--data", "probe", "--network", name, "--json"],
            in: scratch.path
        )
        try #require(run.status == 60 && run.errors.contains("one of them was changed"), "\(run.errors)")
        let id = try #require(run.errors.components(separatedBy: "its genesis has ").last?.prefix(66))
        let old = try #require(text.split(separator: "\n").first { $0.hasPrefix("id:") })
        try scratch.write(name, text.replacing(old, with: "id: \"\(id)\""))
        return scratch.file(name)
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
