import Foundation
import TestServers
import Testing

/// Notaries that are not there, refuse, or go away, and buyers who do.
@Suite(.timeLimit(.minutes(10)))
struct NotaryFailureTests {
    @Test func unreachable() async throws {
        let scratch = try Scratch()
        let port = try LoopbackPort.unused()
        let id = "16Uiu2HAkuqGKz8D6khfrnJnDrN5VxWWCoLU8Aq4eCFJuyXmfakB5"
        try await scratch.expectFailure(
            50,
            saying: "the notary cannot be reached",
            notarize("/payment", node: "/ip4/127.0.0.1/tcp/\(port)/p2p/\(id)")
        )
        let node = try await NotaryNode.shared.value
        let elsewhere = node.address.components(separatedBy: "/p2p/")[0] + "/p2p/\(id)"
        try await scratch.expectFailure(
            50,
            saying: "somebody else answers there",
            notarize("/payment", node: elsewhere)
        )
        let site = try WebSite.shared.get()
        try await scratch.expectFailure(
            50,
            saying: "the notary cannot be reached",
            notarize("/payment", node: "/ip4/127.0.0.1/tcp/\(site.port)/p2p/\(id)")
        )
    }

    @Test func refusals() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode([
            "--max-sent", "300", "--max-received", "5000", "--allow-server", "bank.example",
        ])
        for (words, options) in [
            ("this notary does not notarize localhost", ["--max-received", "5000"]),
            ("must be revealed", ["--max-received", "5000", "--hide-server"]),
            ("a response may have 5000 bytes here", []),
            ("a request may have 300 bytes here", ["--header", "X: " + String(repeating: "x", count: 300)]),
            ("signs for network", ["--max-received", "5000", "--network", "another"]),
            ("expiry", ["--max-received", "5000", "--valid-for", "9000d"]),
        ] {
            try await scratch.expectFailure(
                51,
                saying: words,
                notarize("/payment", node: node.address) + options
            )
        }
        #expect(await node.stop() == 0)
    }

    /// One place, which is taken: the next buyer is told so at once, and served when it is free.
    @Test func busy() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode(["--sessions", "1"])
        let backend = try WebSite.shared.get().backend
        let first = try TabellionProgram.start(notarize("/odd/hold/busy", node: node.address), in: scratch.path)
        #expect(await backend.arrival(of: "busy"))
        let other = try Scratch()
        let start = ContinuousClock.now
        try await other.expectFailure(
            51,
            saying: "busy: 1 sessions are running",
            notarize("/payment", node: node.address)
        )
        #expect(ContinuousClock.now - start < .seconds(10))
        backend.release("busy")
        let run = await first.end()
        #expect(run.status == 0, "\(run.errors)")
        // The buyer is done a moment before the notary is.
        #expect(await node.logged("attestation signed"))
        try await other.expectSuccess(notarize("/payment", node: node.address))
        #expect(await node.stop() == 0)
    }

    @Test func theNotaryDies() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode()
        let backend = try WebSite.shared.get().backend
        let buyer = try TabellionProgram.start(notarize("/odd/hold/dies", node: node.address), in: scratch.path)
        #expect(await backend.arrival(of: "dies"))
        node.send(signal: SIGKILL)
        backend.release("dies")
        let run = await buyer.end()
        #expect(run.status == 52, "\(run.errors)")
        #expect(run.errors.contains("the notary went away during the session"))
        #expect(run.errors.contains("Nothing was signed"))
        #expect(scratch.names.isEmpty)
        #expect(await node.stop() != 0)
    }

    @Test func theBuyerDies() async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode(["--sessions", "1"])
        let backend = try WebSite.shared.get().backend
        let buyer = try TabellionProgram.start(notarize("/odd/hold/gone", node: node.address), in: scratch.path)
        #expect(await backend.arrival(of: "gone"))
        kill(buyer.processIdentifier, SIGKILL)
        _ = await buyer.end()
        #expect(await node.logged("session failed"))
        backend.release("gone")
        #expect(scratch.names.isEmpty)
        try await scratch.expectSuccess(notarize("/payment", node: node.address))
        #expect(await node.stop() == 0)
    }

    /// The notary does not wait as long as the buyer does, and the time went by because of the server.
    @Test(arguments: ["/odd/silent", "/odd/drip"])
    func theServerIsTooSlowForTheNotary(path: String) async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode(["--session-seconds", "5"])
        try await scratch.expectFailure(
            45,
            saying: "the notary's time for the session was over meanwhile (you took longer than this notary waits: 5 s",
            notarize(path, node: node.address, "--timeout", path == "/odd/silent" ? "7" : "20")
        )
        #expect(await node.stop() == 0)
    }
}
