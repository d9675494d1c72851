package import PeerProtocols

/// How a router behaves; the defaults are the specifications' where they name one, else go-libp2p-pubsub's.
package struct GossipConfiguration: Sendable {
    /// D: the mesh degree aimed at.
    package var meshDegree = 6
    /// D_lo: below it, peers are grafted.
    package var meshDegreeMin = 5
    /// D_hi: above it, peers are pruned.
    package var meshDegreeMax = 12
    /// D_score: of a mesh that is pruned, so many stay for their score.
    package var meshDegreeByScore = 4
    /// D_out: so many mesh links are to peers that this node dialled.
    package var meshDegreeOutbound = 2
    /// D_lazy: the least number of peers that get gossip.
    package var lazyDegree = 6
    /// The share of the other peers that get gossip, if that is more.
    package var gossipFactor = 0.25

    /// The time between heartbeats.
    package var heartbeatInterval = Duration.seconds(1)
    /// Heartbeats for which messages are kept.
    package var historyLength = 5
    /// Heartbeats of which messages are advertised.
    package var historyGossip = 3
    /// Bytes of messages that are kept.
    package var historyByteCountMax = 32 << 20
    /// How long the peers for a topic that this node publishes to without joining it are kept.
    package var fanoutLifetime = Duration.seconds(60)
    /// How long ids of messages are remembered.
    package var seenLifetime = Duration.seconds(120)
    /// How many ids of messages are remembered.
    package var seenCountMax = 1 << 17

    /// How long a pruned link stays pruned.
    package var pruneBackoff = Duration.seconds(60)
    /// The same after leaving a topic.
    package var unsubscribeBackoff = Duration.seconds(10)
    /// The longest backoff that is taken from a peer.
    package var backoffMax = Duration.seconds(3_600)
    /// How long after its end a backoff is still kept by this side.
    package var backoffSlack = Duration.seconds(2)
    /// A GRAFT within this time of the PRUNE costs twice.
    package var graftFloodThreshold = Duration.seconds(10)
    /// The most backoffs in a topic.
    package var backoffCountMax = 4_096
    /// Peers named in a PRUNE, and peers connected to because of one; 0 turns peer exchange off.
    package var exchangedPeerCount = 16
    /// Whether own messages go to all peers of the topic.
    package var floodsPublishing = true
    /// Heartbeats between looks at the mesh's median score.
    package var opportunisticGraftTicks: UInt64 = 60
    /// Peers grafted when it is low.
    package var opportunisticGraftCount = 2
    /// Heartbeats between attempts to connect to direct peers.
    package var directConnectTicks: UInt64 = 300
    /// Peers outside mesh and scores, to which every message goes, by agreement of both operators.
    package var directPeers: Set<PeerID> = []

    /// RPCs with IHAVE that are looked at, for each peer and heartbeat.
    package var advertisementCountMax = 10
    /// Ids asked of one peer a heartbeat, and ids in one IHAVE.
    package var advertisedIDCountMax = 5_000
    /// Ids in IWANT that are looked at, for each peer and heartbeat.
    package var wantedIDCountMax = 5_000
    /// How often one peer gets one message for asking.
    package var retransmissionCountMax = 3
    /// How long an advertised message may take to come.
    package var promiseLifetime = Duration.seconds(3)
    /// Promises that are followed up.
    package var promiseCountMax = 4_096
    /// Encoded messages from this length on are announced with IDONTWANT.
    package var unwantedByteCountMin = 1_024
    /// Ids in IDONTWANT that are looked at, for each peer and heartbeat.
    package var unwantedIDCountMax = 1_000
    /// Heartbeats for which an IDONTWANT holds.
    package var unwantedTicks: UInt64 = 3
    /// GRAFT and PRUNE entries that are looked at, for each peer and heartbeat.
    package var meshChangeCountMax = 64
    /// Subscription entries that are looked at, for each peer and heartbeat.
    package var subscriptionCountMax = 512
    /// Topics that a peer may have joined.
    package var peerTopicCountMax = 128
    /// Messages that wait for their verdict.
    package var pendingCountMax = 1_024
    /// Bytes of messages that wait for their verdict.
    package var pendingByteCountMax = 32 << 20
    /// The payload of a message.
    package var messageByteCountMax = 1_000_000
    /// What a message may have besides its payload and its topic: author, number, signature, key, and fields that this
    /// version does not know.
    ///
    /// All nodes of a network have the same, so that whoever passes on more is at fault.
    package var envelopeByteCountMax = 512
    /// What an RPC may hold, in both directions.
    package var limits = GossipLimits()

    /// What behaviour is worth.
    package var scoring = PeerScoreParameters()
    /// What scores mean.
    package var thresholds = PeerScoreThresholds()
    /// P7 of a stream that breaks the encoding.
    package var malformedPenalty = 10.0

    /// How many messages of one peer may turn out to be of no use, though nobody's fault, before its messages are dropped
    /// unseen until the next heartbeat: at once, and for each heartbeat.
    package var ignorableCountMax = 256
    package var ignorableCountPerHeartbeat = 32
    /// How many messages of one peer the application may dismiss in a heartbeat before the rest is dropped unseen.
    ///
    /// Dismissing takes microseconds, and honest peers bring what others make them bring, so these are many.
    package var dismissedCountMax = 1_024
    /// How many ids of dismissed messages are remembered for some heartbeats.
    package var dismissedIDCountMax = 8_192

    /// What a message is recognised by; nil makes it invalid.
    ///
    /// ``MessageID/content(_:)`` where nothing speaks against it.
    package var messageID: @Sendable (GossipMessage) -> MessageID? = MessageID.origin
    /// Whether a message has a good signature; another function than StrictSign's may only remember its results.
    package var hasGoodSignature: @Sendable (GossipMessage) -> Bool = {
        (try? MessageSigning.verify($0)) != nil
    }

    /// The defaults, without any topic in the scores.
    package init() {}

    /// Checks that the parameters fit together.
    package func validate() throws(GossipConfigurationError) {
        guard meshDegreeMin <= meshDegree, meshDegree <= meshDegreeMax, meshDegreeByScore <= meshDegree,
            meshDegreeOutbound <= meshDegree / 2, meshDegreeOutbound < max(meshDegreeMin, 1), meshDegreeOutbound >= 0,
            lazyDegree >= 0, (0...1).contains(gossipFactor)
        else { throw .meshDegrees }
        guard heartbeatInterval > .zero, historyGossip >= 1, historyGossip <= historyLength, pruneBackoff > .zero,
            unsubscribeBackoff > .zero, pruneBackoff <= backoffMax, opportunisticGraftTicks > 0, directConnectTicks > 0,
            seenLifetime >= heartbeatInterval * historyLength
        else { throw .times }
        guard messageByteCountMax + 1_024 <= limits.rpcByteCountMax, seenCountMax > 0, backoffCountMax > 0,
            pendingCountMax > 0, pendingByteCountMax > messageByteCountMax, historyByteCountMax > messageByteCountMax
        else { throw .limits }
        guard scoring.isValid, thresholds.isValid else { throw .scores }
    }
}

/// Which parameters do not fit together; the caller's fault.
package enum GossipConfigurationError: Error, Equatable, Sendable {
    /// D_lo ≤ D ≤ D_hi, D_score ≤ D, D_out ≤ D/2, D_out < D_lo, or the gossip factor.
    case meshDegrees
    /// A time or a number of heartbeats is zero or contradicts another.
    case times
    /// A limit is zero, or a message does not fit into an RPC.
    case limits
    /// A weight, threshold or decay factor has the wrong sign or order.
    case scores
}
