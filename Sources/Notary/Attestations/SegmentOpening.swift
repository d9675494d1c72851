/// What the owner keeps, besides the transcript, to open a leaf later: its place and its blinder.
public struct SegmentOpening: Hashable, Sendable {
    /// The direction.
    public let direction: TranscriptLeaf.Direction
    /// What the notary knew of the bytes.
    public let kind: TranscriptLeaf.Kind
    /// Offsets in the plaintext of that direction.
    public let range: Range<Int>
    /// The 16 bytes that open the commitment.
    public let blinder: [UInt8]

    /// An opening; checked when the ``AttestationSecrets`` are made.
    public init(
        direction: TranscriptLeaf.Direction,
        kind: TranscriptLeaf.Kind,
        range: Range<Int>,
        blinder: [UInt8]
    ) {
        self.direction = direction
        self.kind = kind
        self.range = range
        self.blinder = blinder
    }
}
