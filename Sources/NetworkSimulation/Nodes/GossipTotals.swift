package import Gossip

/// What routers counted, as far as the simulation reports it, over several lives and nodes.
package struct GossipTotals: Hashable, Sendable {
    /// Messages that had been seen.
    package private(set) var duplicates = 0
    /// Messages with missing fields or bad signatures, and those that validation rejected.
    package private(set) var rejected = 0
    /// Copies not sent because the peer did not want them.
    package private(set) var sendsSuppressed = 0
    /// Messages sent because they were asked for.
    package private(set) var requestsServed = 0
    /// Promises of messages that were not kept.
    package private(set) var promisesBroken = 0
    /// Times a peer exceeded a limit on control entries.
    package private(set) var excesses = 0

    /// Nothing.
    package init() {}

    /// What one router counted in one life.
    package init(_ statistics: GossipStatistics) {
        duplicates = statistics.duplicates
        rejected = statistics.rejected + statistics.badSignatures
        sendsSuppressed = statistics.sendsSuppressed
        requestsServed = statistics.requestsServed
        promisesBroken = statistics.promisesBroken
        excesses = statistics.excesses
    }

    /// The sum.
    package static func + (left: GossipTotals, right: GossipTotals) -> GossipTotals {
        var sum = left
        sum.duplicates += right.duplicates
        sum.rejected += right.rejected
        sum.sendsSuppressed += right.sendsSuppressed
        sum.requestsServed += right.requestsServed
        sum.promisesBroken += right.promisesBroken
        sum.excesses += right.excesses
        return sum
    }
}
