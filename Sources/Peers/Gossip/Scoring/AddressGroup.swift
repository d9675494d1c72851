package import PeerProtocols

/// Addresses that one operator can easily have many of: an IPv4 address, or an IPv6 /64.
package struct AddressGroup: Hashable, Sendable {
    /// Four bytes, or the first eight of an IPv6 address.
    package let bytes: [UInt8]
    /// Whether the addresses are this machine's own.
    package let isLoopback: Bool

    /// The group of an IPv4 address: itself.
    package init(_ address: IPv4Address) {
        bytes = address.bytes
        isLoopback = address.bytes.first == 127
    }

    /// The group of an IPv6 address: its /64.
    package init(_ address: IPv6Address) {
        bytes = Array(address.bytes.prefix(8))
        isLoopback = address.bytes == [UInt8](repeating: 0, count: 15) + [1]
    }
}
