import Attestations
import Foundation
import Glibc
import KeyValueStorage
import LevelDBStorage
import NodeCore
import NodeHarness
import PeerProtocols
import RecordSamples
import StoreContract

/// A node under load until it is killed, which says on its output what it signed; the crash tests check that.
///
///     node-crash-writer FOLDER honest|forgetful SEED SESSIONS ADDRESS...
///
/// `forgetful` never syncs. It connects to the peers at the addresses, passes on what they publish, and is asked all the time to sign
/// attestations of sessions below SESSIONS, of which many were asked for before, with other contents.
///
/// Lines: `open`, `signed SESSION ATTESTATION` (said once it may leave), `kept SESSION` (refused: something else was
/// signed for that session), `failed ERROR`.
@main
struct NodeCrashWriter {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count >= 5, let seed = UInt64(arguments[3]), let sessions = Int(arguments[4]),
            let peers = try? arguments.dropFirst(5).map({ try Multiaddr($0) })
        else { exit(64) }
        do {
            var options = TestNode.Options()
            options.admitEverySigner()
            // Small buffers, so that logs and tables change all the time.
            let store = try LevelDBStore(
                arguments[1],
                layout: NodeStore.layout(network: RecordSamples().network),
                create: true,
                configuration: LevelDBConfiguration(writeBufferByteCount: 64 << 10, tableByteCountMax: 1 << 20)
            )
            let kept: any KeyValueStore = arguments[2] == "forgetful" ? ForgetfulStore(store) : store
            let node = try await TestNode(1, bootstrap: peers, options: options, store: kept)
            say("open")
            for thread in 0..<4 as Range<UInt64> {
                Thread.detachNewThread { sign(with: node, sessions: sessions, seed: seed &* 4 &+ thread) }
            }
            while true { try await Task.sleep(for: .seconds(60)) }
        } catch {
            say("failed \(error)")
            exit(1)
        }
    }

    private static func sign(with node: TestNode, sessions: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        while true {
            let session = Int.random(in: 0..<sessions, using: &random)
            do {
                switch try node.attestBlocking(session, variant: .random(in: 0..<1_000, using: &random)) {
                case .attested(let attestation): say("signed \(session) \(attestation.id)")
                case .refused(.conflict): say("kept \(session)")
                case let answer: say("failed \(answer)")
                }
            } catch { say("failed \(error)") }
            usleep(.random(in: 0..<8_000, using: &random))
        }
    }

    /// One line in one call, so that a kill does not lose a part of it.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(1, bytes, bytes.count)
    }
}
