internal import Discovery

extension DiscoveryConfiguration {
    /// A smaller discovery: the same decisions with shorter lookups and a smaller memory for addresses, and with fewer
    /// connections, so that ten thousand nodes fit into one process.
    ///
    /// - Parameter keepsRoom: Whether connections are limited as in a real node. Where somebody wants to take them all,
    ///   their number decides how it ends.
    mutating func scaleDown(keepsRoom: Bool) {
        table.bucketCountMax = 10
        lookup.concurrency = 3
        lookup.pathCount = 3
        lookup.refreshPathCount = 1
        lookup.pathCandidateCountMax = 20
        lookup.answerPeerCountMax = 10
        lookup.contactCountMax = 24
        refreshedBucketMax = 6
        firstRefreshInterval = .seconds(120)
        guard !keepsRoom else { return }
        connections.outboundTarget = 8
        connections.trimThreshold = 30
        connections.trimTarget = 22
        connections.countMax = 44
        connections.gracePeriod = .seconds(10)
        book.entryCountMax = 96
        book.unverifiedCountMax = 48
    }
}
