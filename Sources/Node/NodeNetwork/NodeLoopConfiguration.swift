/// What the driver of a node may take, beside what its host and its decisions may.
package struct NodeLoopConfiguration: Sendable {
    /// Connections being made at a time.
    package var dialCountMax = 16
    /// Connections being made at a time to one IPv4 address or one IPv6 /64.
    package var dialCountPerAddressMax = 4
    /// Peers that wait to be dialled; a further one fails at once.
    package var waitingDialCountMax = 256
    /// Addresses of one peer that are tried, one after the other.
    package var dialAddressCountMax = 8
    /// Connections to one peer; a further one takes the place of one.
    ///
    /// Two peers that dial each other at once have two.
    package var connectionCountPerPeerMax = 2
    /// Connections of peers that are no nodes, beyond those that the node keeps, on which no session runs; a further
    /// one ends the oldest.
    package var guestCountMax = 128
    /// For such a peer to begin a session, and after its last one.
    package var guestTimeout = Duration.seconds(30)
    /// From the first byte of a message of a peer to its last, and for what is sent to a peer to leave.
    package var messageTimeout = Duration.seconds(30)
    /// Requests of other threads that wait for the node; more are refused.
    package var requestCountMax = 1_024
    /// Events of the network that are handled before the loop looks at anything else.
    package var eventBatchCount = 64
    /// Commits that wait for the disk; the loop waits for one of them before it hands over another.
    package var waitingCommitCountMax = 64
    /// Bytes of changes that share one wait for the disk.
    package var commitGroupByteCountMax = 4 << 20

    /// The limits of a node.
    package init() {}
}
