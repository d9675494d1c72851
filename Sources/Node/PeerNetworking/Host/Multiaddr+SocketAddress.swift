internal import NIOCore
internal import PeerProtocols

extension Multiaddr {
    /// The address of a TCP socket, or nil for other sockets.
    ///
    /// An IPv4 address mapped into IPv6 becomes IPv4 again.
    init?(_ address: SocketAddress) {
        guard let port = address.port.flatMap(UInt16.init(exactly:)), let text = address.ipAddress else { return nil }
        if let ip4 = IPv4Address(text) {
            self.init([.ip4(ip4), .tcp(port)])
        } else if let ip6 = IPv6Address(text.prefix { $0 != "%" }) {
            let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
            if ip6.bytes.starts(with: mappedPrefix), let ip4 = IPv4Address(bytes: ip6.bytes.suffix(4)) {
                self.init([.ip4(ip4), .tcp(port)])
            } else {
                self.init([.ip6(ip6), .tcp(port)])
            }
        } else {
            return nil
        }
    }

    /// What connections are counted by: the IPv4 address, or the /64 that one IPv6 host can choose addresses from.
    var countingKey: [UInt8]? {
        switch components.first {
        case .ip4(let address): address.bytes
        case .ip6(let address): Array(address.bytes.prefix(8))
        default: nil
        }
    }
}

extension TimeAmount {
    /// The same span in NIO's type; at most some 292 years.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self = .nanoseconds(overflow ? .max : whole &+ attoseconds / 1_000_000_000)
    }
}
