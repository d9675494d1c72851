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
package struct DirectionPlan: Sendable, Hashable {
    /// Either everything is opened at once, or part by part.
    package enum Disclosure: Sendable, Hashable {
        /// The key of the direction is opened: everything becomes readable, at no cost per byte.
        case whole
        /// Disjoint segments that cover every byte of the direction, ordered by their first byte.
        case segments([TranscriptSegment])
    }

    /// The direction.
    package let direction: TranscriptDirection
    /// How many bytes the direction has.
    package let byteCount: Int
    /// What happens to them.
    package let disclosure: Disclosure

    /// The segments; a single revealed one if the whole direction is opened.
    package var segments: [TranscriptSegment] {
        switch disclosure {
        case .segments(let segments): segments
        case .whole:
            byteCount == 0
                ? []
                : [TranscriptSegment(spans: SpanSet(0..<byteCount), label: direction.rawValue, kind: .reveal)]
        }
    }

    /// All bytes of segments of one kind.
    package func spans(of kind: TranscriptSegment.Kind) -> SpanSet {
        SpanSet(segments.filter { $0.kind == kind }.flatMap(\.spans.ranges))
    }
}

/// What happens to the bytes of both directions.
package struct DisclosurePlan: Sendable, Hashable {
    /// The plan for the request.
    package let sent: DirectionPlan
    /// The plan for the response.
    package let received: DirectionPlan
}
