/// What a buyer wants disclosed, before the transcript is known.
///
/// In each direction: with `reveal` selectors exactly these parts are revealed, minus what `redact` selectors name;
/// with only `redact` selectors everything else is revealed; with neither nothing is.
package struct DisclosureRequest: Sendable, Hashable {
    /// Which of the bytes that are not revealed get a commitment.
    package enum CommitPolicy: Sendable, Hashable {
        /// Every part: start line, each header, each JSON leaf, the rest.
        case all
        /// Only parts that a `redact` or `commit` selector names.
        case selected
        /// `all` for directions of at most `automaticLimit` bytes, `selected` for longer ones.
        case automatic
    }

    /// Up to how many bytes of a direction `CommitPolicy.automatic` commits to everything: 16 KB.
    package static let automaticLimit = 16 << 10

    /// What to reveal.
    package var reveal: [TranscriptSelector]
    /// What to keep from being revealed.
    package var redact: [TranscriptSelector]
    /// Parts that get a commitment of their own in any case.
    package var commit: [TranscriptSelector]
    /// Which other parts get a commitment.
    package var policy: CommitPolicy
    /// The most JSON parts with a commitment of their own.
    package var leafLimit: Int

    /// Creates a request; by default nothing is revealed.
    package init(
        reveal: [TranscriptSelector] = [],
        redact: [TranscriptSelector] = [],
        commit: [TranscriptSelector] = [],
        policy: CommitPolicy = .automatic,
        leafLimit: Int = AnnotatedTranscript.defaultLeafLimit
    ) {
        self.reveal = reveal
        self.redact = redact
        self.commit = commit
        self.policy = policy
        self.leafLimit = leafLimit
    }

    /// The plan for a session with these transcripts.
    package func plan(
        sent: AnnotatedTranscript,
        received: AnnotatedTranscript
    ) throws(SelectorError) -> TranscriptDisclosure {
        TranscriptDisclosure(sent: try plan(for: sent), received: try plan(for: received))
    }

    /// The plan for one direction; selectors of the other one are ignored.
    package func plan(for transcript: AnnotatedTranscript) throws(SelectorError) -> DirectionDisclosure {
        let byteCount = transcript.bytes.count
        let revealed = try revealedSpans(transcript)
        let commitsAll =
            switch policy {
            case .all: true
            case .selected: false
            case .automatic: byteCount <= Self.automaticLimit
            }
        var partition = TranscriptPartition(atoms: transcript.atoms(leafLimit: leafLimit), commits: commitsAll)
        for selector in commitsAll ? commit : commit + redact where selector.direction == transcript.direction {
            partition.assign(try transcript.spans(of: selector), label: selector.description, commits: true)
        }
        return DirectionDisclosure(
            direction: transcript.direction,
            byteCount: byteCount,
            isWhole: byteCount > 0 && revealed.byteCount == byteCount,
            segments: partition.segments(revealing: revealed),
            leafLimit: commitsAll ? leafLimit : nil
        )
    }

    private func revealedSpans(_ transcript: AnnotatedTranscript) throws(SelectorError) -> SpanSet {
        let direction = transcript.direction
        let revealSelectors = reveal.filter { $0.direction == direction }
        let redactSelectors = redact.filter { $0.direction == direction }
        var revealed = SpanSet()
        if revealSelectors.isEmpty, !redactSelectors.isEmpty { revealed = SpanSet(transcript.bytes.indices) }
        if !revealSelectors.isEmpty {
            var ranges: [Range<Int>] = []
            for selector in revealSelectors { ranges += try transcript.spans(of: selector).ranges }
            revealed = SpanSet(ranges)
        }
        for selector in redactSelectors { revealed = revealed.subtracting(try transcript.spans(of: selector)) }
        return revealed
    }
}
