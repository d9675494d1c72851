internal import CryptoCore
package import WireFormat

/// A direction of the transcript.
package enum TranscriptDirection: UInt8, CaseIterable, Sendable {
    /// What the client sent: the request.
    case sent = 0
    /// What the server sent: the response.
    case received = 1
}

/// What happens to a range of the transcript in the final proof.
package enum SegmentTreatment: UInt8, Sendable {
    /// The notary learns the bytes and attests them.
    case disclosed = 0
    /// The notary attests SHA-256(bytes ‖ 16-byte blinder), proved inside the engine, and learns nothing else.
    case committed = 1
}

/// A byte range of one direction and its treatment; ranges that no segment covers stay hidden.
package struct PlannedSegment: Equatable, Sendable {
    /// Plaintext offsets, not empty.
    package let range: Range<Int>
    /// What is proved about it.
    package let treatment: SegmentTreatment

    /// A segment of `range`.
    package init(range: Range<Int>, treatment: SegmentTreatment) {
        self.range = range
        self.treatment = treatment
    }
}

/// What the prover discloses of one direction.
package struct DirectionPlan: Equatable, Sendable, WireCodable {
    /// The most segments of one direction.
    package static let segmentCountMax = 4096

    /// Whether the direction's key is opened through the proof: the notary decrypts all of it at no cost per byte.
    ///
    /// Every segment is then a disclosed one.
    package let opensKey: Bool
    /// Sorted, disjoint segments.
    package let segments: [PlannedSegment]

    /// A plan; `segments` must be sorted and disjoint.
    package init(opensKey: Bool, segments: [PlannedSegment]) {
        self.opensKey = opensKey
        self.segments = segments
    }

    /// Nothing of the direction is shown or committed to.
    package static let hidden = DirectionPlan(opensKey: false, segments: [])

    /// Checks order, bounds and treatment against the direction's length.
    func validate(byteCount: Int) throws(MPCTLSError) {
        var end = 0
        for segment in segments {
            guard segment.range.lowerBound >= end, !segment.range.isEmpty, segment.range.upperBound <= byteCount else {
                throw .invalidRequest("the segments to disclose are not sorted, disjoint and inside the transcript")
            }
            guard !opensKey || segment.treatment == .disclosed else {
                throw .invalidRequest("a direction whose key is opened has disclosed segments only")
            }
            end = segment.range.upperBound
        }
    }

    package func encode(into writer: inout WireWriter) {
        writer.bool(opensKey)
        writer.count(segments.count)
        for segment in segments {
            writer.uint32(UInt32(segment.range.lowerBound))
            writer.uint32(UInt32(segment.range.upperBound))
            writer.uint8(segment.treatment.rawValue)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        opensKey = try reader.bool("opensKey")
        let count = try reader.count(limit: Self.segmentCountMax, bytesEach: 9)
        var segments: [PlannedSegment] = []
        for _ in 0..<count {
            let lower = Int(try reader.uint32())
            let upper = Int(try reader.uint32())
            guard lower < upper, let treatment = SegmentTreatment(rawValue: try reader.uint8()) else {
                throw .invalid("segment")
            }
            segments.append(PlannedSegment(range: lower..<upper, treatment: treatment))
        }
        self.segments = segments
    }
}

/// What the prover discloses of a session.
package struct DisclosurePlan: Equatable, Sendable, WireCodable {
    /// The most bytes of an encoded plan.
    package static let byteCountMax = 2 * (5 + 9 * DirectionPlan.segmentCountMax) + 16

    /// The request.
    package let sent: DirectionPlan
    /// The response.
    package let received: DirectionPlan

    /// A plan for both directions.
    package init(sent: DirectionPlan, received: DirectionPlan) {
        self.sent = sent
        self.received = received
    }

    /// The plan of one direction.
    package subscript(direction: TranscriptDirection) -> DirectionPlan {
        direction == .sent ? sent : received
    }

    package func encode(into writer: inout WireWriter) {
        sent.encode(into: &writer)
        received.encode(into: &writer)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        sent = try DirectionPlan(from: &reader)
        received = try DirectionPlan(from: &reader)
    }
}

/// A segment as the notary attests it; redacted, because plaintext belongs in no log.
package struct ProvenSegment: Equatable, Sendable, Redacted {
    /// Which direction it belongs to.
    package let direction: TranscriptDirection
    /// Plaintext offsets in that direction.
    package let range: Range<Int>
    /// What was proved.
    package let content: Content

    /// The bytes, or a hiding commitment to them.
    package enum Content: Equatable, Sendable, Redacted {
        /// The plaintext bytes.
        case disclosed([UInt8])
        /// SHA-256(bytes ‖ blinder), 32 bytes.
        case committed([UInt8])
    }
}
