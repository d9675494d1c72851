internal import Discovery

extension DiscoveryConfiguration {
    /// A smaller discovery: the same decisions with fewer connections, shorter lookups and a smaller address book, so
    /// that ten thousand nodes fit into one process.
    mutating func scaleDown() {
        connections.outboundTarget = 12
        connections.trimThreshold = 48
        connections.trimTarget = 36
        lookup.concurrency = 3
        lookup.pathCount = 3
        lookup.refreshPathCount = 1
        lookup.contactCountMax = 24
        refreshedBucketMax = 6
        firstRefreshInterval = .seconds(120)
        book.entryCountMax = 192
        book.unverifiedCountMax = 96
    }
}
