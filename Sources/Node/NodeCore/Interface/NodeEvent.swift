package import Attestations
package import Gossip
package import KeyValueStorage
package import PeerProtocols
package import Records

/// What happens to a node: the only way in which anything reaches ``NodeMachine``.
///
/// The driver brings events one after the other. Events that name peers and streams which are gone already are no
/// fault; they are ignored.
package enum NodeEvent: Sendable {
    // MARK: Life

    /// The first event, once the node listens; the addresses are those that others can reach it at.
    case started(listening: [Multiaddr])
    /// The time is ``NodeMachine/nextWake`` or later.
    case timeReached
    /// The addresses at which others can reach the node changed.
    case listening([Multiaddr])
    /// The node is about to stop: peers hear that it leaves, and what is worth keeping goes to the store, with messages
    /// and commits that the driver still does.
    case stopping

    // MARK: Connections

    /// The first secure connection to a peer exists. More connections to it are the driver's own affair.
    case connected(PeerID, PeerLink)
    /// What the peer said of itself; nil when it did not answer identify.
    case identified(PeerID, PeerIdentification?)
    /// The peer said of itself that something changed; what is empty or nil did not.
    case identifiedAgain(PeerID, PeerIdentification)
    /// The last connection to the peer is gone, and all its streams with it: they get no events of their own.
    case disconnected(PeerID)
    /// None of the addresses of a ``NodeEffect/dial(_:_:)`` led to the peer.
    case dialFailed(PeerID, [Multiaddr])

    // MARK: Gossip

    /// This node's gossip stream to the peer is open, in this version.
    case gossipOpened(PeerID, GossipVersion)
    /// The gossip stream to the peer could not be opened, or closed.
    case gossipClosed(PeerID)
    /// An RPC arrived on the peer's gossip stream; also before this node's own stream is open.
    case gossipReceived(GossipRPC, from: PeerID)
    /// The peer's gossip stream carried what is no RPC, or too large a one; it was reset.
    case gossipMalformed(from: PeerID)

    // MARK: Streams

    /// A stream is open: one that a peer opened, or one of ``NodeEffect/openStream(_:to:_:)``.
    case streamOpened(StreamID, PeerID, ProtocolName)
    /// A whole frame arrived, without its length, within ``FramedProtocol/frameByteCountMax``.
    case frameReceived(StreamID, [UInt8])
    /// A stream ended, could not be opened, or broke its framing; not sent for streams that this node closed.
    case streamClosed(StreamID, StreamEnd)

    // MARK: The store

    /// This commit and all before it are applied, and those with `sync` are safe from a loss of power.
    case committed(through: CommitToken)
    /// A commit failed. The store takes no writes any more, so none of the later ones will be done either.
    case commitFailed(CommitToken, StorageError)

    // MARK: Signing

    /// A session ended well: sign this header, keep it, tell everyone.
    ///
    /// Answered once by ``NodeEffect/answer(_:_:)``, after the attestation is safe.
    case attestationRequested(SigningRequestID, AttestationHeader, contextText: String?)
    /// Something else is to be signed; answered once by ``NodeEffect/answer(_:_:)``, after that is remembered.
    case signatureRequested(SigningRequestID, SigningIntent)
}

/// How a stream ended.
package enum StreamEnd: Hashable, Sendable {
    /// Its opener had no more to say.
    case finished
    /// It was cut off, or never opened.
    case reset
    /// A frame was longer than allowed, or its length was no varint: the peer's fault.
    case malformed
}

/// Names a request to sign; chosen by whoever asks, never twice while the node runs.
package struct SigningRequestID: Hashable, Sendable {
    /// Any number.
    package let number: UInt64

    /// The request with this number.
    package init(number: UInt64) {
        self.number = number
    }
}
