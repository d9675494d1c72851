internal import Attestations
internal import CoreMetrics
internal import CryptoCore
internal import KeyValueStorage
internal import LevelDBStorage
internal import LocalControl
internal import Logging
internal import NetworkDefinition
internal import NodeCore
internal import NodeNetwork
internal import NodeRuntime
internal import PeerNetworking
internal import PeerProtocols
internal import PrometheusMetrics
internal import Records
internal import ServerIdentity
internal import Synchronization
internal import WireFormat

/// A node of a network in this process: host, store, decisions, notary, control socket and metrics.
final class NodeProcess: Sendable {
    /// Where the parts of a node are.
    struct Places: Sendable {
        var store: String
        /// The control socket; nil: nobody can ask the node.
        var socket: String?
        /// The options by which the store's commands find the store, for advice.
        var storeOptions: String
        /// The port of metrics and health on the loopback.
        var metricsPort: Int?
    }

    let host: PeerHost
    private let loop: NodeLoop
    private let store: LevelDBStore
    private let notary: NotaryService
    private let network: NetworkFile
    private let notaryConfiguration: NotaryConfiguration
    private let places: Places
    private let logger: Logger
    private let watchers = RecordWatchers()
    private let registry = PrometheusRegistry(descriptions: NodeMetrics.descriptions)
    private let start = ContinuousClock.now
    /// What the last look at the node found.
    private let lastStatus = Mutex<NodeStatus?>(nil)

    /// Opens the store and starts the node's threads; nothing listens yet.
    ///
    /// - Throws: `CommandFailure`.
    init(
        key: Secp256k1PrivateKey,
        network: NetworkFile,
        host hostConfiguration: PeerHostConfiguration,
        settings: NodeConfigurationFile,
        notary notaryConfiguration: NotaryConfiguration,
        roots: TrustedRoots,
        places: Places,
        logger: Logger
    ) throws {
        self.network = network
        self.notaryConfiguration = notaryConfiguration
        self.places = places
        self.logger = logger
        do {
            store = try LevelDBStore(places.store, layout: NodeStore.layout(network: network.network), create: false)
        } catch {
            throw StoreFailure.of(error, at: places.store, options: places.storeOptions)
        }
        if let recovery = store.recovery {
            logger.warning(
                "the end of the store's log was lost, with nothing that had been confirmed",
                metadata: ["bytes": "\(recovery.cutByteCount)", "copies": "\(recovery.copies)"]
            )
        }
        var configuration = network.nodeConfiguration
        try settings.apply(to: &configuration)
        var hostConfiguration = hostConfiguration
        hostConfiguration.protocolVersion = configuration.protocolVersion
        if network.isLocal, settings.connectionsPerAddress == nil {
            hostConfiguration.connectionCountPerAddressMax = hostConfiguration.connectionCountMax
        }
        let host = PeerHost(identity: PeerIdentity(privateKey: key), configuration: hostConfiguration)
        self.host = host
        do {
            loop = try NodeLoop(
                configuration: configuration,
                key: key,
                host: host,
                store: store,
                seed: SecureRandom.block(),
                notice: { [watchers, logger] in NodeNotices.handle($0, watchers: watchers, logger: logger) }
            )
        } catch let error as StorageError {
            throw StoreFailure.of(error, at: places.store, options: places.storeOptions)
        } catch {
            throw CommandFailure(.configurationInvalid, "the node cannot start: \(error)")
        }
        notary = NotaryService(
            signer: NodeSigner(key: key, node: loop),
            configuration: notaryConfiguration,
            roots: roots,
            logger: logger,
            sessionEnded: { [registry] in NodeMetrics.record($0, in: registry) }
        )
        notary.attach(to: host)
    }

    /// Runs until `stop` returns: answers commands, measures, and takes part in the network.
    ///
    /// - Parameters:
    ///   - watch: Knows where others reach the node.
    ///   - ready: Called when everything is served.
    ///   - stop: Waits for whoever stops the node.
    func run(
        reachableAt watch: AddressWatch,
        ready: @escaping @Sendable () -> Void,
        until stop: @escaping @Sendable () async -> Void
    ) async throws {
        let addresses = await watch.look()
        tell(addresses)
        do { try loop.start(listening: addresses.told.map { $0.with(host.identity.id) }) } catch {
            throw CommandFailure(.failure, "the node did not start: \(error)")
        }
        let watching = Task {
            await watch.run(from: addresses) { [self] changed in
                tell(changed)
                try? loop.announce(changed.told.map { $0.with(host.identity.id) })
            }
        }
        defer { watching.cancel() }
        let monitoring = try await monitoringEndpoint()
        if let monitoring {
            logger.notice("metrics are served", metadata: ["at": "http://127.0.0.1:\(monitoring.port)/metrics"])
        }
        let control = try await controlServer()
        await withTaskGroup(of: Void.self) { group in
            if let control { group.addTask { await control.run() } }
            group.addTask { await self.measure() }
            ready()
            await stop()
            group.cancelAll()
        }
        await monitoring?.stop()
        await loop.stop(grace: .seconds(10))
        store.close()
    }

    /// Says in the log what others are told.
    private func tell(_ addresses: ReachableAddresses) {
        logger.notice(
            "others are told where this node is",
            metadata: [
                "addresses": "\(addresses.told.map(\.description).joined(separator: " "))",
                "from": "\(addresses.source.rawValue)",
            ]
        )
        for warning in addresses.warnings { logger.warning("\(warning)") }
    }

