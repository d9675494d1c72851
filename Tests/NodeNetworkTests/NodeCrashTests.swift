import Attestations
import CrashHarness
import Foundation
import KeyValueStorage
import LevelDBStorage
import NodeCore
import NodeHarness
import PeerNetworking
import PeerProtocols
import RecordSamples
import Records
import StoreContract
import Testing

/// Whole nodes that are killed under load, or whose disk forgets; `TABELLION_NODE_KILLS` sets the number of rounds, 10
/// without it.
///
/// The node signs attestations and passes on those of one peer to another; both peers live through it all. After every
/// round its store must open, and have what it signed, what it published and what it passed on; nothing may have been
/// signed twice. In the end its peers must have all that it ever signed.
@Suite(.serialized)
struct NodeCrashTests {
    private static let rounds = ProcessInfo.processInfo.environment["TABELLION_NODE_KILLS"].flatMap(Int.init) ?? 10
    /// After so many rounds a new network begins, because every round reads all of its stores.
    private static let roundsOfNetwork = 20

    @Test("kill -9 under load: the store opens, nothing that left the node is missing, nothing is signed twice")
    func killed() async throws {
        try await networks { first, rounds in
            let folder = try TemporaryFolder()
            let path = folder.path + "/store"
            return try await run(at: path, rounds: rounds, from: first) { arguments, wait in
                let node = try CrashedProcess("node-crash-writer", [path, "honest"] + arguments)
                wait(node)
                return node.kill()
            }
        }
    }

    /// Once without anything that was not synced, and once with random sectors of it.
    @Test("a disk that forgets what was not synced loses nothing that left the node", arguments: [0, 1] as [UInt64])
    func powerLoss(leaking: UInt64) async throws {
        var round: UInt64 = 0
        try await networks { first, rounds in
            let disk = try ForgetfulDisk()
            return try await run(at: disk.path, rounds: rounds, from: first) { arguments, wait in
                round += 1
                return try disk.run(
                    "node-crash-writer",
                    [disk.path, "honest"] + arguments,
                    leaking: leaking * (7_919 + round),
                    wait: wait
                )
            }
        }
    }

    @Test("a node that does not wait for its disk is found out")
    func forgetfulNode() async throws {
        let disk = try ForgetfulDisk()
        let lost = try await run(at: disk.path, rounds: 2, from: 0) { arguments, wait in
            try disk.run("node-crash-writer", [disk.path, "forgetful"] + arguments, leaking: 0, wait: wait)
        }
        #expect(!lost.isEmpty)
    }

    /// Runs all rounds, in one network after the other, each given its first round and how many; none may lose anything.
    private func networks(_ run: (Int, Int) async throws -> Set<String>) async throws {
        for first in stride(from: 0, to: Self.rounds, by: Self.roundsOfNetwork) {
            let lost = try await run(first, min(Self.roundsOfNetwork, Self.rounds - first))
            #expect(lost.isEmpty, "\(lost.count) from round \(first) on")
        }
    }

    /// Crashes a node again and again; what its store does not have although it left the node.
    private func run(
        at path: String,
        rounds: Int,
        from first: Int,
        _ crash: ([String], (CrashedProcess) -> Void) throws -> [[Substring]]
    ) async throws -> Set<String> {
        var options = TestNode.Options()
        options.admitEverySigner()
        // The two know each other by the node between them only.
        options.configuration.discovery = nil
        let author = try await TestNode(2, options: options)
        let reader = try await TestNode(3, options: options)
        let authoring = Task {
            for session in 0... {
                guard !Task.isCancelled else { break }
                _ = try await author.attested(session)
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        var random = SeededGenerator(seed: UInt64(first))
        // Few enough for most to be asked for again.
        let sessions = 100 * rounds
        var promises = Promises()
        for round in first..<first + rounds {
            let arguments = [String(round), String(sessions), "\(author.address)", "\(reader.address)"]
            // Every other time long enough to be in a mesh and to pass things on.
            let pause: UInt32 =
                round % 2 == 0 ? .random(in: 0..<250_000, using: &random) : .random(in: 0..<3_000_000, using: &random)
            let lines = try crash(arguments) { node in
                if round % 4 != 2 { node.waitForFirstLine() }
                usleep(pause)
            }
            try promises.take(lines)
            let store = try LevelDBStore(path, layout: layout, create: true)
            #expect(try store.check().isSound)
            let kept = try Self.ids(in: store)
            store.close()
            let received = try Self.ids(in: reader.store).union(Self.ids(in: author.store, by: 1))
            let lost = Set(promises.signed.values).union(received).subtracting(kept)
            guard lost.isEmpty else {
                authoring.cancel()
                for node in [author, reader] { await node.destroy() }
                return lost
            }
        }
        authoring.cancel()
        _ = await authoring.result
        #expect(promises.signed.count > 10 * rounds && promises.keptCount > 0)
        let passedOn = try Self.ids(in: reader.store, by: 2)
        #expect(!passedOn.isEmpty)
        // What it signed and could not publish before it was killed, it publishes now.
        let node = try await TestNode(1, at: path, bootstrap: [author.address, reader.address]) {
            $0.admitEverySigner()
        }
        try await TestNode.wait("all that was signed at the peers", within: .seconds(60)) {
            try [author, reader].allSatisfy { try Self.ids(in: $0.store, by: 1).isSuperset(of: promises.signed.values) }
        }
        for node in [node, author, reader] { await node.destroy() }
        return []
    }

    private var layout: StoreLayout { NodeStore.layout(network: RecordSamples().network) }

    /// The attestations that are stored, of a notary by number or of all.
    private static func ids(in store: any KeyValueStore, by notary: Int? = nil) throws -> Set<String> {
        let account = try notary.map { try RecordSamples.key($0).ethereumAddress }
        var ids: Set<String> = []
        var rest: KeyRange? = NodeStore.notarizations.range
        while let range = rest {
            let page = try store.records(in: NodeStore.notarizations, range: range, limit: ScanLimit(count: 500))
            for entry in page.records where account == nil || entry.value.record.header.notary == account {
                ids.insert(entry.key.id.description)
            }
            rest = page.rest
        }
        return ids
    }

    /// What the node said in all its lives.
    private struct Promises {
        /// The attestation of each session.
        private(set) var signed: [Int: String] = [:]
        /// How often it refused to sign something else.
        private(set) var keptCount = 0

        /// Takes the lines of one life.
        mutating func take(_ lines: [[Substring]]) throws {
            for line in lines {
                switch (line.first, line.count) {
                case ("signed", 3):
                    guard let session = Int(line[1]) else { continue }
                    let id = String(line[2])
                    guard let other = signed.updateValue(id, forKey: session), other != id else { continue }
                    throw ContractBreach(description: "session \(session) was signed twice: \(other), \(id)")
                case ("kept", 2): keptCount += 1
                case ("failed", _): throw ContractBreach(description: line.joined(separator: " "))
                default: break
                }
            }
        }
    }
}
