import Attestations
import CryptoCore
import Discovery
import Foundation
import Gossip
import KeyValueStorage
import LevelDBStorage
import NodeCore
import NodeNetwork
import PeerNetworking
import PeerProtocols
import RecordSamples
import Records
import Synchronization

/// A whole node without a notary: host on the loopback interface, decisions, LevelDB store in a folder of its own.
final class TestNode: Sendable {
    /// What a test may change of a node.
    struct Options {
        var configuration: NodeConfiguration
        var host = PeerHostConfiguration()
        var limits = NodeLoopConfiguration()

        /// A node of the test network on this machine, which catches up sooner than others do.
        init(network: NetworkID = RecordSamples().network) {
            configuration = NodeConfiguration(network: network)
            configuration.gossip.scoring.isLoopbackExempt = true
            configuration.discovery?.exemptLoopback()
            configuration.sync.connectionDelay = .milliseconds(200)
            configuration.sync.settlingTime = .milliseconds(500)
            configuration.sync.interval = .seconds(2)
            host.agentVersion = "tabellion/test"
        }
    }

    /// What a test waited for did not happen.
    struct Missing: Error {
        let what: String
    }

    let key: Secp256k1PrivateKey
    let host: PeerHost
    let store: any KeyValueStore
    let loop: NodeLoop
    let address: Multiaddr
    let topic: String
    let path: String
    private let network: NetworkID
    private let noticed = Noticed()

    private final class Noticed: Sendable {
        let notices = Mutex<[NodeNotice]>([])
    }

    /// - Parameters:
    ///   - number: Of the key.
    ///   - path: Of the store; nil: a new one.
    ///   - port: 0: any.
    ///   - bootstrap: Whom to connect to.
    ///   - store: In place of one on disk.
    init(
        _ number: Int,
        at path: String? = nil,
        port: UInt16 = 0,
        bootstrap: [Multiaddr] = [],
        options: Options = Options(),
        store: (any KeyValueStore)? = nil,
        _ change: (inout Options) -> Void = { _ in }
    ) async throws {
        var options = options
        change(&options)
        key = try RecordSamples.key(number)
        self.path = path ?? NSTemporaryDirectory() + "tabellion-node-\(UUID().uuidString)"
        options.configuration.discovery?.bootstrap = bootstrap
        options.host.protocolVersion = options.configuration.protocolVersion
        topic = options.configuration.notarizationTopic.name
        network = options.configuration.network
        let layout = NodeStore.layout(network: options.configuration.network)
        self.store = try store ?? LevelDBStore(self.path, layout: layout, create: true)
        host = PeerHost(identity: PeerIdentity(privateKey: key), configuration: options.host)
        loop = try NodeLoop(
            configuration: options.configuration,
            key: key,
            host: host,
            store: self.store,
            limits: options.limits,
            seed: SecureRandom.block(),
            notice: { [noticed] notice in noticed.notices.withLock { $0.append(notice) } }
        )
        address = try await host.listen(on: try Multiaddr("/ip4/127.0.0.1/tcp/\(port)"))
        try loop.start(listening: [address])
    }

    var id: PeerID { host.identity.id }
    var notices: [NodeNotice] { noticed.notices.withLock { $0 } }

    var port: UInt16 {
        guard case .tcp(let port)? = address.components.dropFirst().first else { return 0 }
        return port
    }

    /// Ends the node and closes its store.
    func stop(grace: Duration = .seconds(1)) async {
        await loop.stop(grace: grace)
        store.close()
    }

    /// Ends the node and removes its store.
    func destroy() async {
        await stop()
        try? FileManager.default.removeItem(atPath: path)
    }

    func status() async throws -> NodeStatus {
        try await loop.inspect { machine, now in machine.status(now: now) }
    }

    func score(of peer: PeerID) async throws -> Double {
        try await loop.inspect { machine, _ in machine.router.score(of: peer) }
    }

    /// Whether a record is stored.
    func has(_ id: AttestationID) throws -> Bool {
        try store.value(in: NodeStore.notarizations, for: AttestationKey(id)) != nil
    }

    /// Signs a session's header, as the notary does at the end of a session.
    func attest(_ session: Int, variant: Int = 0) async throws -> SigningAnswer {
        var samples = RecordSamples()
        samples.network = network
        let header = try samples.header(
            notary: key.ethereumAddress,
            session: session,
            at: Self.now,
            variant: variant
        )
        return await Self.onThread { [loop] in loop.attest(header, contextText: nil) }
    }

    /// As ``attest(_:variant:)``, for sessions that must end well.
    func attested(_ session: Int) async throws -> AttestationID {
        guard case .attested(let attestation) = try await attest(session) else { throw Missing(what: "signature") }
        return attestation.id
    }

    /// Milliseconds since 1970.
    static var now: UInt64 { NodeInstant.now().unixMilliseconds }

    /// Waits until there are `count` peers, each with gossip, all of them in the mesh.
    func awaitMesh(_ count: Int) async throws {
        try await Self.wait("a mesh of \(count) at \(id)", within: .seconds(20)) {
            let status = try await self.status()
            return status.peers.filter(\.isInMesh).count >= count
        }
    }

    /// Waits until `condition` holds.
    static func wait(
        _ what: String,
        within duration: Duration = .seconds(20),
        _ condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + duration
        while !(try await condition()) {
            guard .now < end else { throw Missing(what: what) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Runs blocking code on a thread of its own and gives its result.
    static func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}
