/// An address that describes itself, such as `/ip4/203.0.113.7/tcp/4001/p2p/16Uiu2HA…` (multiformats/multiaddr).
///
/// Only what a TCP peer needs is understood: `ip4`, `ip6`, `dns`, `dns4`, `dns6`, `tcp` and `p2p`.
package struct Multiaddr: Hashable, Sendable {
    /// One protocol of the stack and its value.
    package enum Component: Hashable, Sendable {
        case ip4(IPv4Address)
        case ip6(IPv6Address)
        case dns(DomainName)
        case dns4(DomainName)
        case dns6(DomainName)
        case tcp(UInt16)
        case p2p(PeerID)
    }

    /// The stack from the outside in.
    package let components: [Component]

    /// More components than any address of a peer has.
    static let componentCountMax = 8
    /// The longest text and binary form that is parsed.
    static let byteCountMax = 1024

    /// An address of these components, in this order.
    package init(_ components: [Component]) {
        self.components = components
    }

    /// The peer that the address ends with, if it names one.
    package var peerID: PeerID? {
        guard case .p2p(let id) = components.last else { return nil }
        return id
    }

    /// The address without a final peer.
    package var withoutPeerID: Multiaddr {
        peerID == nil ? self : Multiaddr(Array(components.dropLast()))
    }

    /// The address of `peer` here, in place of one it may name already.
    package func with(_ peer: PeerID) -> Multiaddr {
        Multiaddr(withoutPeerID.components + [.p2p(peer)])
    }

    /// Where a TCP peer listens: a host and a port, and nothing else but an optional final peer; nil otherwise.
    package var tcpEndpoint: TCPEndpoint? {
        let transport = withoutPeerID.components
        guard transport.count == 2, case .tcp(let port) = transport[1] else { return nil }
        switch transport[0] {
        case .ip4(let address): return TCPEndpoint(host: .ip4(address), port: port)
        case .ip6(let address): return TCPEndpoint(host: .ip6(address), port: port)
        case .dns(let name): return TCPEndpoint(host: .name(name, .any), port: port)
        case .dns4(let name): return TCPEndpoint(host: .name(name, .ip4), port: port)
        case .dns6(let name): return TCPEndpoint(host: .name(name, .ip6), port: port)
        case .tcp, .p2p: return nil
        }
    }
}

/// Where a TCP connection goes.
package struct TCPEndpoint: Hashable, Sendable {
    /// Which addresses of a name are wanted.
    package enum Family: Hashable, Sendable {
        case any, ip4, ip6
    }

    /// An address, or a name that stands for some.
    package enum Host: Hashable, Sendable {
        case ip4(IPv4Address)
        case ip6(IPv6Address)
        case name(DomainName, Family)
    }

    /// The machine.
    package let host: Host
    /// The port on it.
    package let port: UInt16

    /// An endpoint of these parts.
    package init(host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }
}

/// A host name in ASCII: labels of letters, digits, hyphens and underscores, at most 253 characters.
package struct DomainName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it was written.
    package let description: String

    /// Parses a name, or gives nil.
    package init?(_ text: some StringProtocol) {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, !labels.isEmpty, labels.allSatisfy({ Self.isLabel($0) }) else { return nil }
        description = String(text)
    }

    private static func isLabel(_ label: some StringProtocol) -> Bool {
        (1...63).contains(label.utf8.count)
            && label.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == 0x2d || byte == 0x5f
            }
    }
}

/// Why an address was refused.
package enum MultiaddrError: Error, Equatable, Sendable {
    /// The text does not start with a slash, or a protocol lacks its value.
    case malformed
    /// A protocol that this node does not speak, by name or code.
    case unknownProtocol(String)
    /// A value that its protocol does not allow.
    case invalidValue(protocol: String, value: String)
    /// More bytes or components than an address may have.
    case tooLong
}
