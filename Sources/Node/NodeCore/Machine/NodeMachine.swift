internal import Attestations
package import CryptoCore
package import Discovery
package import Gossip
package import KeyValueStorage
package import PeerProtocols
internal import Records

/// The decisions of a node: events in, effects out.
///
/// It knows no socket, clock, task, file or random source. Equal events, an equal store and an equal seed give equal
/// effects. It reads the store, never writes it: changes leave as ``NodeEffect/commit(_:sync:_:)``, and what they are
/// the reason for — an accepted message that goes on, a signature that leaves — follows when they are safe.
package struct NodeMachine: Sendable {
    /// What the node reads: the store that its commits go to.
    package typealias StoreView = any KeyValueReader & Sendable

    /// How the node behaves.
    package let configuration: NodeConfiguration
    /// The node's name among peers.
    package let peerID: PeerID
    /// The account that the node signs with.
    package let account: EthereumAddress
    /// The topic of notarizations.
    package let topic: GossipTopic
    /// The gossip router, to be looked at.
    package internal(set) var router: GossipRouter
    /// What was counted so far.
    package internal(set) var statistics = NodeStatistics()
    /// When ``NodeEvent/timeReached`` wants to be brought next; look again after every event.
    package private(set) var nextWake = MonotonicInstant(nanoseconds: .max)
    /// Why the store is not used any more.
    package internal(set) var storeFailure: StorageError?

    let key: Secp256k1PrivateKey
    let store: StoreView
    let validator: RecordValidator
    var random: BlockPRG
    var isStarted = false
    var addresses: [Multiaddr] = []
    var peers: [PeerID: ConnectedPeer] = [:]
    /// When gossip streams that closed are opened again.
    var gossipRetries: [PeerID: MonotonicInstant] = [:]
    var nextPeerNumber: UInt64 = 0
    var rates: SignerRates
    var quotas: SignerQuotas
    var commits: CommitQueue
    var pending = PendingWrites()
    var digests = DigestTable()
    var outbox = Outbox()
    var conduct: PeerConduct
    var server: SyncServer
    var schedule: SyncSchedule
    var explored = ExploredSpans()
    /// Ids that peers may still list, in each of the places for exchanges: whoever had a place before does not take all.
    var identifiers: [Allowance]
    var pruning: PruningState
    /// What is stored of notarizations, commits under way included.
    var total: StoredTotal
    /// How peers are found; nil: the driver's affair.
    package internal(set) var discovery: PeerDiscovery?
    /// This node's addresses, signed, for identify; nil before it listens (libp2p RFC 0003).
    package internal(set) var signedPeerRecord: [UInt8]?
    var kademlia = KademliaStreams()
    var nextStream: UInt64 = 0
    var effects: [NodeEffect] = []

    /// A node that has not started; the first event is ``NodeEvent/started(listening:)``.
    ///
    /// - Parameters:
    ///   - configuration: How it behaves.
    ///   - key: Its identity, with which it also signs attestations.
    ///   - store: What it kept, opened with ``NodeStore/layout(network:)``.
    ///   - seed: What all random choices come from; secret, or peers could foresee them.
    ///   - now: The present time.
    /// - Throws: ``NodeConfigurationError``, ``KeyValueStorage/StorageError``.
    package init(
        configuration: NodeConfiguration,
        key: Secp256k1PrivateKey,
        store: StoreView,
        seed: Block,
        now: NodeInstant
    ) throws {
        try configuration.validate()
        let topic = configuration.notarizationTopic
        var random = BlockPRG(seed: seed)
        let identity = PeerIdentity(privateKey: key)
        let sequence = try Outbox.firstSequenceNumber(in: store, now: now)
        var gossip = configuration.gossip
        if gossip.scoring.topics[topic] == nil { gossip.scoring.topics[topic] = TopicScoreParameters() }
        router = try GossipRouter(
            identity: identity,
            configuration: gossip,
            seed: random.nextBlock(),
            firstSequenceNumber: sequence,
            now: now.monotonic
        )
        self.configuration = configuration
        self.key = key
        self.store = store
        self.random = random
        self.topic = topic
        peerID = identity.id
        account = key.ethereumAddress
        validator = RecordValidator(
            network: configuration.network,
            parameters: configuration.validation,
            membership: configuration.membership,
            check: configuration.recordCheck
        )
        rates = SignerRates(parameters: configuration.validation)
        quotas = SignerQuotas(countMax: configuration.validation.signerRecordsPerMinuteOfTime)
        commits = CommitQueue(parameters: configuration.commits)
        conduct = PeerConduct(parameters: configuration.conduct)
        server = SyncServer(parameters: configuration.sync, now: now.monotonic)
        let places = configuration.sync.exchangeCountMax
        identifiers = [Allowance](
            repeating: Allowance(
                capacity: configuration.sync.identifierBurst / places,
                perSecond: configuration.sync.identifiersPerSecond / places,
                now: now.monotonic
            ),
            count: places
        )
        schedule = SyncSchedule(parameters: configuration.sync, now: now.monotonic)
        pruning = try PruningState(store: store, parameters: configuration.retention, now: now.monotonic)
        total = try DigestTable.total(in: store)
        try outbox.load(from: store)
        if let discovery = configuration.discovery {
            self.discovery = try PeerDiscovery(
                ownID: identity.id,
                configuration: discovery,
                stored: try Self.storedPeers(in: store, configuration: discovery),
                seed: self.random.nextBlock(),
                now: now.monotonic,
                time: UnixTime(milliseconds: now.unixMilliseconds)
            )
        }
    }

    /// Takes an event in.
    ///
    /// - Returns: What to do now, in this order.
    package mutating func handle(_ event: NodeEvent, now: NodeInstant) -> [NodeEffect] {
        switch event {
        case .started(let addresses): start(addresses, now: now)
        case .timeReached: passTime(now: now)
        case .listening(let addresses): announce(addresses, now: now)
        case .stopping: stop(now: now)
        case .connected(let peer, let link): connect(peer, link, now: now)
        case .identified(let peer, let identification): identify(peer, identification, now: now)
        case .identifiedAgain(let peer, let identification): identifyAgain(peer, identification, now: now)
        case .disconnected(let peer): disconnect(peer, now: now)
        case .dialFailed(let peer, let addresses):
            if !addresses.isEmpty { effects.append(.notify(.unreachable(peer))) }
            perform(discovery?.dialFailed(peer, now: now.monotonic), now: now)
        case .gossipOpened(let peer, let version): openGossip(peer, version, now: now)
        case .gossipClosed(let peer): closeGossip(peer, now: now)
        case .gossipReceived(let rpc, let peer): receive(rpc, from: peer, now: now)
        case .gossipMalformed(let peer): endMalformedGossip(of: peer, now: now)
        case .streamOpened(let stream, let peer, let name): openStream(stream, peer, name, now: now)
        case .frameReceived(let stream, let frame): receive(frame, on: stream, now: now)
        case .streamClosed(let stream, let end): closeStream(stream, end, now: now)
        case .committed(let token): finishCommits(through: token, now: now)
        case .commitFailed(_, let error): fail(error, now: now)
        case .attestationRequested(let request, let header, let text): attest(request, header, text, now: now)
        case .signatureRequested(let request, let intent): permit(request, intent, now: now)
        }
        publishOutbox(now: now)
        flushCommits(now: now)
        if isStarted {
            nextWake = min(router.nextWake, discovery?.nextWake ?? router.nextWake, pruning.wake ?? router.nextWake)
        }
        defer { effects = [] }
        return effects
    }

    private mutating func start(_ addresses: [Multiaddr], now: NodeInstant) {
        guard !isStarted else { return }
        isStarted = true
        announce(addresses, now: now)
        reserveSequence(now: now)
        perform(router.join(topic, now: now.monotonic), now: now)
        passDiscoveryTime(now: now)
    }

    /// Does what is due.
    private mutating func passTime(now: NodeInstant) {
        guard isStarted else { return }
        passDiscoveryTime(now: now)
        if pruning.isBehind { prune(now: now) }
        guard router.nextWake <= now.monotonic else { return }
        perform(router.advance(to: now.monotonic), now: now)
        reopenGossip(now: now)
        fadeConduct(now: now)
        passSyncTime(now: now)
        prune(now: now)
    }

    /// Reads the store; nil, and the end of all that needs it, if that fails.
    mutating func read<Value>(
        now: NodeInstant,
        _ body: (StoreView) throws(StorageError) -> Value
    ) -> Value? {
        guard storeFailure == nil else { return nil }
        do throws(StorageError) {
            return try body(store)
        } catch {
            fail(error, now: now)
            return nil
        }
    }
}

extension NodeMachine: CustomStringConvertible, CustomReflectable {
    /// Names the node, not its key or random state.
    package var description: String { "NodeMachine(\(peerID), \(peers.count) peers)" }

    /// Shows no stored values.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
