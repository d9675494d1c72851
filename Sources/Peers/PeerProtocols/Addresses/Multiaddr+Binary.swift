extension Multiaddr {
    /// Parses the binary form: for each component its code, a length where the protocol has none of its own, a value.
    package init(bytes: [UInt8]) throws(MultiaddrError) {
        guard bytes.count <= Self.byteCountMax else { throw .tooLong }
        var rest = bytes[...]
        var components: [Component] = []
        while !rest.isEmpty {
            guard components.count < Self.componentCountMax else { throw .tooLong }
            components.append(try Self.component(&rest))
        }
        guard !components.isEmpty else { throw .malformed }
        self.init(components)
    }

    /// The binary form.
    package var bytes: [UInt8] {
        components.flatMap { component -> [UInt8] in
            switch component {
            case .ip4(let address): UnsignedVarint.encode(4) + address.bytes
            case .tcp(let port): UnsignedVarint.encode(6) + [UInt8(port >> 8), UInt8(port & 0xff)]
            case .ip6(let address): UnsignedVarint.encode(41) + address.bytes
            case .dns(let name): Self.prefixed(53, Array(name.description.utf8))
            case .dns4(let name): Self.prefixed(54, Array(name.description.utf8))
            case .dns6(let name): Self.prefixed(55, Array(name.description.utf8))
            case .p2p(let peer): Self.prefixed(421, peer.bytes)
            }
        }
    }

    private static func prefixed(_ code: UInt64, _ value: [UInt8]) -> [UInt8] {
        UnsignedVarint.encode(code) + UnsignedVarint.encode(UInt64(value.count)) + value
    }

    private static func component(_ rest: inout ArraySlice<UInt8>) throws(MultiaddrError) -> Component {
        let code = try varint(&rest)
        switch code {
        case 4:
            guard let address = IPv4Address(bytes: try take(4, &rest)) else { throw .malformed }
            return .ip4(address)
        case 6:
            let port = try take(2, &rest)
            return .tcp(UInt16(port[0]) << 8 | UInt16(port[1]))
        case 41:
            guard let address = IPv6Address(bytes: try take(16, &rest)) else { throw .malformed }
            return .ip6(address)
        case 53: return .dns(try name("dns", &rest))
        case 54: return .dns4(try name("dns4", &rest))
        case 55: return .dns6(try name("dns6", &rest))
        case 421:
            guard let peer = try? PeerID(bytes: try value(&rest)) else {
                throw .invalidValue(protocol: "p2p", value: "")
            }
            return .p2p(peer)
        default: throw .unknownProtocol(String(code))
        }
    }

    private static func name(
        _ protocolName: String,
        _ rest: inout ArraySlice<UInt8>
    ) throws(MultiaddrError) -> DomainName {
        guard let name = DomainName(String(decoding: try value(&rest), as: UTF8.self)) else {
            throw .invalidValue(protocol: protocolName, value: "")
        }
        return name
    }

    private static func value(_ rest: inout ArraySlice<UInt8>) throws(MultiaddrError) -> [UInt8] {
        let length = try varint(&rest)
        guard length <= UInt64(rest.count) else { throw .malformed }
        return try take(Int(length), &rest)
    }

    private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws(MultiaddrError) -> [UInt8] {
        guard rest.count >= count else { throw .malformed }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) throws(MultiaddrError) -> UInt64 {
        guard let (value, byteCount) = try? UnsignedVarint.decode(rest) else { throw .malformed }
        rest = rest.dropFirst(byteCount)
        return value
    }
}
