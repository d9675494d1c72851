import Foundation
import Synchronization
import TestServers
import Testing

/// Nodes that a buyer who may use any is refused by, or loses, before the web server was contacted.
@Suite(.timeLimit(.minutes(10)))
struct NodeChoiceTests {
    /// Which of two nodes is asked first is drawn by lot: so often it is tried to have the one that a test is about.
    private static let attemptCountMax = 32

    /// A node whose sessions are all taken refuses within the session, and the other one is used.
    @Test func aBusyNodeIsPassedBy() async throws {
        let net = try await Devnet(2, starts: false)
        let (busy, free) = (net.nodes[0], net.nodes[1])
        try busy.configure("sessions: 1")
        for node in net.nodes { try node.start() }
        for node in net.nodes { #expect(try await node.hasMesh(1)) }
        let backend = try WebSite.shared.get().backend
        func hasRefused() -> Bool { busy.log.contains("session refused") }
        for attempt in 0..<Self.attemptCountMax where !hasRefused() {
            let name = "place-\(attempt)"
            let holder = try TabellionProgram.start(
                net.notarization("/odd/hold/\(name)", out: name, "--node", busy.address, "--timeout", "50"),
                in: net.scratch.path
            )
            try #require(await backend.arrival(of: name))
            try #require(!hasRefused())
            let run = try await TabellionProgram.run(net.notarization(), in: net.scratch.path)
            backend.release(name)
            let held = await holder.end()
            #expect(held.status == 0, "\(held.errors)")
            expect(run, used: free, not: busy)
            if hasRefused() { #expect(run.errors.contains("asking \(peer(busy))"), "\(run.errors)") }
            #expect(try await busy.isIdle())
        }
        #expect(hasRefused(), "the busy node was never asked")
        #expect(busy.log.contains("busy: 1 sessions are running"))
        await net.stop()
    }

    /// A node that dies in the middle of a session's preparation costs nothing but time: the other one is used.
    @Test func aNodeThatDiesBeforeTheServerIsContactedIsPassedBy() async throws {
        let net = try await Devnet(2)
        let (mortal, other) = (net.nodes[0], net.nodes[1])
        let way = try DeadlyWay(to: mortal)
        let address = mortal.address.replacing(#/tcp/\d+/#, with: "tcp/\(way.port)")
        let file = try net.networkFile(naming: [address, other.address], as: "deadly.yaml")
        for _ in 0..<Self.attemptCountMax where way.deathCount == 0 {
            let run = try await TabellionProgram.run(
                net.notarization("/payment", "--network", file),
                in: net.scratch.path
            )
            expect(run, used: other, not: mortal)
            if way.deathCount > 0 { #expect(run.errors.contains("asking \(peer(mortal))"), "\(run.errors)") }
        }
        #expect(way.deathCount == 1, "the mortal node was never asked")
        #expect(await mortal.stop() == 128 + SIGKILL)
        await net.stop()
    }

    /// Expects a notarization to have succeeded, with this node.
    private func expect(
        _ run: TabellionProgram.Run,
        used node: Devnet.Node,
        not other: Devnet.Node,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(run.status == 0, "\(run.errors)", sourceLocation: sourceLocation)
        let line = run.output.split(separator: "\n").first { $0.hasPrefix("Notary:") } ?? ""
        #expect(line.contains(" at \(node.address), one of 2 nodes"), "\(run.output)", sourceLocation: sourceLocation)
        #expect(!run.output.contains(peer(other)), "\(run.output)", sourceLocation: sourceLocation)
    }

    private func peer(_ node: Devnet.Node) -> String {
        String(node.address.split(separator: "/").last ?? "")
    }
}

/// A way to a node that is deadly for it: as soon as somebody has sent it two megabytes, it is killed.
///
/// That is after the beginning of a session and before the end of the garbled tables, of which there are more, so before
/// the buyer hears that the notary is ready, and contacts the web server.
private final class DeadlyWay: Sendable {
    private static let byteCountMax = 2 << 20

    private final class Deaths: Sendable {
        let count = Mutex(0)
    }

    private let listener: LoopbackListener
    private let deaths: Deaths

    /// Where it begins.
    var port: UInt16 { listener.port }
    /// How often it killed the node.
    var deathCount: Int { deaths.count.withLock { $0 } }

    init(to node: Devnet.Node) throws {
        let deaths = Deaths()
        self.deaths = deaths
        listener = try LoopbackListener { near in
            guard let far = try? LoopbackConnection(port: node.port) else { return }
            Thread.detachNewThread {
                while let bytes = try? far.read(), !bytes.isEmpty {
                    guard (try? near.write(bytes)) != nil else { break }
                }
                near.close()
            }
            var byteCount = 0
            while let bytes = try? near.read(), !bytes.isEmpty {
                byteCount += bytes.count
                guard byteCount < DeadlyWay.byteCountMax else {
                    node.strike()
                    deaths.count.withLock { $0 += 1 }
                    break
                }
                guard (try? far.write(bytes)) != nil else { break }
            }
            far.close()
        }
    }
}
