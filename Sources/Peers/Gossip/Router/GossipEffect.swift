package import PeerProtocols

/// What a router asks its driver to do, in this order.
package enum GossipEffect: Hashable, Sendable {
    /// Send an RPC to a connected peer; it is within ``GossipLimits``.
    case send(GossipRPC, to: PeerID)
    /// Judge a message and report the verdict with ``GossipRouter/report(_:of:now:)``.
    ///
    /// Its signature is good and it was not seen before. `from` is who brought it, not its author.
    case validate(GossipMessage, id: MessageID, from: PeerID)
    /// Connect to a peer that another peer recommended, or to a direct peer that is not connected.
    ///
    /// The record says where, if there is one; the driver checks its signature. Otherwise discovery has to know.
    case connect(PeerID, signedRecord: [UInt8]?)
    /// Close the connection to a peer.
    case disconnect(PeerID, GossipDisconnectReason)
}

/// Why a router wants to be rid of a peer.
package enum GossipDisconnectReason: Hashable, Sendable {
    /// Its score fell below the graylist threshold.
    case graylisted
    /// It sent what is no RPC, or too large a one.
    case malformed
}

/// What the application says of a message (GossipSub v1.1, "Extended Validators").
package enum ValidationVerdict: Hashable, Sendable {
    /// Valid: forward it.
    case accept
    /// Invalid, so that no honest peer would have forwarded it: penalise whoever brought it.
    case reject
    /// Invalid at the moment: penalise whoever brought it, but not who brings it later.
    case rejectForNow
    /// Of no use, but nobody's fault.
    case ignore
}
