package import PeerProtocols

/// What discovery asks its driver to do, in this order.
package enum DiscoveryEffect: Hashable, Sendable {
    /// Connect to a peer, at the first of the addresses that works; each ends with the peer.
    ///
    /// Report ``PeerDiscovery/connected(_:address:isOutbound:now:)`` or ``PeerDiscovery/dialFailed(_:now:)``.
    case dial(PeerID, [Multiaddr])
    /// Close the connection to a peer; to discovery it is closed already, so the report of it changes nothing.
    case disconnect(PeerID, DiscoveryDisconnectReason)
    /// Send a message, without its length, to a connected peer on a stream of ``DiscoveryConfiguration/protocols``.
    ///
    /// Report the answer with ``PeerDiscovery/receive(response:from:now:)``, or
    /// ``PeerDiscovery/requestFailed(_:now:)``. There is never a second request to a peer before that.
    case request([UInt8], to: PeerID)
    /// Give up the request to a peer: it took too long; what still comes is ignored.
    case cancelRequest(PeerID)
    /// A lookup ended.
    case lookupEnded(LookupNumber, LookupGoal, LookupResult)
    /// A peer broke the protocol.
    case penalize(PeerID, DiscoveryOffence)
    /// Storage has to follow the address book.
    case store(AddressBook.Change)
}

/// Why discovery wants to be rid of a connection.
package enum DiscoveryDisconnectReason: Hashable, Sendable {
    /// It is one too many.
    case refused(ConnectionRefusal)
    /// There are too many, and it is worth least.
    case surplus
}

/// What a peer did that no honest peer does.
package enum DiscoveryOffence: Hashable, Sendable {
    /// It sent what is no message, or one that is no answer.
    case malformedMessage
    /// It asked more often than allowed.
    case tooManyRequests
    /// It sent a signed record that is not signed by whom it speaks of.
    case badSignedRecord
}

/// What to do with a request of a peer.
package enum KademliaAnswer: Hashable, Sendable {
    /// Send this message, without its length, on the stream of the request.
    case reply([UInt8])
    /// Nothing; the protocol has no answer to it.
    case none
    /// Reset the stream: the request is not served, or broke the protocol.
    case reset(DiscoveryOffence?)
}
