internal import Discovery
internal import PeerNetworking
package import PeerProtocols

/// What a node tells others of where they reach it, and what its operator should know about that.
package struct ReachableAddresses: Equatable, Sendable {
    /// The most addresses that the setting `announce` may have, and the most that are told: peers keep no more of one.
    package static let countMax = AddressBookEntry.addressCountMax

    /// The addresses, without the node's peer id, the best first.
    package private(set) var told: [Multiaddr] = []
    /// Where they come from.
    package private(set) var source: Source
    /// Names of `announce` that stand for no address at present.
    package private(set) var unresolved: [DomainName] = []
    /// What may keep others away, in sentences.
    package private(set) var warnings: [String] = []

    /// Where addresses come from.
    package enum Source: String, Sendable {
        /// The setting `announce`.
        case announce
        /// The setting `listen`.
        case listen
        /// The machine's interfaces, because the node listens at all of them and `announce` does not say where it is.
        case interfaces
    }

    /// What to tell.
    ///
    /// - Parameters:
    ///   - listening: Where the node listens, with ports.
    ///   - announced: The setting `announce`, checked; if there is any, nothing else is told.
    ///   - interfaces: The machine's addresses, without ports.
    ///   - isLocal: Whether all nodes of the network are on this machine.
    ///   - resolve: The addresses of a name with this port at present.
    package init(
        listening: [Multiaddr],
        announced: [Multiaddr],
        interfaces: [Multiaddr],
        isLocal: Bool,
        resolve: (DomainName, TCPEndpoint.Family, _ port: UInt16) -> [Multiaddr]
    ) {
        source = announced.isEmpty ? .listen : .announce
        if announced.isEmpty {
            for address in listening { take(address.withoutPeerID, interfaces: interfaces, isLocal: isLocal) }
        } else {
            for address in announced { take(announced: address.withoutPeerID, resolve: resolve) }
        }
        let order = told.enumerated().sorted {
            let (left, right) = (Self.rank($0.element), Self.rank($1.element))
            return left == right ? $0.offset < $1.offset : left < right
        }
        told = Array(order.map(\.element).prefix(Self.countMax))
        let scopes = told.compactMap { PeerEndpoint($0)?.scope }
        if told.isEmpty {
            warnings.append("no address is told to others, who cannot connect to this node")
        } else if !isLocal, !scopes.contains(where: { $0 == .global || $0 == .name }) {
            warnings.append(
                scopes.allSatisfy { $0 == .loopback }
                    ? "only programs on this machine reach this node at what it tells others; set announce or listen"
                    : "only machines of the same local network reach this node at what it tells others; set announce"
            )
        }
    }

    /// The setting `announce`, if it makes sense for a node of a network.
    ///
    /// - Parameters:
    ///   - texts: As the file has them.
    ///   - peer: The node.
    ///   - isLocal: Whether all nodes of the network are on this machine.
    /// - Throws: ``AnnounceError``.
    package static func announced(
        _ texts: [String],
        by peer: PeerID,
        isLocal: Bool
    ) throws(AnnounceError) -> [Multiaddr] {
        guard texts.count <= countMax else { throw .tooMany }
        var result: [Multiaddr] = []
        for text in texts {
            guard let address = try? Multiaddr(text), let endpoint = PeerEndpoint(address) else {
                throw .noAddress(text)
            }
            if let named = address.peerID, named != peer { throw .anotherPeer(text) }
            guard endpoint.port != 0 else { throw .noPort(text) }
            switch endpoint.scope {
            case .unusable: throw .nowhere(text)
            case .loopback where !isLocal: throw .loopback(text)
            default: break
            }
            if !result.contains(address.withoutPeerID) { result.append(address.withoutPeerID) }
        }
        return result
    }

    /// An address that the node listens at, or what it stands for.
    private mutating func take(_ address: Multiaddr, interfaces: [Multiaddr], isLocal: Bool) {
        guard address.isOfAllInterfaces, let port = address.tcpEndpoint?.port else { return add(address) }
        source = .interfaces
        for interface in interfaces {
            guard let host = interface.components.first, let own = address.components.first,
                Self.isSameFamily(host, own)
            else { continue }
            let full = Multiaddr([host, .tcp(port)])
            switch PeerEndpoint(full)?.scope {
            case .global: add(full)
            case .local where !Self.isLinkLocal(host): add(full)
            // Whoever believes it has to be on this machine.
            case .loopback where isLocal: add(full)
            default: break
            }
        }
    }

    /// An address of the setting; names are told, and what they stand for, because peers dial no names of strangers.
    private mutating func take(
        announced address: Multiaddr,
        resolve: (DomainName, TCPEndpoint.Family, UInt16) -> [Multiaddr]
    ) {
        add(address)
        guard let endpoint = address.tcpEndpoint, case .name(let name, let family) = endpoint.host else { return }
        let found = resolve(name, family, endpoint.port).filter {
            let scope = PeerEndpoint($0)?.scope
            return scope == .global || scope == .local
        }
        for address in found { add(address) }
        if found.isEmpty {
            unresolved.append(name)
            warnings.append("the name \(name) in announce stands for no address; peers do not look up names of others")
        }
    }

    private mutating func add(_ address: Multiaddr) {
        if !told.contains(address) { told.append(address) }
    }

    private static func rank(_ address: Multiaddr) -> Int {
        switch PeerEndpoint(address)?.scope {
        case .global: 0
        case .name: 1
        case .local: 2
        default: 3
        }
    }

    private static func isSameFamily(_ left: Multiaddr.Component, _ right: Multiaddr.Component) -> Bool {
        switch (left, right) {
        case (.ip4, .ip4), (.ip6, .ip6): true
        default: false
        }
    }

    /// Addresses of one cable (RFC 3927, RFC 4291 section 2.5.6): without the interface's name they lead nowhere.
    private static func isLinkLocal(_ host: Multiaddr.Component) -> Bool {
        switch host {
        case .ip4(let address): address.bytes.starts(with: [169, 254])
        case .ip6(let address): address.bytes[0] == 0xfe && address.bytes[1] & 0xc0 == 0x80
        default: false
        }
    }
}

/// Why the setting `announce` is refused; the operator's fault.
package enum AnnounceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// More addresses than peers keep.
    case tooMany
    /// Text that is no address of a TCP host and port.
    case noAddress(String)
    /// Another node's address.
    case anotherPeer(String)
    /// Port 0.
    case noPort(String)
    /// An address that nobody can dial, such as `0.0.0.0`.
    case nowhere(String)
    /// A loopback address in a network whose nodes are on many machines.
    case loopback(String)

    /// A sentence for the operator.
    package var description: String {
        switch self {
        case .tooMany:
            "announce has more than \(ReachableAddresses.countMax) addresses, and peers keep no more of a node"
        case .noAddress(let text): "announce: \"\(text)\" is no address such as /ip4/203.0.113.7/tcp/7047"
        case .anotherPeer(let text): "announce: \(text) ends with the peer id of another node"
        case .noPort(let text): "announce: \(text) needs the port that others reach, not 0"
        case .nowhere(let text): "announce: nobody can dial \(text); name an address at which others reach this node"
        case .loopback(let text):
            "announce: only this machine reaches \(text), and the network's nodes are on many (local: false)"
        }
    }
}
