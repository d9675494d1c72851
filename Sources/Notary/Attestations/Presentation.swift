/// What an owner shows to a relying party: an attestation, some of the segments under its root, and maybe who the
/// server is.
///
/// Nothing of it is believed before ``PresentationVerifier`` has checked it, apart from the attestation's signature.
public struct Presentation: Hashable, Sendable {
    /// The most bytes of the binary form.
    public static let byteCountMax = 80 << 20

    /// The signed attestation.
    public let attestation: Attestation
    /// The segments shown, in the order of their leaves.
    public let segments: [ShownSegment]
    /// The proof that the segments are under the attestation's root.
    public let proof: MerkleProof
    /// Opens a committed server identity.
    public let identity: IdentityOpening?

    /// A presentation from its parts, unchecked.
    ///
    /// - Throws: `.malformed` for more segments or hashes than a tree can have.
    public init(
        attestation: Attestation,
        segments: [ShownSegment],
        proof: MerkleProof,
        identity: IdentityOpening?
    ) throws(AttestationError) {
        guard segments.count <= TranscriptSummary.leafCountMax else { throw .malformed("segments") }
        guard proof.hashes.count <= TranscriptSummary.leafCountMax else { throw .malformed("proof") }
        self.attestation = attestation
        self.segments = segments
        self.proof = proof
        self.identity = identity
    }
}
