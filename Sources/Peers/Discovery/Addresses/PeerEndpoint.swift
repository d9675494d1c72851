package import PeerProtocols

/// Where a peer listens, in 24 bytes without memory of its own: a ``Multiaddr`` of a TCP host and port, without peer.
///
/// Address books and routing tables hold thousands of these.
package struct PeerEndpoint: Hashable, Sendable {
    /// The machine.
    package enum Host: Hashable, Sendable {
        /// An IPv4 address, its first byte highest.
        case ip4(UInt32)
        /// An IPv6 address, the first half first.
        case ip6(UInt64, UInt64)
        /// A name for the resolver.
        case name(DomainName, TCPEndpoint.Family)
    }

    /// The machine.
    package let host: Host
    /// The port on it.
    package let port: UInt16

    /// More bytes than the address of any endpoint has: a name of 253, its length, codes and the port.
    package static let addressByteCountMax = 300

    /// An endpoint of these parts.
    package init(host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// The endpoint of an address, or nil if it is not one of a TCP host and port; a final peer is left out.
    ///
    /// An IPv6 address that stands for an IPv4 one (`::ffff:0:0/96`) becomes that one, so that nobody has two names.
    package init?(_ address: Multiaddr) {
        guard let endpoint = address.tcpEndpoint else { return nil }
        port = endpoint.port
        switch endpoint.host {
        case .ip4(let address): host = .ip4(Self.word(address.bytes))
        case .ip6(let address):
            let high = UInt64(Self.word(address.bytes[0..<4])) << 32 | UInt64(Self.word(address.bytes[4..<8]))
            let low = UInt64(Self.word(address.bytes[8..<12])) << 32 | UInt64(Self.word(address.bytes[12..<16]))
            host = high == 0 && low >> 32 == 0xffff ? .ip4(UInt32(truncatingIfNeeded: low)) : .ip6(high, low)
        case .name(let name, let family): host = .name(name, family)
        }
    }

    /// The address.
    package var address: Multiaddr {
        let component: Multiaddr.Component
        switch host {
        case .ip4(let word):
            // Four bytes always make an address; the name cannot be met.
            component = IPv4Address(bytes: Self.bytes(word)).map(Multiaddr.Component.ip4) ?? .tcp(port)
        case .ip6(let high, let low):
            // The same with sixteen.
            component =
                IPv6Address(bytes: Self.bytes(high) + Self.bytes(low)).map(Multiaddr.Component.ip6) ?? .tcp(port)
        case .name(let name, .any): component = .dns(name)
        case .name(let name, .ip4): component = .dns4(name)
        case .name(let name, .ip6): component = .dns6(name)
        }
        return Multiaddr([component, .tcp(port)])
    }

    /// The endpoint of an address in its binary form, or nil if it is none, or not one of a TCP host and port.
    package init?(addressBytes bytes: [UInt8], in range: Range<Int>) {
        // Nearly all addresses are of these forms; the other ones are parsed in full.
        let start = range.lowerBound
        if range.count == 8, bytes[start] == 4, bytes[start + 5] == 6 {
            let port = UInt16(bytes[start + 6]) << 8 | UInt16(bytes[start + 7])
            self.init(host: .ip4(Self.word(bytes[start + 1..<start + 5])), port: port)
            return
        }
        guard let address = try? Multiaddr(bytes: Array(bytes[range])) else { return nil }
        self.init(address)
    }

    /// The binary form of the address.
    package var addressBytes: [UInt8] {
        guard case .ip4(let word) = host else { return address.bytes }
        return [
            4, UInt8(word >> 24), UInt8(word >> 16 & 0xff), UInt8(word >> 8 & 0xff), UInt8(word & 0xff), 6,
            UInt8(port >> 8), UInt8(port & 0xff),
        ]
    }

    private static func word(_ bytes: some Collection<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func bytes(_ word: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }
}
