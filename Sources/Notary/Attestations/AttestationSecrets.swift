/// The owner's private half of an attestation: the whole transcript and everything that opens its commitments.
///
/// Whoever has it can show any segment to anybody; it belongs into a file that only the owner can read.
public struct AttestationSecrets: Hashable, Sendable {
    /// The most bytes of the binary form.
    public static let byteCountMax = 160 << 20
    /// The most bytes of one direction that are kept.
    public static let transcriptByteCountMax = 64 << 20

    /// The attestation that this belongs to.
    public let attestationID: AttestationID
    /// The plaintext that the client sent.
    public let sent: [UInt8]
    /// The plaintext that the client received.
    public let received: [UInt8]
    /// The openings, in the order of the leaves.
    public let openings: [SegmentOpening]
    /// Opens a committed server identity.
    public let identity: IdentityOpening?
    /// The tree that the openings give.
    public let tree: TranscriptTree

    /// Joins the parts and computes the tree.
    ///
    /// - Throws: `.malformed`, `.segmentOutOfRange`, `.overlappingSegments`. Whether the tree is the attestation's
    ///   shows in ``check(against:)``.
    public init(
        attestationID: AttestationID,
        sent: [UInt8],
        received: [UInt8],
        openings: [SegmentOpening],
        identity: IdentityOpening?
    ) throws(AttestationError) {
        guard max(sent.count, received.count) <= Self.transcriptByteCountMax else {
            throw .malformed("transcript length")
        }
        var leaves: [TranscriptLeaf] = []
        for (index, opening) in openings.enumerated() {
            let transcript = opening.direction == .sent ? sent : received
            guard opening.range.lowerBound >= 0, opening.range.upperBound <= transcript.count else {
                throw .segmentOutOfRange(leaf: index)
            }
            guard opening.blinder.count == TranscriptLeaf.blinderByteCount else { throw .malformed("blinder") }
            leaves.append(
                try TranscriptLeaf(
                    direction: opening.direction,
                    range: opening.range,
                    kind: opening.kind,
                    commitment: TranscriptLeaf.commitment(
                        to: transcript[opening.range],
                        blinder: opening.blinder
                    )
                )
            )
        }
        self.attestationID = attestationID
        self.sent = sent
        self.received = received
        self.openings = openings
        self.identity = identity
        tree = try TranscriptTree(sentLength: sent.count, receivedLength: received.count, leaves: leaves)
    }

    /// Whether all of this opens `attestation`.
    ///
    /// Bytes that no segment covers are not committed to, so nobody can check those; they can never be shown either.
    ///
    /// - Throws: `.secretsMismatch` for another attestation or tree, `.identityOpeningMismatch`.
    public func check(against attestation: Attestation) throws(AttestationError) {
        let summary = attestation.header.transcript
        guard
            attestationID == attestation.id, summary.root == tree.root, summary.leafCount == tree.leaves.count,
            summary.sentLength == sent.count, summary.receivedLength == received.count
        else { throw .secretsMismatch }
        if let identity {
            guard case .committed(identity.commitment) = attestation.header.server else {
                throw .identityOpeningMismatch
            }
        }
    }

    /// The plaintext of one direction.
    public func transcript(_ direction: TranscriptLeaf.Direction) -> [UInt8] {
        direction == .sent ? sent : received
    }
}

extension AttestationSecrets: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Names the attestation, and nothing of the transcript.
    public var description: String { "AttestationSecrets(of \(attestationID), redacted)" }
    /// Same as ``description``.
    public var debugDescription: String { description }
    /// Shows nothing of the transcript.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
