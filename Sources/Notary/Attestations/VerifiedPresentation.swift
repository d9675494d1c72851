/// What a presentation proves to a relying party, given that it trusts the notary.
public struct VerifiedPresentation: Hashable, Sendable {
    /// The attestation's id.
    public let id: AttestationID
    /// All that the notary signed.
    public let header: AttestationHeader
    /// The context text, when it was passed on.
    public let contextText: String?
    /// Who the server is; `nil` when that is committed and was not opened.
    public let server: VerifiedServer?
    /// What is visible of what the client sent.
    public let sent: VisibleTranscript
    /// What is visible of what the client received.
    public let received: VisibleTranscript
    /// What the presentation does not prove, the most important first.
    public let notProven: [ProofLimit]

    /// What is visible of one direction.
    public func transcript(_ direction: TranscriptLeaf.Direction) -> VisibleTranscript {
        direction == .sent ? sent : received
    }
}

/// A server whose identity is known to the relying party.
public struct VerifiedServer: Hashable, Sendable {
    /// Who checked the certificate.
    public enum Checker: Hashable, Sendable {
        /// The notary, at this Unix time in milliseconds.
        case notary(at: UInt64)
        /// The relying party itself, from the opened handshake.
        case relyingParty
    }

    /// The host name.
    public let name: String
    /// SHA-256 of the leaf certificate in DER.
    public let certificateFingerprint: Bytes32
    /// Who checked the certificate.
    public let checker: Checker
}

/// The visible part of one direction.
public struct VisibleTranscript: Hashable, Sendable {
    /// Plaintext bytes of the direction, hidden ones included.
    public let length: Int
    /// The visible segments, ascending and disjoint.
    public let segments: [VisibleSegment]

    /// The ranges that are not visible, ascending.
    public var hiddenRanges: [Range<Int>] {
        var hidden: [Range<Int>] = []
        var end = 0
        for segment in segments {
            if end < segment.range.lowerBound { hidden.append(end..<segment.range.lowerBound) }
            end = segment.range.upperBound
        }
        if end < length { hidden.append(end..<length) }
        return hidden
    }

    /// The bytes in order, each hidden range replaced by what `mark` gives for it.
    public func bytes(marking mark: (Range<Int>) -> [UInt8]) -> [UInt8] {
        let pieces = segments.map { ($0.range, $0.bytes) } + hiddenRanges.map { ($0, mark($0)) }
        return pieces.sorted { $0.0.lowerBound < $1.0.lowerBound }.flatMap(\.1)
    }
}

/// Consecutive bytes that were proved to be part of the transcript.
public struct VisibleSegment: Hashable, Sendable {
    /// Offsets in the plaintext of the direction.
    public let range: Range<Int>
    /// The bytes.
    public let bytes: [UInt8]
    /// What the notary knew of them.
    public let kind: TranscriptLeaf.Kind
}
