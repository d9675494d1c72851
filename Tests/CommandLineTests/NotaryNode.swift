import Foundation
import TestServers
import Testing

/// A `tabellion node run` in a process of its own.
final class NotaryNode: Sendable {
    /// A node that tests share when they do nothing to it; it logs everything that it can.
    static let shared = Task { try await NotaryNode(["--log-level", "trace"]) }

    private let directory: TemporaryDirectory
    private let process: ServerProcess
    /// Its multiaddr, with its peer id.
    let address: String
    /// Its Ethereum address.
    let identity: String

    /// Starts a node with more options and waits until it listens.
    convenience init(_ options: [String] = []) async throws {
        try await self.init(passphrase: nil) { key, multiaddr, _ in
            ["--key", key, "--listen", multiaddr, "--ca", try WebSite.shared.get().authority.rootPath] + options
        }
    }

    /// Starts a node that has everything from a configuration file, which these lines end.
    convenience init(configuration: String, ca: String? = nil, passphrase: String? = nil) async throws {
        try await self.init(passphrase: passphrase) { key, multiaddr, directory in
            let roots = try ca ?? WebSite.shared.get().authority.rootPath
            var lines = ["key: \(key)", "listen: [\(multiaddr)]", "ca: \(roots)"]
            if passphrase != nil { lines.append("passphrase-file: \(directory)/passphrase") }
            let text = (lines + [configuration]).joined(separator: "\n") + "\n"
            try text.write(toFile: directory + "/settings", atomically: false, encoding: .utf8)
            return ["--config", directory + "/settings"]
        }
    }

    private init(
        passphrase: String?,
        options: (_ key: String, _ multiaddr: String, _ directory: String) throws -> [String]
    ) async throws {
        directory = try TemporaryDirectory()
        let key = directory.url.appendingPathComponent("key").path
        var keygen = ["keygen", "--out", key, "--json"]
        if let passphrase {
            let file = directory.url.appendingPathComponent("passphrase").path
            try (passphrase + "\n").write(toFile: file, atomically: false, encoding: .utf8)
            keygen += ["--passphrase-file", file, "--light"]
        }
        let json = try await TabellionProgram.run(keygen).json()
        let port = try LoopbackPort.unused()
        identity = try #require(json["address"] as? String)
        let peer = try #require(json["peer_id"] as? String)
        let multiaddr = "/ip4/127.0.0.1/tcp/\(port)"
        address = "\(multiaddr)/p2p/\(peer)"
        process = try ServerProcess(
            command: [TabellionProgram.path, "node", "run"] + (try options(key, multiaddr, directory.url.path)),
            port: port,
            directory: directory.url
        )
    }

    /// What it wrote so far.
    var log: String { (try? String(contentsOf: process.log, encoding: .utf8)) ?? "" }

    /// Its physical memory.
    var memory: ProcessMemory? { process.processIdentifier.flatMap { ProcessMemory($0) } }

    /// Sends it a signal.
    func send(signal number: Int32) { process.send(signal: number) }

    /// Ends it and gives its status.
    func stop() async -> Int32 {
        let process = process
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: process.status()) }
        }
    }

    /// Waits until it logged `text`.
    func logged(_ text: String, times: Int = 1, within limit: Duration = .seconds(30)) async -> Bool {
        let end = ContinuousClock.now + limit
        while log.components(separatedBy: text).count <= times {
            guard ContinuousClock.now < end else { return false }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return true
    }
}

/// The arguments of a notarization that tests vary.
func notarize(
    _ path: String,
    node: String,
    out: String? = "result",
    _ options: String...
) throws -> [String] {
    let site = try WebSite.shared.get()
    let output = out.map { ["--out", $0] } ?? []
    return ["notarize", site.url(path), "--node", node, "--ca", site.authority.rootPath] + output + options
}
