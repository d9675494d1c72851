package import Attestations
package import Gossip
package import KeyValueStorage
package import PeerProtocols
package import Records

/// What a node asks its driver to do, in this order; ``NodeMachine`` itself does nothing but decide.
package enum NodeEffect: Sendable {
    // MARK: The store

    /// Apply the batch as a whole, after all commits before it, and report ``NodeEvent/committed(through:)``.
    ///
    /// With `sync` the report waits until the batch is safe from a loss of power. The driver may apply several commits
    /// at once and report the last.
    case commit(WriteBatch, sync: Bool, CommitToken)

    // MARK: Connections

    /// Connect to the peer, at the first of these addresses that works.
    case dial(PeerID, [Multiaddr])
    /// Close all connections to the peer.
    case disconnect(PeerID, DisconnectReason)

    // MARK: Gossip

    /// Open a gossip stream to the peer, of the first of ``GossipVersion/proposals`` that it speaks.
    case openGossip(PeerID)
    /// Send an RPC on the gossip stream; drop it if there is none any more.
    case sendGossip(GossipRPC, to: PeerID)

    // MARK: Streams

    /// Open a stream under the number given.
    case openStream(StreamID, to: PeerID, ProtocolName)
    /// Send a frame, to be put behind its length.
    case sendFrame([UInt8], on: StreamID)
    /// Close a stream: with ``StreamEnd/finished`` once all frames are sent, else at once. No event follows.
    case closeStream(StreamID, StreamEnd)

    // MARK: Whoever asks and watches

    /// The answer to a request to sign.
    case answer(SigningRequestID, SigningAnswer)
    /// Something that operators, watchers and metrics may care about.
    case notify(NodeNotice)
}

/// Why a node ends its connections to a peer.
package enum DisconnectReason: Hashable, Sendable {
    /// Its score fell below the graylist threshold.
    case graylisted
    /// It broke the encoding of a protocol.
    case malformed
    /// It is of another network.
    case otherNetwork
    /// It did not answer identify.
    case unidentified
    /// There are too many connections, in all or from where it is, or others are worth more.
    case surplus
}

/// What became of a request to sign.
package enum SigningAnswer: Sendable, Equatable {
    /// The attestation, which is safe in the store and on its way to the peers.
    case attested(Attestation)
    /// The intent is safe in the store: sign now.
    case permitted(SigningIntent)
    /// Nothing may be signed.
    case refused(SigningRefusal)
}

/// Why nothing was signed.
package enum SigningRefusal: Error, Hashable, Sendable {
    /// Something else was signed for the same subject: the digest of that.
    case conflict(Bytes32)
    /// The header names another notary or network, or its text does not fit: the caller's mistake.
    case unfitting(String)
    /// Too many requests wait for the store.
    case busy
    /// The store failed; the node has to be started again.
    case storeUnavailable
}