    private func monitoringEndpoint() async throws -> MonitoringEndpoint? {
        guard let port = places.metricsPort else { return nil }
        do {
            return try await MonitoringEndpoint(
                host: "127.0.0.1",
                port: port,
                sources: MonitoringEndpoint.Sources(
                    metrics: { [registry] in registry.text },
                    illness: { [self] in illness },
                    obstacle: { [self] in illness ?? obstacle }
                )
            )
        } catch {
            throw CommandFailure(.listenFailed, "\(error)")
        }
    }

    private func controlServer() async throws -> ControlServer? {
        guard let path = places.socket else { return nil }
        let answers = NodeControl(
            loop: loop,
            store: store,
            archive: NotarizationArchive(store: store),
            storeOptions: places.storeOptions,
            watchers: watchers,
            runtime: { [self] in runtime },
            now: { NodeInstant.now().unixMilliseconds }
        )
        do {
            return try await ControlServer(path: path) { try await answers.answer($0, $1) }
        } catch {
            throw CommandFailure(.listenFailed, "\(error)")
        }
    }

    /// What only the process knows.
    private var runtime: NodeRuntimeStatus {
        NodeRuntimeStatus(
            networkName: network.genesis.name,
            isLocal: network.isLocal,
            uptimeSeconds: UInt64(max(0, (ContinuousClock.now - start).components.seconds)),
            sessionsRunning: notary.runningSessionCount,
            sessionsMax: notaryConfiguration.sessionCountMax,
            storeFileByteCount: try? store.fileByteCount()
        )
    }

    /// Why the process cannot do its work.
    private var illness: String? {
        if loop.hasEnded { return "the node's thread has ended" }
        return lastStatus.withLock { $0?.storeFailure }.map { "the store failed: \($0)" }
    }

    /// What the node waits for.
    private var obstacle: String? {
        guard let status = lastStatus.withLock({ $0 }) else { return "the node is starting" }
        if status.peers.isEmpty && expectsPeers { return "there are no peers yet" }
        return nil
    }

    /// Whether the network's file names another node than this one.
    private var expectsPeers: Bool { network.bootstrap.contains { $0.peerID != host.identity.id } }

    /// Looks at the node every few seconds.
    private func measure() async {
        var isLonely = false
        var lonelyAt = ContinuousClock.now
        while !Task.isCancelled {
            if let status = try? await loop.inspect({ machine, now in machine.status(now: now) }) {
                NodeMetrics.update(status, runtime, in: registry)
                lastStatus.withLock { $0 = status }
                if !status.peers.isEmpty || !expectsPeers {
                    isLonely = false
                    lonelyAt = .now
                } else if !isLonely, .now - lonelyAt >= .seconds(30) {
                    isLonely = true
                    logger.warning(
                        "no peer is connected: check bootstrap in the network's file, the clock, and that TCP gets out",
                        metadata: ["bootstrap": "\(network.bootstrap.map(\.description).joined(separator: " "))"]
                    )
                }
            }
            try? await Task.sleep(for: .seconds(2))
        }
    }
}

/// What a node tells its log and its watchers.
enum NodeNotices {
    static func handle(_ notice: NodeNotice, watchers: RecordWatchers, logger: Logger) {
        switch notice {
        case .recorded(let id, let origin):
            watchers.tell(id)
            logger.info("notarization stored", metadata: ["attestation": "\(id)", "from": "\(origin)"])
        case .refused(let refusal, let peer):
            logger.debug("record refused", metadata: ["reason": "\(refusal.code)", "peer": "\(peer)"])
        case .doubleSigned(let notary, let sessionID, let first, let second):
            logger.warning(
                "a notary signed twice for one session",
                metadata: [
                    "notary": "\(notary)", "session": "\(sessionID)", "first": "\(first)", "second": "\(second)",
                ]
            )
        case .connected(let peer, let link):
            logger.debug(
                "peer connected",
                metadata: [
                    "peer": "\(peer)", "at": "\(link.address.map { "\($0)" } ?? "")",
                    "direction": "\(link.isOutbound ? "outbound" : "inbound")",
                ]
            )
        case .disconnected(let peer): logger.debug("peer disconnected", metadata: ["peer": "\(peer)"])
        case .dismissed(let peer, .otherNetwork):
            logger.info("peer refused: it is of another network", metadata: ["peer": "\(peer)"])
        case .dismissed(let peer, let reason):
            logger.debug("peer dismissed", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
        case .unreachable(let peer): logger.debug("peer could not be reached", metadata: ["peer": "\(peer)"])
        case .misbehaved(let peer, let misconduct):
            logger.info("peer misbehaved", metadata: ["peer": "\(peer)", "how": "\(misconduct.rawValue)"])
        case .synced(let peer, let outcome):
            logger.log(
                level: outcome.recordCount > 0 ? .info : .debug,
                "caught up",
                metadata: ["peer": "\(peer)", "records": "\(outcome.recordCount)", "end": "\(outcome.reason)"]
            )
        case .pruned(let recordCount, let byteCount):
            logger.info("records pruned", metadata: ["records": "\(recordCount)", "bytes": "\(byteCount)"])
        case .storeFailed(let error):
            logger.critical("the store failed; nothing is signed any more", metadata: ["error": "\(error)"])
        }
    }
}
