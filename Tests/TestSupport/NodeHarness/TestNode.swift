package import Attestations
package import CryptoCore
import Discovery
import Foundation
import Gossip
package import KeyValueStorage
import LevelDBStorage
package import NodeCore
package import NodeNetwork
package import PeerNetworking
package import PeerProtocols
import RecordSamples
import Records
import Synchronization

/// A whole node without a notary: host on the loopback interface, decisions, LevelDB store in a folder of its own.
package final class TestNode: Sendable {
    /// What a test may change of a node.
    package struct Options {
        /// Its decisions.
        package var configuration: NodeConfiguration
        /// Its connections.
        package var host = PeerHostConfiguration()
        /// Its loop.
        package var limits = NodeLoopConfiguration()

        /// A node of the test network on this machine, which catches up sooner than others do.
        package init(network: NetworkID = RecordSamples().network) {
            configuration = NodeConfiguration(network: network)
            configuration.gossip.scoring.isLoopbackExempt = true
            configuration.discovery?.exemptLoopback()
            configuration.sync.connectionDelay = .milliseconds(200)
            configuration.sync.settlingTime = .milliseconds(500)
            configuration.sync.interval = .seconds(2)
            host.agentVersion = "tabellion/test"
        }

        /// Lifts the limits on how much one signer may sign.
        package mutating func admitEverySigner() {
            configuration.validation.signerBurst = 1_000_000
            configuration.validation.signerRecordsPerSecond = 1_000_000
            configuration.validation.signerRecordsPerMinuteOfTime = 1_000_000
        }
    }

    /// What a test waited for did not happen.
    package struct Missing: Error {
        /// What it was.
        package let what: String

        /// Names what did not happen.
        package init(what: String) { self.what = what }
    }

    /// Its identity, as a notary and as a peer.
    package let key: Secp256k1PrivateKey
    /// Its connections.
    package let host: PeerHost
    /// What it has on disk.
    package let store: any KeyValueStore
    /// Its thread.
    package let loop: NodeLoop
    /// Where it listens.
    package let address: Multiaddr
    /// The topic of notarizations.
    package let topic: String
    /// Where its store is.
    package let path: String
    private let network: NetworkID
    private let noticed = Noticed()

    private final class Noticed: Sendable {
        let notices = Mutex<[NodeNotice]>([])
    }

    /// Starts a node.
    ///
    /// - Parameters:
    ///   - number: Of the key.
    ///   - path: Of the store; nil: a new one.
    ///   - port: 0: any.
    ///   - bootstrap: Whom to connect to.
    ///   - store: In place of one on disk.
    package init(
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

    /// Its peer identifier.
    package var id: PeerID { host.identity.id }
    /// What it reported so far.
    package var notices: [NodeNotice] { noticed.notices.withLock { $0 } }

    /// The port of ``address``.
    package var port: UInt16 {
        guard case .tcp(let port)? = address.components.dropFirst().first else { return 0 }
        return port
    }

    /// Ends the node and closes its store.
    package func stop(grace: Duration = .seconds(1)) async {
        await loop.stop(grace: grace)
        store.close()
    }

    /// Ends the node and removes its store.
    package func destroy() async {
        await stop()
        try? FileManager.default.removeItem(atPath: path)
    }

    /// What it says of itself.
    package func status() async throws -> NodeStatus {
        try await loop.inspect { machine, now in machine.status(now: now) }
    }

    /// What it thinks of a peer.
    package func score(of peer: PeerID) async throws -> Double {
        try await loop.inspect { machine, _ in machine.router.score(of: peer) }
    }

    /// Whether a record is stored.
    package func has(_ id: AttestationID) throws -> Bool {
        try store.value(in: NodeStore.notarizations, for: AttestationKey(id)) != nil
    }

    /// Signs a session's header, as the notary does at the end of a session.
    package func attest(_ session: Int, variant: Int = 0) async throws -> SigningAnswer {
        let header = try header(session, variant: variant)
        return await Self.onThread { [loop] in loop.attest(header, contextText: nil) }
    }

    /// As ``attest(_:variant:)``; blocks.
    @available(*, noasync)
    package func attestBlocking(_ session: Int, variant: Int = 0) throws -> SigningAnswer {
        loop.attest(try header(session, variant: variant), contextText: nil)
    }

    private func header(_ session: Int, variant: Int) throws -> AttestationHeader {
        var samples = RecordSamples()
        samples.network = network
        return try samples.header(notary: key.ethereumAddress, session: session, at: Self.now, variant: variant)
    }

    /// As ``attest(_:variant:)``, for sessions that must end well.
    package func attested(_ session: Int) async throws -> AttestationID {
        guard case .attested(let attestation) = try await attest(session) else { throw Missing(what: "signature") }
        return attestation.id
    }

    /// Milliseconds since 1970.
    package static var now: UInt64 { NodeInstant.now().unixMilliseconds }

    /// Waits until there are `count` peers, each with gossip, all of them in the mesh.
    package func awaitMesh(_ count: Int) async throws {
        try await Self.wait("a mesh of \(count) at \(id)", within: .seconds(20)) {
            let status = try await self.status()
            return status.peers.filter(\.isInMesh).count >= count
        }
    }

    /// Waits until `condition` holds.
    package static func wait(
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
    package static func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}
