package import PeerProtocols

/// How a node finds and keeps its peers.
package struct DiscoveryConfiguration: Sendable {
    /// Whether the node answers others, and enters their tables.
    package enum Mode: Hashable, Sendable {
        /// Reachable and there for long: answers.
        case server
        /// Only asks.
        case client
    }

    /// Whether this node answers.
    package var mode = Mode.server
    /// The protocols that are answered; requests are made with any of them that the peer has, the first by preference.
    ///
    /// One whose name has the network's id keeps other networks out of the table.
    package var protocols: [ProtocolName] = ["/tabellion/kad/1.0.0"]
    /// Where to begin; each address ends with its peer.
    package var bootstrap: [Multiaddr] = []
    /// Which addresses are believed.
    package var addressPolicy = AddressPolicy()
    /// The routing table.
    package var table = RoutingTableConfiguration()
    /// The lookups.
    package var lookup = LookupConfiguration()
    /// The address book.
    package var book = AddressBookConfiguration()
    /// The connections.
    package var connections = ConnectionConfiguration()
    /// What a message may hold.
    package var limits = KademliaLimits()

    /// Whether peers of one network are limited in the table and in lookups; off in networks on one machine or in one
    /// local network.
    package var limitsNetworks = true
    /// How long a peer may take to answer.
    package var requestTimeout = Duration.seconds(10)
    /// Lookups that others of this process asked for, at a time.
    package var lookupCountMax = 8
    /// Requests that one peer may make in a burst.
    package var requestBurstMax = 64
    /// Requests that one peer may make in a second in the long run.
    package var requestsPerSecondMax = 8
    /// How often the machine looks after itself.
    package var maintenanceInterval = Duration.seconds(5)
    /// The time between refreshes of the table, in the long run.
    package var refreshInterval = Duration.seconds(600)
    /// The time from the first refresh to the second; it doubles until it is the long run's.
    package var firstRefreshInterval = Duration.seconds(30)
    /// Buckets above this one are refreshed by the lookup for this node itself.
    package var refreshedBucketMax = 12
    /// With fewer peers in the table, those of ``bootstrap`` are asked.
    package var bootstrapThreshold = 4
    /// How long a peer of the table may be silent before it is asked.
    package var livenessInterval = Duration.seconds(600)
    /// Peers asked for that at a time.
    package var livenessProbeCountMax = 4
    /// How often what changed in the address book goes to storage.
    package var storageInterval = Duration.seconds(60)
    /// Entries that go to storage at a time.
    package var storageBatchCountMax = 64

    /// The defaults of a node in the internet.
    package init() {}

    /// The changes for a network whose nodes are all on this machine: loopback addresses are believed and do not count
    /// for hosts and networks.
    package mutating func exemptLoopback() {
        addressPolicy.acceptsLoopback = true
        connections.exemptsLoopback = true
        limitsNetworks = false
    }

    /// Checks that the parameters fit together.
    package func validate() throws(DiscoveryConfigurationError) {
        guard !protocols.isEmpty else { throw .protocols }
        guard bootstrap.allSatisfy({ $0.peerID != nil && PeerEndpoint($0) != nil }) else { throw .bootstrap }
        guard table.isValid, lookup.isValid, book.isValid, connections.isValid, lookupCountMax > 0,
            requestBurstMax > 0, requestsPerSecondMax > 0, livenessProbeCountMax > 0, storageBatchCountMax > 0,
            refreshedBucketMax <= 16
        else { throw .limits }
        guard requestTimeout > .zero, maintenanceInterval > .zero, firstRefreshInterval > .zero,
            firstRefreshInterval <= refreshInterval, livenessInterval > .zero, storageInterval > .zero
        else { throw .times }
    }
}

/// Which parameters do not make sense; the caller's fault.
package enum DiscoveryConfigurationError: Error, Equatable, Sendable {
    /// No protocol to ask with.
    case protocols
    /// An address to begin with that is no TCP address or names no peer.
    case bootstrap
    /// A limit is zero or contradicts another.
    case limits
    /// A time is zero or contradicts another.
    case times
}
