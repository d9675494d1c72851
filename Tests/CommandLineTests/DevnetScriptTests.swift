import Foundation
import TestServers
import Testing

/// `scripts/devnet` as developers use it.
@Suite(.timeLimit(.minutes(10)))
struct DevnetScriptTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scripts/devnet").path

    private struct NoFreePorts: Error {}

    /// The number before some free ports, which are none of those that the system gives to whoever asks for any.
    private static func base(_ count: UInt16) throws -> UInt16 {
        for _ in 0..<1_000 {
            let base = UInt16.random(in: 20_000..<32_000)
            let isFree = (1...count).allSatisfy { (try? LoopbackConnection(port: base + $0)) == nil }
            if isFree { return base }
        }
        throw NoFreePorts()
    }

    /// Runs the script with the program of this build.
    private func devnet(_ arguments: [String], in scratch: Scratch) async throws -> TabellionProgram.Run {
        try await TabellionProgram.run(
            [Self.script] + arguments,
            in: scratch.path,
            wrapper: ["/bin/sh", "-c", "exec /usr/bin/env TABELLION=\"$0\" \"$@\""]
        )
    }

    /// The number of a node's process, if it runs.
    private func process(_ number: Int, in folder: String) -> Int32? {
        guard let text = try? String(contentsOfFile: "\(folder)/node\(number)/pid", encoding: .utf8),
            let identifier = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            ProcessMemory(identifier) != nil
        else { return nil }
        return identifier
    }

    @Test func aNetworkIsMadeStoppedStartedAndRemoved() async throws {
        let scratch = try Scratch()
        do {
            try await tellTheStory(in: scratch)
        } catch {
            // No node outlives the test.
            _ = try? await devnet(["down", "--remove", "--folder", "net"], in: scratch)
            throw error
        }
    }

    private func tellTheStory(in scratch: Scratch) async throws {
        let site = try WebSite.shared.get()
        let port = try Self.base(4)
        let metricsPort = port + 2
        let folder = ["--folder", "net"]
        let ca = ["--ca", site.authority.rootPath]
        func settings(_ port: UInt16, _ metricsPort: UInt16) -> [String] {
            folder + ["--port", "\(port)", "--metrics-port", "\(metricsPort)"]
        }
        let (ports, all) = (settings(port, metricsPort), settings(port, metricsPort) + ca)
        let net = scratch.file("net")
        func peers() throws -> [String] {
            let text = try scratch.read("net/network.yaml")
            return try [1, 2].map { number in
                let line = text.split(separator: "\n").first { $0.contains("/tcp/\(Int(port) + number)/p2p/") }
                return String(try #require(line?.split(separator: "/").last))
            }
        }

        let up = try await devnet(["up", "2"] + all, in: scratch)
        try #require(up.status == 0, "\(up.errors)")
        #expect(up.output.contains("2 nodes run under"))
        let first = try peers()
        let running = try [1, 2].map { try #require(process($0, in: net)) }
        #expect(Set(first).count == 2 && Set(running).count == 2)

        // What the settings say is so: the nodes answer there, know each other, and notarize for any buyer.
        let status = try await devnet(["status"] + folder, in: scratch)
        #expect(status.status == 0, "\(status.errors)")
        let parts = status.output.components(separatedBy: "== node").dropFirst()
        #expect(parts.map { String($0.prefix(1)) } == ["1", "2"])
        for (part, peer) in zip(parts, first) { #expect(part.contains(peer) && part.contains("tabellion-devnet")) }
        for number in [1, 2] as [UInt16] {
            #expect(try HTTPText.get(port: metricsPort + number, "/metrics").hasPrefix("HTTP/1.1 200"))
        }
        let run = try await TabellionProgram.run(
            ["notarize", site.url("/payment"), "--network", net + "/network.yaml", "--out", "result", "--json"] + ca,
            in: scratch.path
        )
        try #require(run.status == 0, "\(run.errors)")
        let used = try #require(run.json()["node"] as? String)
        #expect(first.contains { used.hasSuffix("/p2p/\($0)") })
        #expect(try run.json()["nodes_known"] as? Int == 2)

        // The same again changes nothing; anything else is refused, and changes nothing either.
        let same = try await devnet(["up", "2"] + all, in: scratch)
        #expect(same.status == 0, "\(same.errors)")
        let others: [(count: String, options: [String])] = [
            ("1", all), ("2", ports), ("2", settings(port + 1, metricsPort) + ca), ("2", folder + ca),
        ]
        for other in others {
            let refused = try await devnet(["up", other.count] + other.options, in: scratch)
            #expect(refused.status == 1, "\(other)")
            #expect(refused.errors.contains("is one of nodes 2, ports \(port) and \(metricsPort)"), "\(refused.errors)")
            #expect(refused.errors.contains("down --remove first"))
        }
        #expect([1, 2].compactMap { process($0, in: net) } == running)
        #expect(try peers() == first)

        // One node for itself.
        #expect(try await devnet(["stop", "1"] + folder, in: scratch).status == 0)
        #expect(process(1, in: net) == nil && process(2, in: net) == running[1])
        #expect(try String(contentsOfFile: net + "/node1/log", encoding: .utf8).contains("stopped"))
        #expect(try await devnet(["kill", "2"] + folder, in: scratch).status == 0)
        #expect(process(2, in: net) == nil)
        #expect(try !String(contentsOfFile: net + "/node2/log", encoding: .utf8).contains("stopping"))
        let stopped = try await devnet(["status"] + folder, in: scratch)
        #expect(stopped.errors.components(separatedBy: "no node is running").count == 3, "\(stopped.errors)")
        let started = try await devnet(["start", "1"] + folder, in: scratch)
        #expect(started.status == 0 && process(1, in: net) != nil, "\(started.errors)")
        #expect(try await devnet(["start", "3"] + folder, in: scratch).errors.contains("there is no node 3"))

        // Down and up again it is the same network, with what it has stored.
        #expect(try await devnet(["down"] + folder, in: scratch).status == 0)
        #expect([1, 2].allSatisfy { process($0, in: net) == nil })
        let again = try await devnet(["up", "2"] + all, in: scratch)
        #expect(again.status == 0, "\(again.errors)")
        #expect(try peers() == first)
        let id = try #require(run.json()["id"] as? String)
        func isKept() async throws -> Bool {
            try await TabellionProgram.run(["notarizations", "show", id, "--data", net + "/node1"]).status == 0
        }
        // The first node may have been away before it had heard of it.
        for _ in 0..<300 {
            if try await isKept() { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try await isKept())

        // Removed it is gone, and others may have the folder.
        #expect(try await devnet(["down", "--remove"] + folder, in: scratch).status == 0)
        #expect(!FileManager.default.fileExists(atPath: net))
        let next = try await devnet(["up", "1"] + all, in: scratch)
        #expect(next.status == 0, "\(next.errors)")
        #expect(process(1, in: net) != nil && !FileManager.default.fileExists(atPath: net + "/node2"))
        #expect(try await devnet(["down", "--remove"] + folder, in: scratch).status == 0)
        #expect(!FileManager.default.fileExists(atPath: net))
    }

    /// What is not understood is answered with how it is meant, and nothing is made.
    @Test(arguments: [[], ["up"], ["up", "33"], ["up", "none"], ["start"], ["restart"], ["down", "--all"]])
    func wrongCommandLinesAreAnsweredWithTheUsage(arguments: [String]) async throws {
        let scratch = try Scratch()
        let run = try await devnet(arguments, in: scratch)
        #expect(run.status == 64 && run.errors.contains("Usage: scripts/devnet up N"), "\(run.errors)")
        #expect(scratch.names.isEmpty)
    }
}
