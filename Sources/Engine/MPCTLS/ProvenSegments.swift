/// Joins what the proof opened range by range with what follows from an opened key.
enum ProvenSegments {
    /// All segments of `plan`, sent first, in order.
    ///
    /// - Parameters:
    ///   - proven: what the statement opened, for directions whose key stays closed.
    ///   - sent: the request in the clear, if its key was opened (or the caller is the prover).
    ///   - received: the response, likewise.
    static func complete(
        _ proven: [ProvenSegment],
        plan: DisclosurePlan,
        sent: [UInt8]?,
        received: [UInt8]?
    ) throws(MPCTLSError) -> [ProvenSegment] {
        var result: [ProvenSegment] = []
        for direction in TranscriptDirection.allCases {
            guard plan[direction].opensKey else {
                result += proven.filter { $0.direction == direction }
                continue
            }
            guard let plaintext = direction == .sent ? sent : received else {
                throw .proofRejected("a key was to be opened and was not")
            }
            for segment in plan[direction].segments {
                guard segment.range.upperBound <= plaintext.count else {
                    throw .proofRejected("a segment lies outside the transcript")
                }
                result.append(
                    ProvenSegment(
                        direction: direction,
                        range: segment.range,
                        content: .disclosed(Array(plaintext[segment.range]))
                    )
                )
            }
        }
        return result
    }
}
