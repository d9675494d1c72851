public import CryptoCore

/// What a relying party demands of a presentation.
public struct PresentationPolicy: Sendable {
    /// Whose signatures count.
    public enum NotaryTrust: Hashable, Sendable {
        /// The notaries with these addresses.
        case addresses(Set<EthereumAddress>)
        /// Anybody's: the presentation then proves no more than that somebody signed it.
        case anyone
    }

    /// Whose signatures count.
    public var notaries: NotaryTrust
    /// The present, in Unix milliseconds.
    public var now: UInt64
    /// How far the notary's clock may be ahead, in milliseconds.
    public var clockToleranceMilliseconds: UInt64 = 300_000
    /// How long ago the session may have ended, in milliseconds; `nil` for any time before the expiry.
    public var ageMillisecondsMax: UInt64?
    /// The network that the attestation must be for; `nil` for any.
    public var network: NetworkID?
    /// The account that it must belong to; `nil` for any.
    public var owner: EthereumAddress?
    /// The context that it must be bound to; `nil` for any.
    public var contextHash: Bytes32?
    /// The server that it must be about, without regard to case; `nil` for any.
    public var serverName: String?
    /// Whether the server's identity must be known; when not, a committed one may stay closed.
    public var requiresServerIdentity = true
    /// Whether the transcript must be complete.
    public var requiresCompleteTranscript = false

    /// A policy that trusts `notaries` at the time `now`, in Unix milliseconds, and demands nothing else.
    public init(notaries: NotaryTrust, now: UInt64) {
        self.notaries = notaries
        self.now = now
    }
}
