/// What a node counted since it began, for metrics and simulations; the router counts its own.
package struct NodeStatistics: Hashable, Sendable {
    /// New records that are safe: signed here.
    package var recordsSigned = 0
    /// New records that are safe: brought by gossip.
    package var recordsReceived = 0
    /// New records that are safe: asked for.
    package var recordsSynced = 0
    /// Refused records by ``Records/RecordRefusal/code``.
    package var refusals: [String: Int] = [:]
    /// Misconduct of peers outside gossip.
    package var misconduct: [Misconduct: Int] = [:]
    /// Sessions for which a notary signed twice.
    package var doubleSignings = 0
    /// Requests to sign that were refused.
    package var signaturesRefused = 0
    /// Own attestations published.
    package var published = 0
    /// Commits asked for.
    package var commits = 0
    /// Exchanges in which this node caught up, by how they ended.
    package var exchangesCompleted = 0
    /// Exchanges that were to go on later.
    package var exchangesPostponed = 0
    /// Exchanges that failed.
    package var exchangesFailed = 0
    /// Bytes of answers that this node got.
    package var syncBytesReceived = 0
    /// Questions of peers that were answered.
    package var syncRequestsServed = 0
    /// Bytes of answers that this node gave.
    package var syncBytesSent = 0
    /// Records pruned.
    package var recordsPruned = 0
    /// RPCs that came before the own gossip stream was open and were dropped, because they were too many.
    package var earlyRPCsDropped = 0

    /// Nothing yet.
    package init() {}
}
