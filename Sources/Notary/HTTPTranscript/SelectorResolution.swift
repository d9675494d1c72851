/// Why a selector selects nothing in a transcript.
///
/// A selector without a match is an error and never ignored: a misspelt `--redact` would otherwise reveal a secret.
package struct SelectorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is missing.
    package enum Reason: Sendable, Hashable {
        /// The transcript is no HTTP message.
        case notHTTP(HTTPParseError)
        /// The body is no JSON document.
        case notJSON(JSONParseError)
        /// The body does not look like JSON.
        case bodyIsNotJSON
        /// The body is compressed.
        case encodedBody(String)
        /// There is no such part.
        case noMatch
        /// The range goes beyond the transcript.
        case outOfBounds(byteCount: Int)
        /// The selector belongs to the other direction.
        case wrongDirection
    }

    /// The selector.
    package let selector: TranscriptSelector
    /// What is missing.
    package let reason: Reason

    /// One sentence for people.
    package var description: String {
        let text =
            switch reason {
            case .notHTTP(let error): "the \(selector.direction.messageName) could not be read: \(error)"
            case .notJSON(let error): "\(error)"
            case .bodyIsNotJSON: "the body is not JSON"
            case .encodedBody(let coding): "the body is encoded with \(coding)"
            case .noMatch: "there is no such part in the \(selector.direction.messageName)"
            case .outOfBounds(let count): "the \(selector.direction.messageName) has only \(count) bytes"
            case .wrongDirection: "it belongs to the other direction"
            }
        return "\(selector): \(text)"
    }
}

extension AnnotatedTranscript {
    /// The bytes that `selector` names; never empty.
    package func spans(of selector: TranscriptSelector) throws(SelectorError) -> SpanSet {
        guard selector.direction == direction else { throw SelectorError(selector: selector, reason: .wrongDirection) }
        let spans: SpanSet
        switch selector.part {
        case .whole:
            spans = SpanSet(bytes.indices)
        case .bytes(let range):
            guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
                throw SelectorError(selector: selector, reason: .outOfBounds(byteCount: bytes.count))
            }
            spans = SpanSet(range)
        case .json(let path):
            let document = try document(for: selector)
            spans = bodySpans(document.indices(matching: path).map { document.values[$0].memberSpan })
        case .jsonValue(let path):
            let document = try document(for: selector)
            spans = bodySpans(document.indices(matching: path).map { document.values[$0].valueSpan })
        case .jsonStructure:
            _ = try document(for: selector)
            spans = SpanSet(atoms(leafLimit: Int.max).filter { $0.label == jsonStructureLabel }.flatMap(\.spans.ranges))
        default:
            spans = messageSpans(of: selector.part, in: try message(for: selector))
        }
        guard !spans.isEmpty else { throw SelectorError(selector: selector, reason: .noMatch) }
        return spans
    }

    private func message(for selector: TranscriptSelector) throws(SelectorError) -> HTTPMessage {
        if let message { return message }
        let reason = messageError.map { SelectorError.Reason.notHTTP($0) } ?? .noMatch
        throw SelectorError(selector: selector, reason: reason)
    }

    private func document(for selector: TranscriptSelector) throws(SelectorError) -> JSONDocument {
        _ = try message(for: selector)
        if let document { return document }
        if let contentCoding { throw SelectorError(selector: selector, reason: .encodedBody(contentCoding)) }
        throw SelectorError(selector: selector, reason: documentError.map { .notJSON($0) } ?? .bodyIsNotJSON)
    }

    private func bodySpans(_ ranges: [Range<Int>]) -> SpanSet {
        SpanSet(ranges.flatMap { transcriptSpans(ofBody: $0).ranges })
    }

    private func messageSpans(of part: TranscriptSelector.Part, in message: HTTPMessage) -> SpanSet {
        let fields = message.interim.flatMap(\.fields) + message.fields + message.trailers
        switch part {
        case .startLine: return SpanSet(message.startLineSpan)
        case .method:
            guard case .request(let method, _, _) = message.startLine else { return SpanSet() }
            return SpanSet(method)
        case .target:
            guard case .request(_, let target, _) = message.startLine else { return SpanSet() }
            return SpanSet(target)
        case .head: return SpanSet(0..<message.headEnd.upperBound)
        case .header(let name): return SpanSet(fields.filter { $0.name == name }.map(\.lineSpan))
        case .headerValue(let name): return SpanSet(fields.filter { $0.name == name }.map(\.valueSpan))
        case .body: return SpanSet(message.bodySpan)
        case .framing: return SpanSet([message.headEnd] + message.framingSpans)
        case .whole, .bytes, .json, .jsonValue, .jsonStructure: return SpanSet()
        }
    }
}
