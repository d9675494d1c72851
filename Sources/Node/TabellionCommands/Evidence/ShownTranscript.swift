internal import Attestations

/// The parts of one direction that a file shows.
struct ShownTranscript {
    /// Bytes of the direction, hidden ones included.
    let length: Int
    /// The parts, ascending and disjoint.
    let parts: [(range: Range<Int>, bytes: [UInt8], kind: TranscriptLeaf.Kind)]

    init(_ transcript: VisibleTranscript) {
        length = transcript.length
        parts = transcript.segments.map { ($0.range, $0.bytes, $0.kind) }
    }

    init(_ presentation: Presentation, _ direction: TranscriptLeaf.Direction) {
        length = presentation.attestation.header.transcript.length(direction)
        parts = presentation.segments.filter { $0.direction == direction }.map { ($0.range, $0.bytes, $0.kind) }
    }
}
