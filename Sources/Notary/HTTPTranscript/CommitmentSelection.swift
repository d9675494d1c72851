/// Chooses which commitments of an attestation to open for a relying party.
package enum CommitmentSelection {
    /// Why a choice cannot be made.
    package enum SelectionError: Error, Sendable, Hashable, CustomStringConvertible {
        /// These bytes were neither revealed nor committed to when the session was notarized.
        case notCommitted(SpanSet)
        /// The commitment at this index covers some of the chosen bytes, but also others.
        case inseparable(index: Int, others: SpanSet)

        /// One sentence for people.
        package var description: String {
            switch self {
            case .notCommitted(let spans):
                "bytes \(Self.text(spans)) were hidden for ever when the session was notarized"
            case .inseparable(let index, let others):
                "commitment \(index) can only be opened together with bytes \(Self.text(others))"
            }
        }

        private static func text(_ spans: SpanSet) -> String {
            let ranges = spans.ranges.prefix(4).map { "\($0.lowerBound)-\($0.upperBound - 1)" }
            return ranges.joined(separator: ", ") + (spans.ranges.count > 4 ? ", …" : "")
        }
    }

    /// The indices of the commitments that together show exactly `wanted`, apart from what is `disclosed` already.
    ///
    /// - Parameter tolerated: Bytes that do not matter, such as `AnnotatedTranscript.separatorSpans`: they may be shown
    ///   besides, and where they are wanted but committed to together with others, they may be left out.
    package static func toReveal(
        _ wanted: SpanSet,
        committed: [SpanSet],
        disclosed: SpanSet,
        tolerated: SpanSet = SpanSet()
    ) throws(SelectionError) -> [Int] {
        let missing = wanted.subtracting(disclosed)
        var found: [Range<Int>] = []
        var chosen: [Int] = []
        for (index, spans) in committed.enumerated() {
            let needed = spans.intersection(missing)
            let core = spans.subtracting(tolerated)
            guard !needed.isEmpty, core.isEmpty || !core.intersection(missing).isEmpty else { continue }
            let others = core.subtracting(missing)
            guard others.isEmpty else { throw .inseparable(index: index, others: others) }
            found += spans.ranges
            chosen.append(index)
        }
        let hidden = missing.subtracting(SpanSet(found))
        guard hidden.subtracting(tolerated).isEmpty, !chosen.isEmpty || hidden.isEmpty else {
            throw .notCommitted(hidden)
        }
        return chosen
    }

    /// The indices of all commitments that do not cover any byte of `redacted`.
    package static func toRevealAllExcept(_ redacted: SpanSet, committed: [SpanSet]) -> [Int] {
        committed.indices.filter { committed[$0].intersection(redacted).isEmpty }
    }
}
