/// What a router holds at the moment.
package struct GossipOccupancy: Hashable, Sendable {
    /// Ids of seen messages.
    package var seenCount: Int
    /// Messages kept to be asked for.
    package var cachedCount: Int
    /// Their bytes.
    package var cachedByteCount: Int
    /// Messages that wait for a verdict.
    package var pendingCount: Int
    /// Their bytes.
    package var pendingByteCount: Int
    /// Ids of dismissed messages.
    package var dismissedCount: Int
    /// Promises that are followed up.
    package var promiseCount: Int
    /// Peers with a score, connected or remembered.
    package var scoreCount: Int
    /// Backoffs of all topics.
    package var backoffCount: Int
}
