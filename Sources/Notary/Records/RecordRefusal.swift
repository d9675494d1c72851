package import CryptoCore
package import WireFormat

/// What a refused record means for whoever brought it.
package enum RecordVerdict: Hashable, Sendable {
    /// No honest peer would have passed it on: it costs score.
    case reject
    /// An honest peer may have passed it on: it costs nothing, and goes no further.
    case ignore
}

/// Why a record is not stored and not passed on; each has a stable ``code`` and a ``verdict``.
///
/// Two honest nodes may differ in their clocks, in what they have already, and in how much of a signer's work reached
/// them when. Where only that can be the difference the verdict is to ignore.
package enum RecordRefusal: Error, Equatable, Sendable {
    /// Longer than any record of its kind.
    case oversize(byteCount: Int)
    /// Not the canonical encoding.
    case malformed(WireError)
    /// A later version of the format, which peers with a later program may pass on.
    case unsupportedVersion(UInt8)
    /// The signature is not the named notary's.
    case badSignature
    /// Made for another network.
    case wrongNetwork
    /// The signer does not belong to the network.
    case notAMember(EthereumAddress)
    /// From the future, by so many milliseconds, but an honest peer's clock may be ahead of this one's.
    case early(milliseconds: UInt64)
    /// From further in the future than clocks of honest peers can differ.
    case fromTheFuture(milliseconds: UInt64)
    /// Too old to be news, by so many milliseconds, but an honest peer's clock may be behind this one's.
    case late(milliseconds: UInt64)
    /// Older than any honest peer would still pass on as news.
    case stale(milliseconds: UInt64)
    /// It is here already.
    case duplicate
    /// For this session, two different attestations of the notary are here already.
    case doubleSigned
    /// The signer makes more records than it may.
    case tooMany(EthereumAddress)
    /// Older than what is kept.
    case beyondRetention
    /// Too much waits for the store.
    case busy
    /// There is no room, because the windows of too many records are still open.
    case storeFull
    /// The store failed.
    case storeUnavailable

    /// What it means for whoever brought the record by gossip.
    package var verdict: RecordVerdict {
        switch self {
        case .oversize, .malformed, .badSignature, .wrongNetwork, .notAMember, .fromTheFuture, .stale: .reject
        case .unsupportedVersion, .early, .late, .duplicate, .doubleSigned, .tooMany, .beyondRetention, .busy,
            .storeFull, .storeUnavailable:
            .ignore
        }
    }

    /// Whether it is the fault of a peer that gave the record when asked for all that it keeps.
    ///
    /// Being old or known is none then.
    package var isFaultOfKeeper: Bool {
        switch self {
        case .stale: false
        default: verdict == .reject
        }
    }

    /// A stable name for metrics and programs, never reworded.
    package var code: String {
        switch self {
        case .oversize: "oversize"
        case .malformed: "malformed"
        case .unsupportedVersion: "unsupportedVersion"
        case .badSignature: "badSignature"
        case .wrongNetwork: "wrongNetwork"
        case .notAMember: "notAMember"
        case .early: "early"
        case .fromTheFuture: "fromTheFuture"
        case .late: "late"
        case .stale: "stale"
        case .duplicate: "duplicate"
        case .doubleSigned: "doubleSigned"
        case .tooMany: "tooMany"
        case .beyondRetention: "beyondRetention"
        case .busy: "busy"
        case .storeFull: "storeFull"
        case .storeUnavailable: "storeUnavailable"
        }
    }
}
