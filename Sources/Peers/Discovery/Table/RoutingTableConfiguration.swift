/// How many peers a routing table takes.
package struct RoutingTableConfiguration: Hashable, Sendable {
    /// k: peers in a bucket.
    package var bucketCountMax = 20
    /// Peers of one IPv4 /16 or IPv6 /32 in a bucket; go-libp2p-kad-dht's default.
    package var bucketCountPerNetworkMax = 2
    /// The same in the whole table.
    package var tableCountPerNetworkMax = 3
    /// Requests in a row that a peer may leave unanswered.
    package var failureCountMax: UInt8 = 2

    /// The parameters of the specification.
    package init() {}

    /// Whether the numbers make sense.
    var isValid: Bool {
        bucketCountMax > 0 && bucketCountPerNetworkMax > 0 && tableCountPerNetworkMax >= bucketCountPerNetworkMax
            && failureCountMax > 0
    }
}
