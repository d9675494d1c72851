/// The scores at which a router treats a peer differently (GossipSub v1.1, "Score Thresholds").
package struct PeerScoreThresholds: Sendable {
    /// Below it, no gossip goes to the peer and its gossip is ignored.
    ///
    /// At most 0.
    package var gossip = -100.0
    /// Below it, own messages are not published to the peer.
    ///
    /// At most `gossip`.
    package var publish = -500.0
    /// Below it, everything that the peer sends is ignored.
    ///
    /// At most `publish`.
    package var graylist = -1_000.0
    /// From it on, peers that the peer recommends are connected to.
    ///
    /// At least 0.
    package var acceptExchange = 10.0
    /// A mesh whose median score is below it takes in better peers.
    ///
    /// At least 0.
    package var opportunisticGraft = 2.0

    /// The defaults of Tabellion, which go with those of ``PeerScoreParameters``.
    package init() {}

    /// Whether the thresholds have the order that the specification asks for.
    var isValid: Bool {
        gossip <= 0 && publish <= gossip && graylist <= publish && acceptExchange >= 0 && opportunisticGraft >= 0
    }
}
