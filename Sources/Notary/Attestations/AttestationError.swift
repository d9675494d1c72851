public import CryptoCore

/// Why an attestation, its secrets or a presentation is refused; every case has a stable ``code``.
public enum AttestationError: Error, Equatable, Sendable {
    /// Not the canonical form: truncated, excess or over-long data, a value out of range; the text names the place.
    case malformed(String)
    /// A format version that this program does not know.
    case unsupportedVersion(UInt16)
    /// The signature is not the named notary's over this content, or not in the one form that is accepted (low s).
    case badSignature
    /// The context text does not hash to the signed context hash.
    case contextTextMismatch
    /// The notary is not one that the relying party trusts.
    case untrustedNotary(EthereumAddress)
    /// Made for another network.
    case wrongNetwork(found: NetworkID)
    /// Made for another owner.
    case wrongOwner(found: EthereumAddress)
    /// Made in another context.
    case wrongContext(found: Bytes32)
    /// About another server.
    case wrongServerName(found: String)
    /// The notary's clock was ahead: the times, in Unix milliseconds, lie in the relying party's future.
    case notYetValid(endTime: UInt64)
    /// Past its expiry, in Unix milliseconds.
    case expired(at: UInt64)
    /// Older than the relying party accepts, in milliseconds.
    case tooOld(ageMilliseconds: UInt64)
    /// The transcript is only a prefix, and the relying party asked for all of it.
    case incomplete
    /// Bytes, blinder, place or kind of a segment shown, or the proof, are not those under the signed root.
    case merkleMismatch
    /// Two segments shown overlap, repeat or are out of order.
    case overlappingSegments(leaf: Int, next: Int)
    /// A segment outside the transcript's length, or a leaf index outside the tree.
    case segmentOutOfRange(leaf: Int)
    /// The server's identity is committed, and the presentation does not open it.
    case identityMissing
    /// The opened handshake is not the committed one.
    case identityOpeningMismatch
    /// The server's identity is opened, and the relying party gave no way to check it.
    case identityNotChecked
    /// The check of the server's identity failed; the text says why.
    case identityRejected(String)
    /// The bytes asked for are not covered by whole segments: the caller's mistake.
    case notCovered(direction: TranscriptLeaf.Direction, range: Range<Int>)
    /// The secrets belong to another attestation: the caller's mistake.
    case secretsMismatch

    /// A stable name for programs, never reworded.
    public var code: String {
        switch self {
        case .malformed: "malformed"
        case .unsupportedVersion: "unsupportedVersion"
        case .badSignature: "badSignature"
        case .contextTextMismatch: "contextTextMismatch"
        case .untrustedNotary: "untrustedNotary"
        case .wrongNetwork: "wrongNetwork"
        case .wrongOwner: "wrongOwner"
        case .wrongContext: "wrongContext"
        case .wrongServerName: "wrongServerName"
        case .notYetValid: "notYetValid"
        case .expired: "expired"
        case .tooOld: "tooOld"
        case .incomplete: "incomplete"
        case .merkleMismatch: "merkleMismatch"
        case .overlappingSegments: "overlappingSegments"
        case .segmentOutOfRange: "segmentOutOfRange"
        case .identityMissing: "identityMissing"
        case .identityOpeningMismatch: "identityOpeningMismatch"
        case .identityNotChecked: "identityNotChecked"
        case .identityRejected: "identityRejected"
        case .notCovered: "notCovered"
        case .secretsMismatch: "secretsMismatch"
        }
    }
}
