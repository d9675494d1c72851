internal import Attestations
internal import HTTPTranscript

/// What the owner can show of a session, by name: both directions and the leaves that cover them.
struct LeafLabels {
    /// The request.
    let sent: AnnotatedTranscript
    /// The response.
    let received: AnnotatedTranscript
    private let secrets: AttestationSecrets

    /// Reads both directions; `complete` says that the response ended with an authenticated close.
    init(_ secrets: AttestationSecrets, complete: Bool) {
        self.secrets = secrets
        (sent, received) = AnnotatedTranscript.both(
            sent: secrets.sent,
            received: secrets.received,
            authenticatedClose: complete
        )
    }

    /// One direction.
    func transcript(_ direction: HTTPDirection) -> AnnotatedTranscript {
        direction == .sent ? sent : received
    }

    /// The leaves of one direction: their numbers and bytes.
    func leaves(_ direction: HTTPDirection) -> [(index: Int, range: Range<Int>)] {
        let wanted: TranscriptLeaf.Direction = direction == .sent ? .sent : .received
        return secrets.openings.enumerated().filter { $0.element.direction == wanted }.map {
            ($0.offset, $0.element.range)
        }
    }

    /// The selectors of the parts that each leaf of a direction covers.
    func labels(_ direction: HTTPDirection) -> [String] {
        var pieces: [(range: Range<Int>, label: String)] = []
        for atom in transcript(direction).atoms(leafLimit: Int.max) {
            pieces += atom.spans.ranges.map { ($0, atom.label) }
        }
        pieces.sort { $0.range.lowerBound < $1.range.lowerBound }
        var next = 0
        return leaves(direction).map { leaf in
            while next < pieces.count, pieces[next].range.upperBound <= leaf.range.lowerBound { next += 1 }
            var labels: [String] = []
            var index = next
            while index < pieces.count, pieces[index].range.lowerBound < leaf.range.upperBound {
                labels.append(pieces[index].label)
                index += 1
            }
            let structure = "\(direction.messageName).json-structure"
            let named = labels.filter { $0 != structure }
            let shown = named.isEmpty ? labels : named
            guard let first = shown.first, let last = shown.last else { return "" }
            return shown.count == 1 ? first : "\(first) … \(last)"
        }
    }
}
