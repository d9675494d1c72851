package import PeerProtocols

/// Which addresses are believed, by where they come from.
///
/// Whoever is reached over the internet has no business naming addresses of this machine or its local network: dialling
/// them would let a stranger make this node knock at its neighbours' doors.
package struct AddressPolicy: Hashable, Sendable {
    /// Whether addresses of local networks are taken from everyone, for networks inside one.
    package var acceptsLocal = false
    /// Whether loopback addresses are taken from everyone, for networks on one machine.
    package var acceptsLoopback = false
    /// Whether names are taken from peers; they are always taken from the configuration.
    package var acceptsNames = false

    /// The policy of a node in the internet.
    package init() {}

    /// The policy of a network on one machine.
    package static var oneMachine: AddressPolicy {
        var policy = AddressPolicy()
        policy.acceptsLocal = true
        policy.acceptsLoopback = true
        return policy
    }

    /// Whether an endpoint that a peer named may be dialled.
    ///
    /// - Parameter source: The scope of the address that the peer itself is connected from; nil when it is unknown.
    package func accepts(_ endpoint: PeerEndpoint, from source: AddressScope?) -> Bool {
        guard endpoint.port != 0 else { return false }
        switch endpoint.scope {
        case .global: return true
        case .local: return acceptsLocal || source == .local || source == .loopback
        case .loopback: return acceptsLoopback || source == .loopback
        case .name: return acceptsNames
        case .unusable: return false
        }
    }

    /// The endpoints of a peer's addresses that may be dialled, without repetitions, in their order, at most `limit`.
    ///
    /// An address that names another peer is left out.
    package func endpoints(
        of addresses: [Multiaddr],
        of peer: PeerID,
        from source: AddressScope?,
        limit: Int
    ) -> [PeerEndpoint] {
        var endpoints: [PeerEndpoint] = []
        for address in addresses where endpoints.count < limit {
            guard address.peerID == nil || address.peerID == peer, let endpoint = PeerEndpoint(address),
                accepts(endpoint, from: source), !endpoints.contains(endpoint)
            else { continue }
            endpoints.append(endpoint)
        }
        return endpoints
    }
}
