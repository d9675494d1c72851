package import PeerProtocols

/// What a lookup searches.
package enum LookupGoal: Hashable, Sendable {
    /// A peer, until this side is connected to it.
    case peer(PeerID)
    /// The peers nearest to a key.
    case key([UInt8])

    /// What the peers on the way are asked for.
    package var requestKey: [UInt8] {
        switch self {
        case .peer(let peer): peer.bytes
        case .key(let bytes): bytes
        }
    }
}

/// The name of a lookup within one node, in the order of their beginnings.
package struct LookupNumber: Hashable, Comparable, Sendable {
    /// Counts from 0.
    package let value: UInt64

    /// Earlier lookups are smaller.
    package static func < (left: LookupNumber, right: LookupNumber) -> Bool { left.value < right.value }
}

/// How a lookup ended.
package struct LookupResult: Hashable, Sendable {
    /// Whether the peer that was searched is connected; false for lookups of keys.
    package let isFound: Bool
    /// The peers that answered, the nearest first, at most k.
    package let nearest: [PeerID]
    /// Peers that were asked or tried, besides the one that is searched.
    package let contactCount: Int
    /// How many answers in a row led to the last peer that was needed: 1 if it was known from the beginning.
    package let hopCount: Int
}
