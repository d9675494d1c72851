/// From where an address can be reached.
package enum AddressScope: Hashable, Sendable {
    /// Everywhere, as far as the address tells.
    case global
    /// Inside a network that many places have: RFC 1918, RFC 6598, link-local and unique local addresses.
    case local
    /// From this machine only.
    case loopback
    /// From nowhere: unspecified, multicast and reserved addresses.
    case unusable
    /// A name, which says nothing of that.
    case name
}

extension PeerEndpoint {
    /// From where the endpoint can be reached (IANA's registries of special-purpose addresses).
    package var scope: AddressScope {
        switch host {
        case .ip4(let word): Self.scope(word)
        case .ip6(let high, let low): Self.scope(high, low)
        case .name: .name
        }
    }

    private static func scope(_ word: UInt32) -> AddressScope {
        switch (word >> 24, word >> 16 & 0xff) {
        case (127, _): .loopback
        case (10, _), (100, 64...127), (169, 254), (172, 16...31), (192, 168): .local
        case (0, _), (224..., _): .unusable
        default: .global
        }
    }

    private static func scope(_ high: UInt64, _ low: UInt64) -> AddressScope {
        if high == 0, low <= 1 { return low == 1 ? .loopback : .unusable }
        switch high >> 56 {
        case 0xff: return .unusable
        case 0xfc, 0xfd: return .local
        case 0xfe: return high >> 54 & 3 == 2 ? .local : .unusable
        default: return .global
        }
    }
}
