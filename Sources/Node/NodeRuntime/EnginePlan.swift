package import HTTPTranscript
package import MPCTLS

/// From the parts of an HTTP message to the ranges that the engine proves.
package struct EnginePlan: Equatable, Sendable {
    /// What the engine proves.
    package let proof: DisclosurePlan
    /// The request as consecutive pieces, hidden ones included.
    package let sent: [TranscriptPiece]
    /// The response as consecutive pieces, hidden ones included.
    package let received: [TranscriptPiece]
    /// Where the pieces are coarser than the parts that were asked for.
    package let coarsenings: [PlanCoarsening]

    /// The plan for what a buyer chose of two transcripts.
    ///
    /// A part that lies in several places (a JSON value across chunks) becomes one segment for each place. Hidden parts
    /// are left out of the proof.
    ///
    /// - Throws: ``MPCTLSError/invalidRequest(_:)`` for more segments than a session may have.
    package init(
        _ disclosure: TranscriptDisclosure,
        sent: AnnotatedTranscript,
        received: AnnotatedTranscript
    ) throws(MPCTLSError) {
        self.sent = disclosure.sent.pieces(of: sent)
        self.received = disclosure.received.pieces(of: received)
        proof = DisclosurePlan(
            sent: try Self.direction(disclosure.sent, self.sent),
            received: try Self.direction(disclosure.received, self.received)
        )
        coarsenings = disclosure.sent.coarsenings(of: sent) + disclosure.received.coarsenings(of: received)
    }

    private static func direction(
        _ disclosure: DirectionDisclosure,
        _ pieces: [TranscriptPiece]
    ) throws(MPCTLSError) -> DirectionPlan {
        let segments = pieces.filter { $0.kind != .hidden }.map { piece in
            PlannedSegment(range: piece.range, treatment: piece.kind == .reveal ? .disclosed : .committed)
        }
        guard segments.count <= DirectionPlan.segmentCountMax else {
            throw .invalidRequest(
                "the choice cuts the transcript into \(segments.count) parts; at most "
                    + "\(DirectionPlan.segmentCountMax) can be proved: reveal larger parts, or commit to selected ones"
            )
        }
        return DirectionPlan(opensKey: disclosure.isWhole, segments: segments)
    }
}
