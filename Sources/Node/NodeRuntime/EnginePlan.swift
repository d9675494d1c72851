package import HTTPTranscript
package import MPCTLS

/// From the parts of an HTTP message to the ranges that the engine proves.
package enum EnginePlan {
    /// The engine's plan for what a buyer chose of two transcripts.
    ///
    /// A part that lies in several places (a JSON value across chunks) becomes one segment for each place. Hidden parts
    /// are left out: nothing is proved about them.
    ///
    /// - Throws: ``MPCTLSError/invalidRequest(_:)`` for more segments than a session may have.
    package static func make(
        _ disclosure: TranscriptDisclosure,
        sent: AnnotatedTranscript,
        received: AnnotatedTranscript
    ) throws(MPCTLSError) -> DisclosurePlan {
        DisclosurePlan(
            sent: try direction(disclosure.sent, sent),
            received: try direction(disclosure.received, received)
        )
    }

    private static func direction(
        _ disclosure: DirectionDisclosure,
        _ transcript: AnnotatedTranscript
    ) throws(MPCTLSError) -> DirectionPlan {
        let segments = disclosure.pieces(of: transcript).filter { $0.kind != .hidden }.map { piece in
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
