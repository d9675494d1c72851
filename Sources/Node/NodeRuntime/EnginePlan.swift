package import HTTPTranscript
package import MPCTLS

/// From the parts of an HTTP message to the ranges that the engine proves.
package enum EnginePlan {
    /// The engine's plan for what a buyer chose.
    ///
    /// A part that lies in several places (a JSON value across chunks, the punctuation between values) becomes one
    /// segment for each place. Hidden parts are left out: nothing is proved about them.
    package static func make(_ disclosure: TranscriptDisclosure) -> DisclosurePlan {
        DisclosurePlan(sent: direction(disclosure.sent), received: direction(disclosure.received))
    }

    private static func direction(_ disclosure: DirectionDisclosure) -> DirectionPlan {
        var segments: [PlannedSegment] = []
        for segment in disclosure.segments where segment.kind != .hidden {
            let treatment: SegmentTreatment = segment.kind == .reveal ? .disclosed : .committed
            segments += segment.spans.ranges.map { PlannedSegment(range: $0, treatment: treatment) }
        }
        segments.sort { $0.range.lowerBound < $1.range.lowerBound }
        return DirectionPlan(opensKey: disclosure.isWhole, segments: segments)
    }
}
