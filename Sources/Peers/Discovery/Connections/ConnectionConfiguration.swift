/// How many connections a node keeps, and with whom.
package struct ConnectionConfiguration: Hashable, Sendable {
    /// Connections that this side opens by itself, for the sake of having them.
    package var outboundTarget = 16
    /// Of these, connections to one IPv4 /16 or IPv6 /32.
    package var outboundCountPerNetworkMax = 2
    /// Connections in both directions; the next inbound one is refused.
    package var countMax = 256
    /// Above so many connections, the least valuable are closed.
    package var trimThreshold = 192
    /// They are closed until so many are left.
    package var trimTarget = 160
    /// Connections from one IPv4 address or IPv6 /64.
    package var countPerHostMax = 8
    /// Connections from one IPv4 /16 or IPv6 /32.
    package var countPerNetworkMax = 64
    /// Whether connections on this machine do not count for hosts and networks: for networks on one machine.
    package var exemptsLoopback = false
    /// A connection is not closed for its value before it is so old.
    package var gracePeriod = Duration.seconds(30)
    /// Dials at a time.
    package var dialCountMax = 8
    /// Dials that wait for their turn.
    package var waitingDialCountMax = 64
    /// How long a dial takes at most, after which it counts as failed.
    package var dialTimeout = Duration.seconds(20)
    /// Addresses tried in one dial.
    package var dialAddressCountMax = 4

    /// The limits of a node.
    package init() {}

    /// Whether the numbers make sense.
    var isValid: Bool {
        outboundTarget >= 0 && outboundCountPerNetworkMax > 0 && trimTarget <= trimThreshold
            && trimThreshold <= countMax && trimTarget > 0 && countPerHostMax > 0 && countPerNetworkMax > 0
            && gracePeriod >= .zero && dialCountMax > 0 && waitingDialCountMax >= 0 && dialTimeout > .zero
            && dialAddressCountMax > 0
    }
}
