package import PeerProtocols

/// Which peers are connected, which connections to refuse, and which to give up when there are too many.
package struct ConnectionPlan: Sendable {
    /// The parameters, as given.
    package let configuration: ConnectionConfiguration
    private var connections: [PeerID: Connection] = [:]
    private var protections: [PeerID: ConnectionProtection] = [:]
    private var hostCounts: [AddressPrefix: Int] = [:]
    private var networkCounts: [AddressPrefix: Int] = [:]

    /// One connected peer.
    package struct Connection: Sendable {
        /// Where it is connected from or was dialled; nil if that is no TCP address.
        package let endpoint: PeerEndpoint?
        /// Whether this side dialled.
        package let isOutbound: Bool
        /// Since when.
        package let since: MonotonicInstant
        /// What the application thinks of it; more is better.
        package var value = 0.0
        /// Whether it answers Kademlia's requests.
        package var isServer = false

        /// The value that decides who goes first: who was dialled, and who helps to find others, is worth more.
        var rank: Double { value + (isOutbound ? 10 : 0) + (isServer ? 5 : 0) }
    }

    /// No connections yet.
    package init(configuration: ConnectionConfiguration) {
        self.configuration = configuration
    }

    /// The number of connected peers.
    package var count: Int { connections.count }

    /// The number of connected peers that this side dialled.
    package var outboundCount: Int { connections.values.count { $0.isOutbound } }

    /// The connection of a peer.
    package subscript(_ peer: PeerID) -> Connection? { connections[peer] }

    /// The connected peers in the order of their ids.
    package var peers: [PeerID] {
        connections.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// Why a connection is not wanted, or nil if it is.
    ///
    /// - Parameters:
    ///   - peer: Who it is, or nil while that is not known: before the handshake.
    ///   - isOutbound: Connections that this side opens count in all, not for hosts and networks.
    package func refusal(
        of endpoint: PeerEndpoint?,
        peer: PeerID? = nil,
        isOutbound: Bool = false
    ) -> ConnectionRefusal? {
        if let peer, connections[peer] != nil { return .duplicate }
        if let peer, protections[peer]?.isEmpty == false { return nil }
        guard connections.count < configuration.countMax else { return .tooMany }
        guard !isOutbound, let endpoint, !isExempt(endpoint) else { return nil }
        if let host = AddressPrefix.host(of: endpoint), hostCounts[host] ?? 0 >= configuration.countPerHostMax {
            return .tooManyOfHost
        }
        if let network = AddressPrefix.network(of: endpoint),
            networkCounts[network] ?? 0 >= configuration.countPerNetworkMax
        {
            return .tooManyOfNetwork
        }
        return nil
    }

    /// A peer is connected.
    ///
    /// - Returns: Why it has to be disconnected instead, or nil.
    package mutating func connected(
        _ peer: PeerID,
        endpoint: PeerEndpoint?,
        isOutbound: Bool,
        now: MonotonicInstant
    ) -> ConnectionRefusal? {
        if let refusal = refusal(of: endpoint, peer: peer, isOutbound: isOutbound) { return refusal }
        connections[peer] = Connection(endpoint: endpoint, isOutbound: isOutbound, since: now)
        count(endpoint, 1)
        return nil
    }

    /// A peer is not connected any more.
    ///
    /// - Returns: What the connection was.
    @discardableResult
    package mutating func disconnected(_ peer: PeerID) -> Connection? {
        guard let connection = connections.removeValue(forKey: peer) else { return nil }
        count(connection.endpoint, -1)
        // What was a reason to keep the connection is none to let the peer in again, beyond all limits.
        let lasting = protections[peer]?.intersection(.configuration) ?? []
        protections[peer] = lasting.isEmpty ? nil : lasting
        return connection
    }

    /// Sets what the application thinks of a connected peer.
    package mutating func setValue(_ value: Double, of peer: PeerID) {
        connections[peer]?.value = value
    }

    /// A connected peer answers Kademlia's requests, or does not.
    package mutating func setServer(_ isServer: Bool, _ peer: PeerID) {
        connections[peer]?.isServer = isServer
    }

    /// Adds a reason to keep a peer's connection, also before there is one.
    package mutating func protect(_ peer: PeerID, _ reason: ConnectionProtection) {
        protections[peer, default: []].formUnion(reason)
    }

    /// Takes a reason back.
    package mutating func unprotect(_ peer: PeerID, _ reason: ConnectionProtection) {
        protections[peer]?.subtract(reason)
        if protections[peer]?.isEmpty == true { protections[peer] = nil }
    }

    /// Why a peer's connection is kept.
    package func protection(of peer: PeerID) -> ConnectionProtection { protections[peer] ?? [] }

    /// The connections to close now: none up to the threshold, else those worth least until the target is met.
    ///
    /// Protected ones and those within their grace period stay. Of equal ones, those whose host has most connections go
    /// first, then the newest.
    package func surplus(now: MonotonicInstant) -> [PeerID] {
        guard connections.count > configuration.trimThreshold else { return [] }
        let closable = connections.filter { peer, connection in
            protections[peer]?.isEmpty ?? true
                && connection.since.advanced(by: configuration.gracePeriod) <= now
        }
        let ranked = closable.map { (peer: $0.key, connection: $0.value, crowd: crowd(of: $0.value.endpoint)) }
            .sorted { left, right in
                let (a, b) = (left.connection, right.connection)
                if a.rank != b.rank { return a.rank < b.rank }
                if left.crowd != right.crowd { return left.crowd > right.crowd }
                if a.since != b.since { return a.since > b.since }
                return left.peer.bytes.lexicographicallyPrecedes(right.peer.bytes)
            }
        return ranked.prefix(connections.count - configuration.trimTarget).map(\.peer)
    }

    /// How many of the connections that this side dialled go to each network.
    package var outboundNetworkCounts: [AddressPrefix: Int] {
        connections.values.reduce(into: [:]) { counts, connection in
            guard connection.isOutbound, let endpoint = connection.endpoint, !isExempt(endpoint),
                let network = AddressPrefix.network(of: endpoint)
            else { return }
            counts[network, default: 0] += 1
        }
    }

    /// Whether an endpoint counts for no host and network.
    package func isExempt(_ endpoint: PeerEndpoint) -> Bool {
        configuration.exemptsLoopback && endpoint.scope == .loopback
    }

    private func crowd(of endpoint: PeerEndpoint?) -> Int {
        guard let endpoint, !isExempt(endpoint), let host = AddressPrefix.host(of: endpoint) else { return 0 }
        return hostCounts[host] ?? 0
    }

    private mutating func count(_ endpoint: PeerEndpoint?, _ change: Int) {
        guard let endpoint, !isExempt(endpoint) else { return }
        if let host = AddressPrefix.host(of: endpoint) { Self.count(&hostCounts, host, change) }
        if let network = AddressPrefix.network(of: endpoint) { Self.count(&networkCounts, network, change) }
    }

    private static func count(_ counts: inout [AddressPrefix: Int], _ prefix: AddressPrefix, _ change: Int) {
        let count = (counts[prefix] ?? 0) + change
        counts[prefix] = count > 0 ? count : nil
    }
}

/// Why a connection is not wanted.
package enum ConnectionRefusal: Hashable, Sendable {
    /// The peer is connected already.
    case duplicate
    /// There are as many connections as allowed.
    case tooMany
    /// There are as many from its host as allowed.
    case tooManyOfHost
    /// There are as many from its network as allowed.
    case tooManyOfNetwork
}

/// Reasons to keep a connection whatever it is worth.
package struct ConnectionProtection: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The operator named the peer.
    package static let configuration = ConnectionProtection(rawValue: 1)
    /// The peer is in the mesh of a topic.
    package static let mesh = ConnectionProtection(rawValue: 2)
    /// A notary session runs over the connection.
    package static let session = ConnectionProtection(rawValue: 4)
    /// Records are being synchronised over the connection.
    package static let sync = ConnectionProtection(rawValue: 8)
}
