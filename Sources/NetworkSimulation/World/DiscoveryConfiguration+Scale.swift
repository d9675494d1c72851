internal import Discovery

extension DiscoveryConfiguration {
    /// A smaller discovery: the same decisions with fewer connections, shorter lookups and a smaller memory for
    /// addresses, so that ten thousand nodes fit into one process.
    mutating func scaleDown() {
        connections.outboundTarget = 8
        connections.trimThreshold = 30
        connections.trimTarget = 22
        connections.countMax = 44
        connections.gracePeriod = .seconds(10)
        table.bucketCountMax = 10
        lookup.concurrency = 3
        lookup.pathCount = 3
        lookup.refreshPathCount = 1
        lookup.pathCandidateCountMax = 20
        lookup.answerPeerCountMax = 10
        lookup.contactCountMax = 24
        refreshedBucketMax = 6
        firstRefreshInterval = .seconds(120)
        book.entryCountMax = 96
        book.unverifiedCountMax = 48
    }
}
