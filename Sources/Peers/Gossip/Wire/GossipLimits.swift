/// What one RPC may hold; a peer that sends more breaks the protocol.
package struct GossipLimits: Sendable {
    /// The encoded RPC, without its length.
    package var rpcByteCountMax = 1 << 20
    /// Subscriptions, each of at least two bytes on the wire.
    package var subscriptionCountMax = 1_024
    /// Messages in full.
    package var messageCountMax = 4_096
    /// IHAVE, IWANT, GRAFT, PRUNE and IDONTWANT entries together.
    package var controlEntryCountMax = 4_096
    /// Message ids in all entries together.
    package var idCountMax = 16_384
    /// Peers in all PRUNE entries together.
    package var exchangedPeerCountMax = 256
    /// A signed peer record.
    package var signedRecordByteCountMax = 4_096

    /// The limits that go with RPCs of 1 MiB, go-libp2p-pubsub's default.
    package init() {}
}
