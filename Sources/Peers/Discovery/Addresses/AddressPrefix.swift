/// The leading bits of an address: what one operator has all of, cheaply or dearly.
package struct AddressPrefix: Hashable, Sendable {
    /// The bits, the rest zero; an IPv4 address stands in the highest half.
    private let bits: UInt64
    private let isIP6: Bool
    private let bitCount: UInt8
    /// Whether the addresses are this machine's own.
    package let isLoopback: Bool

    /// What one machine or customer has: an IPv4 address or an IPv6 /64; nil for a name.
    package static func host(of endpoint: PeerEndpoint) -> AddressPrefix? {
        AddressPrefix(endpoint, ip4BitCount: 32, ip6BitCount: 64)
    }

    /// What one provider has: an IPv4 /16 or an IPv6 /32; nil for a name.
    package static func network(of endpoint: PeerEndpoint) -> AddressPrefix? {
        AddressPrefix(endpoint, ip4BitCount: 16, ip6BitCount: 32)
    }

    private init?(_ endpoint: PeerEndpoint, ip4BitCount: UInt8, ip6BitCount: UInt8) {
        switch endpoint.host {
        case .ip4(let word):
            (bits, isIP6, bitCount) = (Self.leading(ip4BitCount, of: UInt64(word) << 32), false, ip4BitCount)
        case .ip6(let high, _): (bits, isIP6, bitCount) = (Self.leading(ip6BitCount, of: high), true, ip6BitCount)
        case .name: return nil
        }
        isLoopback = endpoint.scope == .loopback
    }

    private static func leading(_ count: UInt8, of word: UInt64) -> UInt64 {
        word & ~(UInt64.max >> UInt64(count))
    }
}

extension AddressPrefix: Comparable {
    /// IPv4 first, then by the bits.
    package static func < (left: AddressPrefix, right: AddressPrefix) -> Bool {
        if left.isIP6 != right.isIP6 { return right.isIP6 }
        return (left.bits, left.bitCount) < (right.bits, right.bitCount)
    }
}
