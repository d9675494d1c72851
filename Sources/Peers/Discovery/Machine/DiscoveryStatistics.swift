/// What was counted since the start.
package struct DiscoveryStatistics: Hashable, Sendable {
    /// Requests sent.
    package internal(set) var requestsSent = 0
    /// Requests that were answered.
    package internal(set) var requestsAnswered = 0
    /// Requests that failed or were not answered in time.
    package internal(set) var requestsFailed = 0
    /// Requests of peers that were served.
    package internal(set) var requestsServed = 0
    /// Requests of peers that were refused.
    package internal(set) var requestsRefused = 0
    /// Dials begun.
    package internal(set) var dials = 0
    /// Dials that failed.
    package internal(set) var dialsFailed = 0
    /// Connections refused.
    package internal(set) var connectionsRefused = 0
    /// Connections closed because there were too many.
    package internal(set) var connectionsTrimmed = 0
    /// Lookups begun.
    package internal(set) var lookups = 0
    /// Lookups that found their peer.
    package internal(set) var lookupsFound = 0
    /// Peers that entered the routing table.
    package internal(set) var tableInsertions = 0
    /// Peers that left it because they did not answer.
    package internal(set) var tableEvictions = 0
    /// Peers that did not enter because there are enough of their network.
    package internal(set) var tableNetworkRefusals = 0
    /// Times the application would have nothing to do with a peer.
    package internal(set) var peersShunned = 0
    /// Offences of peers.
    package internal(set) var offences = 0

    /// Nothing yet.
    package init() {}
}

/// What discovery holds at the moment, for bounds to be watched.
package struct DiscoveryOccupancy: Hashable, Sendable {
    /// Peers in the routing table.
    package let tableCount: Int
    /// Peers in the address book.
    package let bookCount: Int
    /// Connected peers.
    package let connectionCount: Int
    /// Dials under way and waiting.
    package let dialCount: Int
    /// Requests under way.
    package let requestCount: Int
    /// Lookups under way.
    package let lookupCount: Int
}
