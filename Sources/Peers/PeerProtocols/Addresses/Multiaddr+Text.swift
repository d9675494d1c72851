extension Multiaddr: CustomStringConvertible {
    /// Parses the text form; `/ipfs/` is accepted as the old name of `/p2p/`.
    package init(_ text: String) throws(MultiaddrError) {
        guard text.utf8.count <= Self.byteCountMax else { throw .tooLong }
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.first == "" else { throw .malformed }
        parts.removeFirst()
        if parts.last == "" { parts.removeLast() }
        guard !parts.isEmpty, parts.count.isMultiple(of: 2) else { throw .malformed }
        guard parts.count / 2 <= Self.componentCountMax else { throw .tooLong }
        var components: [Component] = []
        for index in stride(from: 0, to: parts.count, by: 2) {
            components.append(try Self.component(String(parts[index]), String(parts[index + 1])))
        }
        self.init(components)
    }

    /// The text form.
    package var description: String {
        components.map { component in
            switch component {
            case .ip4(let address): "/ip4/\(address)"
            case .ip6(let address): "/ip6/\(address)"
            case .dns(let name): "/dns/\(name)"
            case .dns4(let name): "/dns4/\(name)"
            case .dns6(let name): "/dns6/\(name)"
            case .tcp(let port): "/tcp/\(port)"
            case .p2p(let peer): "/p2p/\(peer)"
            }
        }.joined()
    }

    private static func component(_ name: String, _ value: String) throws(MultiaddrError) -> Component {
        let parsed: Component?
        switch name {
        case "ip4": parsed = IPv4Address(value).map(Component.ip4)
        case "ip6": parsed = IPv6Address(value).map(Component.ip6)
        case "dns": parsed = DomainName(value).map(Component.dns)
        case "dns4": parsed = DomainName(value).map(Component.dns4)
        case "dns6": parsed = DomainName(value).map(Component.dns6)
        case "tcp": parsed = UInt16(value).flatMap { String($0) == value ? .tcp($0) : nil }
        case "p2p", "ipfs": parsed = (try? PeerID(value)).map(Component.p2p)
        default: throw .unknownProtocol(name)
        }
        guard let parsed else { throw .invalidValue(protocol: name, value: value) }
        return parsed
    }
}
