package import Attestations
package import KeyValueStorage
package import PeerProtocols
package import Records

/// Something that happened inside a node, for logs, watchers and metrics; nothing depends on anyone reading it.
package enum NodeNotice: Sendable {
    /// A record is new here, and safe.
    case recorded(AttestationID, RecordOrigin)
    /// A record was refused, by this peer's fault or nobody's.
    case refused(RecordRefusal, from: PeerID)
    /// A notary signed two different attestations for one session.
    case doubleSigned(notary: EthereumAddress, sessionID: Bytes32, first: AttestationID, second: AttestationID)
    /// A connection to a peer that had none.
    case connected(PeerID, PeerLink)
    /// The last connection to a peer is gone.
    case disconnected(PeerID)
    /// This node wants no connection to a peer.
    case dismissed(PeerID, DisconnectReason)
    /// A peer could not be reached at any of its addresses.
    case unreachable(PeerID)
    /// A peer broke a rule that costs application score.
    case misbehaved(PeerID, Misconduct)
    /// Catching up with a peer ended.
    case synced(PeerID, SyncOutcome)
    /// Records were pruned.
    case pruned(recordCount: Int, byteCount: Int)
    /// The store failed: nothing is signed, accepted or forwarded until the node is started again.
    case storeFailed(StorageError)
}

/// Where a record came from.
package enum RecordOrigin: Hashable, Sendable {
    /// Signed here.
    case own
    /// Brought by this peer's gossip.
    case gossip(PeerID)
    /// Asked of this peer.
    case sync(PeerID)
}

/// What costs a peer application score (P5).
package enum Misconduct: String, Hashable, Sendable, CaseIterable {
    /// A frame of a request-and-answer protocol that cannot be decoded, or makes no sense where it came.
    case malformedFrame
    /// A record that no honest peer would have stored.
    case invalidRecord
    /// Its records are not those that its digest announced.
    case falseDigest
    /// It did not answer in time.
    case stalled
    /// It asked for more than it may.
    case excess
    /// It passed on a signed peer record that is not signed by whom it speaks of.
    case badPeerRecord
}

/// How catching up with one peer ended.
package struct SyncOutcome: Hashable, Sendable {
    /// Why it ended.
    package enum Reason: Hashable, Sendable {
        /// All that the peer has is here.
        case complete
        /// The peer had no time, or the limit of one exchange was reached; another exchange goes on.
        case postponed
        /// The peer misbehaved.
        case misconduct(Misconduct)
        /// The stream or connection ended.
        case interrupted

        /// Whether it ended for something that no honest peer does.
        var isMisconduct: Bool { if case .misconduct = self { true } else { false } }
    }

    /// Why it ended.
    package var reason: Reason
    /// New records that were stored.
    package var recordCount: Int
    /// Bytes of all answers.
    package var byteCount: Int

    /// An outcome.
    package init(reason: Reason, recordCount: Int, byteCount: Int) {
        self.reason = reason
        self.recordCount = recordCount
        self.byteCount = byteCount
    }
}
