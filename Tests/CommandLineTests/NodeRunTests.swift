import Foundation
import TestServers
import Testing

/// The node as a process: starting, stopping, its log, its memory.
@Suite(.timeLimit(.minutes(10)))
struct NodeRunTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func stoppingLetsASessionEnd(signal: Int32) async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode()
        let backend = try WebSite.shared.get().backend
        let name = "stop-\(signal)"
        let buyer = try TabellionProgram.start(notarize("/odd/hold/\(name)", node: node.address), in: scratch.path)
        #expect(await backend.arrival(of: name))
        node.send(signal: signal)
        #expect(await node.logged("stopping"))
        // Nobody new gets in, and who is in gets to the end.
        let other = try Scratch()
        try await other.expectFailure(
            50,
            saying: "the notary cannot be reached",
            notarize("/payment", node: node.address)
        )
        backend.release(name)
        let run = await buyer.end()
        #expect(run.status == 0, "\(run.errors)")
        #expect(await node.logged("stopped"))
        #expect(await node.stop() == 0)
        #expect(scratch.names == ["result", "result.secrets"])
    }

    /// A session that does not end is ended; the node does not wait for ever.
    @Test func stoppingDoesNotWaitForEver() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode()
        let backend = try WebSite.shared.get().backend
        let buyer = try TabellionProgram.start(notarize("/odd/hold/ever", node: node.address), in: scratch.path)
        #expect(await backend.arrival(of: "ever"))
        let start = ContinuousClock.now
        node.send(signal: SIGTERM)
        #expect(await node.logged("stopped", within: .seconds(20)))
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(await node.stop() == 0)
        backend.release("ever")
        let run = await buyer.end()
        #expect(run.status == 52, "\(run.errors)")
        #expect(scratch.names.isEmpty)
    }

    /// A node at its most talkative logs who and how much, never what.
    @Test func theLogHoldsNothingOfThePage() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode(["--log-level", "trace"])
        let cookie = "--header=Cookie: session=the-buyers-cookie"
        try await scratch.expectSuccess(
            notarize("/payment", node: node.address, cookie, "--reveal", "response.json:$.payment.amount")
        )
        try await scratch.expectFailure(
            42,
            saying: "404",
            notarize("/no-such-page", node: node.address, out: "x", cookie)
        )
        #expect(await node.logged("attestation signed"))
        #expect(await node.logged("session failed"))
        for secret in ["buyers-cookie", "Babbage", "DE0212", "12.30", "Lovelace", "/payment", "no-such-page", "404"] {
            #expect(!node.log.contains(secret), "\(secret)")
        }
        #expect(await node.stop() == 0)
    }

    /// After many sessions, finished and failed ones, the node holds hardly more memory than before.
    @Test func memoryComesBack() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode()
        // The circuits that all sessions share are made by the first.
        try await scratch.expectSuccess(notarize("/payment", node: node.address))
        let idle = node.residentByteCount
        #expect(idle > 0)
        for round in 0..<3 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        let out = "r\(round)-\(number)"
                        if number < 2 {
                            try await scratch.expectSuccess(notarize("/payment", node: node.address, out: out))
                        } else {
                            _ = try await TabellionProgram.run(
                                notarize("/nothing", node: node.address, out: out),
                                in: scratch.path
                            )
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(await node.logged("session failed", times: 6))
        var growth = Int.max
        for _ in 0..<50 where growth > 24 << 20 {
            try await Task.sleep(for: .milliseconds(100))
            growth = node.residentByteCount - idle
        }
        #expect(growth < 24 << 20, "12 sessions left \(growth >> 20) MB behind, idle were \(idle >> 20) MB")
        #expect(await node.stop() == 0)
    }

    @Test func settingsThatCannotBeMeant() async throws {
        let scratch = try Scratch()
        try await scratch.expectSuccess(["keygen", "--out", "key"])
        let run = ["node", "run", "--key", "key", "--listen", "/ip4/127.0.0.1/tcp/0"]
        try await scratch.expectFailure(60, saying: "no key is given", ["node", "run"])
        try await scratch.expectFailure(60, saying: "no log level", run + ["--log-level", "loud"])
        try await scratch.expectFailure(60, saying: "sessions is 1 to 4096, not 0", run + ["--sessions", "0"])
        try await scratch.expectFailure(60, saying: "max-sent is 1 to 16384", run + ["--max-sent", "99999"])
        try await scratch.expectFailure(60, saying: "no-such-file", run + ["--ca", "no-such-file"])
        try await scratch.expectFailure(10, saying: "no-such-file", run + ["--config", "no-such-file"])
        try await scratch.expectFailure(10, saying: "no-such-file", ["node", "run", "--key", "no-such-file"])
        try scratch.write("settings", "max-sent: 100\nmax-recieved: 5\n")
        try await scratch.expectFailure(60, saying: "unknown key \"max-recieved\"", run + ["--config", "settings"])
        try scratch.write("settings", "sessions: many\n")
        try await scratch.expectFailure(60, saying: "malformed", run + ["--config", "settings"])
        try scratch.write("settings", "- a\n")
        try await scratch.expectFailure(60, saying: "no mapping", run + ["--config", "settings"])
        try scratch.write("other", "not a key")
        try await scratch.expectFailure(13, saying: "other is no key file", ["node", "run", "--key", "other"])
        let taken = try await NotaryNode.shared.value.address.components(separatedBy: "/p2p/")[0]
        try await scratch.expectFailure(
            61,
            saying: "cannot listen on",
            ["node", "run", "--key", "key", "--listen", taken]
        )
        try await scratch.expectFailure(
            61,
            saying: "cannot listen on",
            ["node", "run", "--key", "key", "--listen", "x"]
        )
    }

    /// A file says the same as the options, and the options win.
    @Test func aConfigurationFile() async throws {
        let scratch = try Scratch()
        try scratch.write("settings", "max-sent: 50\nservers: [localhost]\nlog-level: debug\n")
        let node = try await NotaryNode(["--config", scratch.file("settings"), "--max-sent", "60"])
        try await scratch.expectFailure(
            51,
            saying: "a request may have 60 bytes here",
            notarize("/payment", node: node.address)
        )
        #expect(await node.stop() == 0)
    }
}
