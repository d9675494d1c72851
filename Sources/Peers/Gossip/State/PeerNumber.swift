/// A connected peer's number in one router: given in the order of connections, never given twice.
struct PeerNumber: Hashable, Comparable, Sendable {
    let value: UInt64

    static func < (left: PeerNumber, right: PeerNumber) -> Bool { left.value < right.value }
}
