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

    /// Whoever can reach a node can stop it in order, however early.
    @Test func stoppedAsSoonAsItListensItStopsInOrder() async throws {
        let net = try await Devnet(1, starts: false)
        for _ in 0..<10 {
            let directory = try TemporaryDirectory()
            let node = try ServerProcess(
                command: [TabellionProgram.path, "node", "run", "--data", net.nodes[0].data],
                port: net.nodes[0].port,
                directory: directory.url
            )
            #expect(node.status() == 0)
            #expect(try String(contentsOf: node.log, encoding: .utf8).contains("stopped"))
        }
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

    /// Whoever asks twice does not want to wait for sessions.
    @Test(arguments: [SIGTERM, SIGINT])
    func askedTwiceItStopsAtOnce(signal: Int32) async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode()
        let backend = try WebSite.shared.get().backend
        let name = "twice-\(signal)"
        let buyer = try TabellionProgram.start(notarize("/odd/hold/\(name)", node: node.address), in: scratch.path)
        #expect(await backend.arrival(of: name))
        node.send(signal: signal)
        #expect(await node.logged("stopping"))
        node.send(signal: signal)
        // The tests' own way to stop it is a signal, too.
        for _ in 0..<500 where node.memory != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(await node.stop() == 128 + signal)
        #expect(!node.log.contains("stopped"))
        backend.release(name)
        let run = await buyer.end()
        #expect(run.status == 52, "\(run.errors)")
        #expect(scratch.names.isEmpty)
    }

    /// A node that has no folder has no control socket: its log says so, and so does who looks for one.
    @Test func aNodeWithoutAFolderCannotBeAsked() async throws {
        let node = try await NotaryNode.shared.value
        #expect(await node.logged("a notary alone has no control socket"))
        let scratch = try Scratch()
        for command in [["node", "status"], ["node", "peers"], ["notarizations", "list"]] {
            let run = try await TabellionProgram.run(command, in: scratch.path)
            #expect(run.status == 63 && run.output.isEmpty)
            #expect(run.errors.contains("no node is running with the control socket tabellion-node/control.sock"))
            #expect(run.errors.contains("started without --data has no control socket"))
        }
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

    /// However many sessions a node has had, finished and failed ones, it holds the same memory when none is running.
    @Test func memoryComesBack() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode()
        // One after the other, so that what is held at a time is the same in each round.
        func idleAfter(_ sessionCount: Int, round: Int) async throws -> Int {
            for number in 0..<sessionCount {
                let times = round * sessionCount / 2 + number / 2 + 1
                if number.isMultiple(of: 2) {
                    let out = "r\(round)-\(number)"
                    try await scratch.expectSuccess(notarize("/payment", node: node.address, out: out))
                    #expect(await node.logged("attestation signed", times: times))
                } else {
                    let arguments = try notarize("/nothing", node: node.address, out: "x")
                    try await scratch.expectFailure(42, saying: "404", arguments)
                    #expect(await node.logged("session failed", times: times))
                }
            }
            // What a session held is given back a moment after it was logged.
            var least = Int.max
            for _ in 0..<30 {
                try await Task.sleep(for: .milliseconds(100))
                least = min(least, try #require(node.memory).residentByteCount)
            }
            return least
        }
        let idle = try await idleAfter(10, round: 0)
        let later = try await idleAfter(10, round: 1)
        let growth = later - idle
        #expect(growth <= 4 << 20, "10 more sessions left \(growth >> 10) KB behind; idle were \(idle >> 20) MB")
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
        try scratch.write("settings", "max-sent: 100\nmaxSent: 100\n")
        try await scratch.expectFailure(60, saying: "\"max-sent\" twice", run + ["--config", "settings"])
        try scratch.write("settings", "sessions: many\n")
        try await scratch.expectFailure(60, saying: "malformed", run + ["--config", "settings"])
        try scratch.write("settings", "- a\n")
        try await scratch.expectFailure(60, saying: "no mapping", run + ["--config", "settings"])
        try scratch.write("other", "not a key")
        chmod(scratch.file("other"), 0o600)
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

    /// Everything in a file, and every setting has its effect.
    @Test func aConfigurationFileAlone() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode(
            configuration: """
                network: another
                maxSent: 400
                max-received: 5000
                sessionSeconds: 5
                servers: [LOCALHOST]
                log-level: debug
                """,
            passphrase: "correct horse"
        )
        func arguments(_ path: String, _ options: String...) throws -> [String] {
            try notarize(path, node: node.address, "--network", "another", "--max-received", "5000") + options
        }
        try await scratch.expectSuccess(arguments("/payment"))
        let shown = try await scratch.expectSuccess(["inspect", "result"])
        #expect(shown.contains(node.identity))
        for (words, command) in [
            ("signs for network", try notarize("/payment", node: node.address, out: "x", "--max-received", "5000")),
            ("a response may have 5000 bytes here, not 5001", try arguments("/payment", "--max-received", "5001")),
            (
                "a request may have 400 bytes here",
                try arguments("/payment", "--header", "X: " + String(repeating: "x", count: 400))
            ),
            ("must be revealed", try arguments("/payment", "--hide-server")),
        ] {
            try await scratch.expectFailure(51, saying: words, command + ["--force"])
        }
        try await scratch.expectFailure(
            45,
            saying: "you took longer than this notary waits: 5 s in all",
            arguments("/odd/silent", "--timeout", "7", "--force")
        )
        #expect(await node.stop() == 0)
    }

    /// A notary for others' sites, and one that trusts other authorities.
    @Test func serversAndRootsOfAConfigurationFile() async throws {
        let scratch = try Scratch()
        let others = try await NotaryNode(configuration: "servers: [bank.example, shop.example]")
        try await scratch.expectFailure(
            51,
            saying: "this notary does not notarize localhost",
            notarize("/payment", node: others.address)
        )
        #expect(await others.stop() == 0)
        let authority = try TestCertificateAuthority()
        let wary = try await NotaryNode(configuration: "", ca: authority.rootPath)
        try await scratch.expectFailure(
            51,
            saying: "the server is refused: no chain of valid signatures",
            notarize("/payment", node: wary.address)
        )
        #expect(await wary.stop() == 0)
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
