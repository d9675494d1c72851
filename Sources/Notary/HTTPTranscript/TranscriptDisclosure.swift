/// What happens to one part of a transcript when a session is notarized.
package struct TranscriptSegment: Sendable, Hashable {
    /// What happens to the bytes.
    package enum Kind: String, Sendable, Hashable {
        /// They are opened to the notary and stand in the attestation.
        case reveal
        /// Their bytes stay hidden; the attestation holds a commitment that the prover may open later.
        case commit
        /// They stay hidden for ever.
        case hidden
    }

    /// The bytes, in ascending order; a commitment covers their concatenation.
    package let spans: SpanSet
    /// The selector text that names the part; a note for the prover, which the notary should not be sent.
    package let label: String
    /// What happens to the bytes.
    package let kind: Kind
}

/// What happens to the bytes of one direction.
package struct DirectionDisclosure: Sendable, Hashable {
    /// The direction.
    package let direction: HTTPDirection
    /// How many bytes the direction has.
    package let byteCount: Int
    /// Whether everything is revealed, so that the key of the direction may be opened at no cost per byte.
    package let isWhole: Bool
    /// Disjoint segments that cover every byte of the direction, ordered by their first byte.
    package let segments: [TranscriptSegment]
    /// The most JSON parts with a commitment of their own; nil if only chosen parts have one.
    let leafLimit: Int?

    /// All bytes of segments of one kind.
    package func spans(of kind: TranscriptSegment.Kind) -> SpanSet {
        SpanSet(segments.filter { $0.kind == kind }.flatMap(\.spans.ranges))
    }
}

/// What happens to the bytes of both directions.
package struct TranscriptDisclosure: Sendable, Hashable {
    /// The plan for the request.
    package let sent: DirectionDisclosure
    /// The plan for the response.
    package let received: DirectionDisclosure
}
