package import CryptoCore
package import PeerProtocols

/// A GossipSub router of protocol versions 1.1 and 1.2: events in, effects out.
///
/// It knows peers by their ids and messages by their ids, and no socket, clock, task or random source: the driver brings
/// events with the present time and does what the effects say, in their order. Equal events and an equal seed give equal
/// effects. Calls are cheap except that a new message costs one signature verification.
///
/// The driver opens one stream each way with every peer that speaks one of ``GossipVersion/proposals``, announces the
/// peer with ``connect(_:version:isOutbound:group:applicationScore:signedRecord:now:)``, and calls ``advance(to:)`` at
/// ``nextWake``.
package struct GossipRouter: Sendable {
    /// The parameters, as given.
    package let configuration: GossipConfiguration
    /// What was counted so far.
    package internal(set) var statistics = GossipStatistics()
    /// The same of the messages of each topic that is joined or published to.
    package internal(set) var traffic: [GossipTopic: TopicTraffic] = [:]

    let identity: PeerIdentity
    var random: BlockPRG
    var peers = PeerTable()
    var scores: PeerScores
    /// The joined topics and the peers of each mesh.
    var mesh: [GossipTopic: PeerSet] = [:]
    /// The peers for topics that are published to without being joined.
    var fanout: [GossipTopic: Fanout] = [:]
    var seen: SeenMessages
    var cache: MessageCache
    var backoffs: BackoffTable
    var promises: GossipPromises
    var pending = PendingMessages()
    /// Ids of messages that the application dismissed, with the heartbeat of the last time.
    var dismissed: [MessageID: UInt64] = [:]
    var ticks: UInt64 = 0
    var heartbeatAt: MonotonicInstant
    var nextSequenceNumber: UInt64

    private var outgoing = OutgoingRPCs()
    private var effects: [GossipEffect] = []

    /// Peers for a topic that this node publishes to without joining it.
    struct Fanout: Sendable {
        var peers: PeerSet
        var publishedAt: MonotonicInstant
    }

    /// A router without peers and topics.
    ///
    /// - Parameters:
    ///   - identity: The author of published messages.
    ///   - seed: What all random choices come from; secret, or peers could foresee them.
    ///   - firstSequenceNumber: The number of the first message, above all that this identity used before; nanoseconds
    ///     since 1970 serve.
    ///   - now: The present time. Heartbeats begin within one interval.
    package init(
        identity: PeerIdentity,
        configuration: GossipConfiguration,
        seed: Block,
        firstSequenceNumber: UInt64,
        now: MonotonicInstant
    ) throws(GossipConfigurationError) {
        try configuration.validate()
        self.identity = identity
        self.configuration = configuration
        random = BlockPRG(seed: seed)
        scores = PeerScores(parameters: configuration.scoring, now: now)
        seen = SeenMessages(lifetime: configuration.seenLifetime, countMax: configuration.seenCountMax)
        cache = MessageCache(
            windowCount: configuration.historyLength,
            advertisedWindowCount: configuration.historyGossip,
            byteCountMax: configuration.historyByteCountMax
        )
        backoffs = BackoffTable(countMax: configuration.backoffCountMax)
        promises = GossipPromises(countMax: configuration.promiseCountMax)
        nextSequenceNumber = firstSequenceNumber
        let phase = Double.random(in: 0..<1, using: &random)
        heartbeatAt = now.advanced(by: configuration.heartbeatInterval * phase)
    }

    /// When ``advance(to:)`` wants to be called next.
    package var nextWake: MonotonicInstant { heartbeatAt }

    /// Does what is due by `now`.
    package mutating func advance(to now: MonotonicInstant) -> [GossipEffect] {
        guard heartbeatAt <= now else { return [] }
        heartbeat(now: now)
        let next = heartbeatAt.advanced(by: configuration.heartbeatInterval)
        // After a pause, missed heartbeats are not made up for.
        heartbeatAt = next > now ? next : now.advanced(by: configuration.heartbeatInterval)
        return takeEffects()
    }

    // MARK: What the extensions collect

    /// Adds to what a peer is sent after this event.
    mutating func send(to peer: PeerNumber, _ add: (inout GossipRPC) -> Void) {
        outgoing.add(peer, add)
    }

    /// Adds an effect that is no RPC.
    mutating func perform(_ effect: GossipEffect) {
        effects.append(effect)
    }

    /// The effects of this event: RPCs first, so that IDONTWANT leaves before its message is validated.
    mutating func takeEffects() -> [GossipEffect] {
        var result: [GossipEffect] = []
        for (peer, rpc) in outgoing.takeAll() {
            guard let id = peers[peer]?.id else { continue }
            for part in rpc.split(configuration.limits) {
                statistics.rpcsSent += 1
                result.append(.send(part, to: id))
            }
        }
        result += effects
        effects = []
        return result
    }

    func score(of peer: PeerNumber) -> Double {
        peers[peer].map { scores.score(of: $0.id) } ?? 0
    }

    func isDirect(_ peer: PeerNumber) -> Bool { peers[peer]?.isDirect ?? false }
}

extension GossipRouter: CustomStringConvertible, CustomReflectable {
    /// Names the node and its figures, not its random state.
    package var description: String {
        "GossipRouter(\(identity.id), \(peers.all.count) peers, \(mesh.count) topics)"
    }

    /// Shows no stored values.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
