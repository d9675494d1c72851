package import PeerProtocols

/// What a peer told of itself with identify, as far as the node's decisions need it.
package struct PeerIdentification: Equatable, Sendable {
    /// The program and its version, printable.
    package var agentVersion: String
    /// Which network's protocols it speaks; see ``NodeConfiguration/protocolVersion``.
    package var protocolVersion: String
    /// The protocols that it accepts streams for.
    package var protocols: Set<ProtocolName>
    /// Where it says it listens, unchecked.
    package var listenAddresses: [Multiaddr]
    /// Where it sees this node, unchecked.
    package var observedAddress: Multiaddr?
    /// Its signed peer record (libp2p RFC 0003), unchecked.
    package var signedRecord: [UInt8]?

    /// What a peer told.
    package init(
        agentVersion: String = "",
        protocolVersion: String = "",
        protocols: Set<ProtocolName>,
        listenAddresses: [Multiaddr] = [],
        observedAddress: Multiaddr? = nil,
        signedRecord: [UInt8]? = nil
    ) {
        self.agentVersion = agentVersion
        self.protocolVersion = protocolVersion
        self.protocols = protocols
        self.listenAddresses = listenAddresses
        self.observedAddress = observedAddress
        self.signedRecord = signedRecord
    }
}

/// A secure connection to a peer.
package struct PeerLink: Equatable, Sendable {
    /// Where the peer is, or, if it dialled, where it came from.
    package var address: Multiaddr?
    /// Whether this node dialled.
    package var isOutbound: Bool

    /// A connection.
    package init(address: Multiaddr?, isOutbound: Bool) {
        self.address = address
        self.isOutbound = isOutbound
    }
}
