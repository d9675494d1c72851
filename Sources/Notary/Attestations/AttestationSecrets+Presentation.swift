extension AttestationSecrets {
    /// Bytes of one direction to be shown.
    public struct Selection: Hashable, Sendable {
        /// The direction.
        public let direction: TranscriptLeaf.Direction
        /// Offsets in the plaintext of that direction.
        public let range: Range<Int>

        /// A selection.
        public init(_ direction: TranscriptLeaf.Direction, _ range: Range<Int>) {
            self.direction = direction
            self.range = range
        }
    }

    /// The leaves that make up exactly the selected bytes, ascending.
    ///
    /// - Throws: `.notCovered` for a selection that cuts through a segment, or contains bytes that no segment covers.
    public func leaves(covering selections: [Selection]) throws(AttestationError) -> [Int] {
        var indices: Set<Int> = []
        for selection in selections {
            var covered = selection.range.lowerBound
            for (index, leaf) in tree.leaves.enumerated() where leaf.direction == selection.direction {
                guard leaf.range.overlaps(selection.range) else { continue }
                guard leaf.range.lowerBound == covered, leaf.range.upperBound <= selection.range.upperBound else {
                    throw .notCovered(direction: selection.direction, range: selection.range)
                }
                covered = leaf.range.upperBound
                indices.insert(index)
            }
            guard covered == selection.range.upperBound, !selection.range.isEmpty else {
                throw .notCovered(direction: selection.direction, range: selection.range)
            }
        }
        return indices.sorted()
    }

    /// Makes a presentation of `attestation` that shows the given leaves and nothing else.
    ///
    /// - Parameters:
    ///   - attestation: The attestation that the secrets belong to.
    ///   - leaves: Numbers of leaves, in any order; see ``leaves(covering:)``.
    ///   - opensIdentity: Whether a committed server identity is opened; no effect on a revealed one.
    ///   - includesContextText: Whether the context text, if there is one, is passed on.
    /// - Throws: `.secretsMismatch`, `.identityOpeningMismatch`, `.identityMissing` when the identity is committed and
    ///   its opening is not here, `.segmentOutOfRange` for a leaf that is not there.
    public func presentation(
        of attestation: Attestation,
        showing leaves: some Sequence<Int>,
        opensIdentity: Bool,
        includesContextText: Bool
    ) throws(AttestationError) -> Presentation {
        try check(against: attestation)
        let indices = Set(leaves).sorted()
        var segments: [ShownSegment] = []
        for index in indices {
            guard openings.indices.contains(index) else { throw .segmentOutOfRange(leaf: index) }
            let opening = openings[index]
            segments.append(
                try ShownSegment(
                    index: index,
                    direction: opening.direction,
                    kind: opening.kind,
                    start: opening.range.lowerBound,
                    bytes: Array(transcript(opening.direction)[opening.range]),
                    blinder: opening.blinder
                )
            )
        }
        var identity: IdentityOpening?
        if opensIdentity, case .committed = attestation.header.server {
            guard let opening = self.identity else { throw .identityMissing }
            identity = opening
        }
        return try Presentation(
            attestation: includesContextText ? attestation : attestation.withoutContextText,
            segments: segments,
            proof: tree.proof(indices: indices),
            identity: identity
        )
    }
}
