internal import Gossip
internal import PeerProtocols

/// What a node knows of a peer that is connected.
struct ConnectedPeer: Sendable {
    /// The most RPCs, and bytes of them, that are held back until the own gossip stream is open.
    static let earlyRPCCountMax = 16
    static let earlyByteCountMax = 256 << 10
    /// What an entry of such an RPC takes in memory besides its bytes, about.
    static let earlyEntryCost = 192
    /// How often a gossip stream is opened anew.
    static let gossipAttemptMax = 5
    /// How long a gossip stream must have been open for its end not to count as a failure to open it.
    static let gossipProbation = Duration.seconds(30)

    /// In the order in which peers came.
    let number: UInt64
    let link: PeerLink
    let connectedAt: NodeInstant
    var identification: PeerIdentification?
    /// The version of the own gossip stream, if it is open.
    var gossipVersion: GossipVersion?
    /// Since when the own gossip stream is, or was last, open; nil if the last attempt to open it failed.
    var gossipOpenedAt: MonotonicInstant?
    /// How often in a row the gossip stream could not be opened or closed soon.
    var gossipFailureCount = 0
    /// What the peer sent before the own stream was open.
    var earlyRPCs: [GossipRPC] = []
    var earlyByteCount = 0
    /// Whether this node already asked to close the connection.
    var isLeaving = false
}
