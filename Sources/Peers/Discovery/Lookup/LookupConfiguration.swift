/// How a lookup searches.
package struct LookupConfiguration: Hashable, Sendable {
    /// α: peers asked at the same time.
    package var concurrency = 10
    /// Disjoint paths of a lookup for a peer and of the one for this node itself.
    package var pathCount = 10
    /// Disjoint paths of a lookup that only refreshes a bucket.
    package var refreshPathCount = 3
    /// A path is at its end when so many of its nearest peers answered.
    package var pathWidth = 3
    /// Peers that a path remembers.
    package var pathCandidateCountMax = 60
    /// Contacts of a path after which every other one goes to a peer that is near the path's beginning.
    package var fairnessThreshold = 4
    /// How near to its beginning a path asks everyone before it gives up a peer: answers that led to a peer, and the
    /// place in the last of them, together.
    package var fairReach = 2
    /// Peers with which a lookup begins, and that it takes from an answer.
    package var answerPeerCountMax = 20
    /// Peers that a lookup asks in all.
    package var contactCountMax = 96
    /// Peers of one IPv4 /16 or IPv6 /32 that a lookup asks.
    package var contactCountPerNetworkMax = 4
    /// How often a peer on the way is tried, when others name further addresses of it.
    package var attemptCountMax = 2
    /// How often the peer that is searched is tried; this does not count towards ``contactCountMax``.
    package var targetAttemptCountMax = 16
    /// Addresses tried in one attempt, and taken from one answer.
    package var attemptAddressCountMax = 3
    /// How long a lookup takes at most.
    package var timeout = Duration.seconds(60)

    /// The defaults of Tabellion; the specification's where it has some.
    package init() {}

    /// Whether the numbers make sense.
    var isValid: Bool {
        let limits = [
            concurrency, pathCount, refreshPathCount, pathWidth, answerPeerCountMax, contactCountMax,
            contactCountPerNetworkMax, attemptCountMax, targetAttemptCountMax, attemptAddressCountMax,
        ]
        return limits.allSatisfy { $0 > 0 } && pathCandidateCountMax >= pathWidth && fairnessThreshold >= 0
            && fairReach >= 0 && timeout > .zero
    }
}
