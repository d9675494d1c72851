internal import PeerProtocols

/// What a router knows of one connected peer.
struct PeerState: Sendable {
    let id: PeerID
    let version: GossipVersion
    let isOutbound: Bool
    let isDirect: Bool
    /// The topics that the peer joined; bounded by the configuration.
    var topics: Set<GossipTopic> = []
    /// The peer's own signed record, to pass on in peer exchange.
    var signedRecord: [UInt8]?
    /// How many more of its messages may be looked at in vain.
    var ignorableCount: Int
    /// What the peer asked for since the last heartbeat.
    var counters = HeartbeatCounters()
    /// Messages that the peer does not want, with the heartbeat at which that is forgotten.
    var unwanted: [MessageID: UInt64] = [:]
    /// Whether the router already asked to disconnect the peer for its score.
    var isReportedGraylisted = false
}

/// What one peer did since the last heartbeat; each has a limit.
struct HeartbeatCounters: Sendable {
    var advertisementRPCs = 0
    var requestedIDs = 0
    var wantedIDs = 0
    var unwantedIDs = 0
    var meshChanges = 0
    var subscriptions = 0
    /// Messages that the application did not want to look at.
    var dismissals = 0
    /// Limits that were exceeded: each costs the peer once a heartbeat.
    var exceeded: Set<Excess> = []

    enum Excess: Hashable, Sendable {
        case advertisements, wanted, retransmissions, unwanted, meshChanges, subscriptions
    }
}
