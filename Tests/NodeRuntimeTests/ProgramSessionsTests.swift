import Attestations
import CryptoCore
import Foundation
import NodeRuntime
import PeerProtocols
import Synchronization
import TestServers
import Testing

/// The program itself as the buyer, through a relay that bends or breaks its session.
///
/// The program is built with the tests of the command line, which are in the same package.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ProgramSessionsTests {
    /// A directory with the buyer's files, and the arguments of a notarization there.
    private struct BuyerProgram: Sendable {
        let directory: TemporaryDirectory
        let arguments: [String]

        init(_ relay: FrameRelay, _ options: String...) throws {
            directory = try TemporaryDirectory()
            let site = try WebServer.shared.get()
            arguments =
                [
                    "notarize", "https://localhost:\(site.port)/payment", "--node", "\(relay.address)",
                    "--ca", site.authority.rootPath, "--network", "test", "--out", "result", "--json",
                ] + options
        }

        var path: String { directory.url.path }

        var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

        func file(_ name: String) -> URL { directory.url.appendingPathComponent(name) }

        func run(wrapper: [String] = []) async throws -> TabellionProgram.Run {
            try await TabellionProgram.run(arguments, in: path, wrapper: wrapper)
        }
    }

    /// Where in a session a party goes away: the first frame of this tag in this direction, or the one of this number.
    struct Place: Sendable, CustomStringConvertible {
        let phase: String
        let direction: FrameRelay.Direction
        let tag: UInt16
        var number = 0
        let action: FrameRelay.Action

        var description: String { phase }
    }

    /// One place in each phase; while the web server answers no frame is under way: `NotaryFailureTests` kills the
    /// parties then.
    static let places = [
        Place(phase: "parameters", direction: .toNotary, tag: 300, action: .hangUp),
        Place(phase: "setup", direction: .toProver, tag: 301, action: .reset),
        Place(phase: "garbling", direction: .toNotary, tag: 302, number: 20, action: .hangUp),
        Place(phase: "handshake", direction: .toProver, tag: 321, action: .close),
        Place(phase: "request", direction: .toProver, tag: 333, action: .hangUp),
        Place(phase: "end of the response", direction: .toNotary, tag: 340, action: .halve),
        Place(phase: "opening", direction: .toProver, tag: 341, action: .hangUp),
        Place(phase: "proof", direction: .toNotary, tag: 350, action: .reset),
        Place(phase: "attestation", direction: .toProver, tag: 400, action: .hangUp),
    ]

    /// Counts the frames of one kind, and says when the wanted one comes.
    private final class Watch: Sendable {
        private let place: Place
        private let count = Mutex(0)
        private let came = Mutex(false)

        init(_ place: Place) { self.place = place }

        var hasCome: Bool { came.withLock { $0 } }

        func isPlace(_ frame: FrameRelay.Frame) -> Bool {
            guard frame.direction == place.direction, frame.tag == place.tag else { return false }
            let number = count.withLock { count in
                defer { count += 1 }
                return count
            }
            guard number == place.number else { return false }
            came.withLock { $0 = true }
            return true
        }
    }

    @Test(arguments: places)
    func theNotaryGoes(place: Place) async throws {
        let notary = try await TestNotary()
        let watch = Watch(place)
        let relay = try await FrameRelay(to: notary.address) { watch.isPlace($0) ? place.action : .pass }
        let buyer = try BuyerProgram(relay)
        let run = try await buyer.run()
        #expect(watch.hasCome)
        #expect(run.status == 52, "\(run.errors)")
        #expect(run.errors.contains("the notary went away during the session"), "\(run.errors)")
        #expect(run.errors.contains("Nothing was signed"), "\(run.errors)")
        #expect((try run.json()["error"] as? [String: Any])?["name"] as? String == "notary-gone")
        #expect(buyer.names.isEmpty)
        #expect(await notary.isIdle())
        await relay.close()
        await notary.close()
    }

    @Test(arguments: places)
    func theProverGoes(place: Place) async throws {
        let notary = try await TestNotary()
        let watch = Watch(place)
        let victim = Mutex<Int32>(0)
        let relay = try await FrameRelay(to: notary.address) { frame in
            guard watch.isPlace(frame) else { return .pass }
            while victim.withLock({ $0 }) == 0 { Thread.sleep(forTimeInterval: 0.001) }
            kill(victim.withLock { $0 }, SIGKILL)
            return .pass
        }
        let buyer = try BuyerProgram(relay)
        let running = try TabellionProgram.start(buyer.arguments, in: buyer.path)
        victim.withLock { $0 = running.processIdentifier }
        let run = await running.end()
        #expect(watch.hasCome)
        #expect(run.status == -SIGKILL, "\(run.errors)")
        #expect(buyer.names.isEmpty)
        #expect(await notary.isIdle())
        // Who went after the notary had signed leaves a notary that is done.
        let word = place.tag == 400 ? "attestation signed" : "session failed"
        #expect(await eventually { notary.log.text.contains(word) }, "\(notary.log.text)")
        await relay.close()
        await notary.close()
    }

    // MARK: - A notary that is caught

    /// A relay that has the notary open another seed than it committed to.
    private func relayWithAnotherSeed(to notary: TestNotary) async throws -> FrameRelay {
        try await FrameRelay(to: notary.address) { frame in
            guard frame.tag == 341 else { return .pass }
            var bytes = frame.payload
            bytes[0] ^= 1
            return .replace(bytes)
        }
    }

    @Test func whatACaughtNotarySignedIsKept() async throws {
        let notary = try await TestNotary()
        let relay = try await relayWithAnotherSeed(to: notary)
        for options in [[], ["--binary"]] {
            let buyer = try BuyerProgram(relay)
            let run = try await TabellionProgram.run(buyer.arguments + options, in: buyer.path)
            #expect(run.status == 53, "\(run.errors)")
            #expect(run.errors.contains("it opened another seed than it committed to"))
            #expect(run.errors.contains("Do not use anything that this notary signed"))
            #expect(run.errors.contains("is kept in result.evidence"))
            #expect(try run.json()["evidence"] as? String == "result.evidence")
            #expect((try run.json()["error"] as? [String: Any])?["name"] as? String == "notary-misbehaved")
            #expect(buyer.names == ["result.evidence"])
            let file = buyer.file("result.evidence")
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            let bytes = Array(try Data(contentsOf: file))
            let evidence =
                try options.isEmpty ? MisbehaviourEvidence(json: bytes) : MisbehaviourEvidence(bytes: bytes)
            #expect(evidence.notary == (try Secp256k1PrivateKey(bytes: TestNotary.keyBytes)).ethereumAddress)
            #expect(evidence.contradiction == "it opened another seed than it committed to")

            let inspected = try await TabellionProgram.run(["inspect", "result.evidence"], in: buyer.path)
            #expect(inspected.status == 0, "\(inspected.errors)")
            #expect(inspected.output.contains("\(evidence.notary)") && inspected.output.contains("another seed"))
            for command in [["verify", "result.evidence"], ["present", "result.evidence", "--out", "x"]] {
                let refused = try await TabellionProgram.run(command, in: buyer.path)
                #expect(refused.status == 12 || refused.status == 10, "\(refused.errors)")
            }
        }
        await relay.close()
        await notary.close()
    }

    /// A full disk must not hide what the notary did.
    @Test func evidenceThatCannotBeKept() async throws {
        let notary = try await TestNotary()
        let relay = try await relayWithAnotherSeed(to: notary)
        let buyer = try BuyerProgram(relay)
        let run = try await buyer.run(wrapper: ["/bin/sh", "-c", "ulimit -f 0; exec \"$0\" \"$@\""])
        #expect(run.status == 53, "\(run.errors)")
        #expect(run.errors.contains("could not be kept: cannot write result.evidence"), "\(run.errors)")
        #expect(try run.json()["evidence"] == nil)
        #expect(buyer.names.isEmpty)
        await relay.close()
        await notary.close()
    }

    /// A lie that nobody signed leaves nothing to keep.
    @Test func aNotaryThatSignedNothingLeavesNoEvidence() async throws {
        let notary = try await TestNotary()
        let relay = try await FrameRelay(to: notary.address) { frame in
            guard frame.tag == 341 else { return .pass }
            var bytes = frame.payload
            bytes[40] ^= 1
            return .replace(bytes)
        }
        let buyer = try BuyerProgram(relay)
        let run = try await buyer.run()
        #expect(run.status == 53, "\(run.errors)")
        #expect(run.errors.contains("did not sign the transcript"))
        #expect(try run.json()["evidence"] == nil)
        #expect(buyer.names.isEmpty)
        await relay.close()
        await notary.close()
    }
}
