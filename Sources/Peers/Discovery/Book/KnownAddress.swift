/// One address of a peer, and what is known of it.
package struct KnownAddress: Hashable, Sendable {
    /// Where.
    package let endpoint: PeerEndpoint
    /// Who says so; only ever becomes better.
    package internal(set) var source: AddressSource
    /// When a dial of it last led to the peer.
    package internal(set) var lastSuccess: UnixTime?
    /// Dials in a row that did not.
    package internal(set) var failureCount: UInt16
    /// When it is forgotten.
    package internal(set) var expiry: UnixTime

    /// Whether a dial ever led to the peer.
    package var isVerified: Bool { lastSuccess != nil }

    /// Whether the address may be told to others: somebody would dial it because of this node.
    ///
    /// A peer could claim the addresses of a victim; so its word alone is not passed on.
    package var mayBePassedOn: Bool { (isVerified || source >= .observed) && failureCount < 3 }
}

/// Who says that an address is a peer's, the least reliable first.
package enum AddressSource: UInt8, Hashable, Comparable, Sendable {
    /// Another peer, in an answer to a lookup or in peer exchange.
    case hearsay = 1
    /// The peer itself, in identify.
    case identify = 2
    /// The peer itself, in a signed record.
    case signedRecord = 3
    /// The peer itself, and it is connected from there, though from another port.
    case observed = 4
    /// The operator.
    case configuration = 5

    /// Less reliable sources are smaller.
    package static func < (left: AddressSource, right: AddressSource) -> Bool { left.rawValue < right.rawValue }
}
