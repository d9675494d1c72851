/// What a node holds at the moment besides its router and its discovery, for bounds to be watched.
package struct NodeOccupancy: Equatable, Sendable {
    /// Records that wait for the store.
    package var waitingRecordCount: Int
    /// Requests to sign that wait for the store.
    package var waitingSignatureCount: Int
    /// Own attestations that were not published yet.
    package var outboxCount: Int
    /// Exchanges under way in which the node catches up.
    package var exchangeCount: Int
    /// The most ids that a peer listed in one of them.
    package var listedIdentifierCountMax: Int
    /// Spans of which it is remembered that a peer's records are of no use.
    package var exploredSpanCount: Int

    /// The bound of ``outboxCount``.
    package static let outboxCountMax = Outbox.countMax
    /// The bound of ``exploredSpanCount``.
    package static let exploredSpanCountMax = ExploredSpans.countMax
}

/// What a node holds back of its peers' gossip because its own stream to them is not open yet: the most of one peer.
package struct HeldGossip: Equatable, Sendable {
    /// RPCs.
    package var countMax = 0
    /// Their bytes.
    package var byteCountMax = 0

    /// Nothing, or so much.
    package init(countMax: Int = 0, byteCountMax: Int = 0) {
        self.countMax = countMax
        self.byteCountMax = byteCountMax
    }

    /// The bounds of one peer.
    package static let limit = HeldGossip(
        countMax: ConnectedPeer.earlyRPCCountMax,
        byteCountMax: ConnectedPeer.earlyByteCountMax
    )
}

extension NodeMachine {
    /// What the node holds; takes constant time.
    package var occupancy: NodeOccupancy {
        NodeOccupancy(
            waitingRecordCount: commits.recordCount,
            waitingSignatureCount: commits.signatureCount,
            outboxCount: outbox.count,
            exchangeCount: schedule.exchanges.count,
            listedIdentifierCountMax: schedule.exchanges.values.map(\.identifierCount).max() ?? 0,
            exploredSpanCount: explored.count
        )
    }

    /// What is held back of peers; looks at each.
    package var heldGossip: HeldGossip {
        HeldGossip(
            countMax: peers.values.map(\.earlyRPCs.count).max() ?? 0,
            byteCountMax: peers.values.map(\.earlyByteCount).max() ?? 0
        )
    }
}
