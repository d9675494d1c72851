internal import NIOConcurrencyHelpers
internal import PeerProtocols

/// Bounds what messages that have not arrived in full may hold, of all peers together, and of those that may be one.
///
/// A long message takes its whole place before it is read, so that what has begun can also end: whoever finds no room
/// waits and costs nothing, and whoever has room must be done within the protocol's time. Places that are taken and not
/// used are the attack on this, so a peer has one place for a long message, an address two, and a network an eighth of
/// the room.
final class FrameMemory: Sendable {
    /// Whose message it is.
    struct Owner {
        let peer: PeerID
        /// What the peer's address is counted by; nil for one that shares nothing with others.
        let key: [UInt8]?
    }

    /// What one stream holds.
    struct Place {
        var byteCount = 0
        var isLong = false
    }

    private struct State {
        var byteCount = 0
        var longOfPeer: [PeerID: Int] = [:]
        var longOfAddress: [[UInt8]: Int] = [:]
        var bytesOfNetwork: [[UInt8]: Int] = [:]
    }

    private let byteCountMax: Int
    private let state = NIOLockedValueBox(State())

    /// Messages up to this length need no place of their own: a full page of identifiers is a little over 64 KiB.
    static let smallByteCount = 80 << 10
    private static let longCountPerAddressMax = 2

    /// Room for long messages of `byteCountMax` bytes, and as much again for what arrives without asking.
    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// The bytes of long messages that one network may hold: an eighth, but room for a few of the longest.
    private var networkByteCountMax: Int { max(byteCountMax / 8, min(byteCountMax, 4 << 20)) }

    /// Changes what one stream holds to `byteCount` bytes; false, and unchanged, if there is no room.
    ///
    /// - Parameter isAnnounced: Whether the bytes have not arrived yet, so that the stream can wait.
    func change(_ place: inout Place, to byteCount: Int, isAnnounced: Bool, of owner: Owner) -> Bool {
        let old = place
        let network = owner.key.map(NetworkAddress.network)
        let isDone = state.withLockedValue { state in
            let growth = byteCount - old.byteCount
            if growth > 0 {
                // What arrived without asking is bounded by windows, of which a network of honest peers fills many.
                let (limit, share) =
                    isAnnounced ? (byteCountMax, networkByteCountMax) : (2 * byteCountMax, 4 * networkByteCountMax)
                guard state.byteCount + growth <= limit else { return false }
                if let network, state.bytesOfNetwork[network, default: 0] + growth > share { return false }
            }
            if isAnnounced, !old.isLong {
                guard state.longOfPeer[owner.peer] == nil else { return false }
                if let key = owner.key, state.longOfAddress[key, default: 0] >= Self.longCountPerAddressMax {
                    return false
                }
            }
            state.byteCount += growth
            if let network { Self.add(growth, to: &state.bytesOfNetwork, network) }
            let longGrowth = (isAnnounced ? 1 : 0) - (old.isLong ? 1 : 0)
            Self.add(longGrowth, to: &state.longOfPeer, owner.peer)
            if let key = owner.key { Self.add(longGrowth, to: &state.longOfAddress, key) }
            return true
        }
        if isDone { place = Place(byteCount: byteCount, isLong: isAnnounced) }
        return isDone
    }

    private static func add<Key>(_ growth: Int, to counts: inout [Key: Int], _ key: Key) {
        guard growth != 0 else { return }
        let count = counts[key, default: 0] + growth
        counts[key] = count == 0 ? nil : count
    }
}
