internal import PeerProtocols

/// Addresses all over the internet, so that limits on neighbouring addresses see what they would see there.
enum SimulatedAddresses {
    /// The address of a participant; no two of 100,000 share an IPv4 address.
    static func address(of index: Int, id: PeerID) -> Multiaddr {
        // An odd factor permutes the numbers of 24 bits; the first byte is one of globally routed networks.
        let mixed = UInt32(truncatingIfNeeded: index &* 0x9e37_79b1) & 0xff_ffff
        let first = UInt8(20 + (index &* 7) % 80)
        let bytes = [first, UInt8(mixed >> 16 & 0xff), UInt8(mixed >> 8 & 0xff), UInt8(mixed & 0xff)]
        guard let address = IPv4Address(bytes: bytes) else { preconditionFailure("an IPv4 address has four bytes") }
        return Multiaddr([.ip4(address), .tcp(7_047), .p2p(id)])
    }
}
