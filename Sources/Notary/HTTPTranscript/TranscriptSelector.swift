/// Names a part of a session's transcript, as `--reveal` and `--redact` take it.
///
/// | text | part |
/// | --- | --- |
/// | `sent`, `received` | a whole direction |
/// | `request.line`, `response.status` | the first line with its CRLF |
/// | `request.method`, `request.target` | a part of the request line |
/// | `response.head` | first line, headers, blank line and interim responses |
/// | `response.header:content-type` | every header line with that name, with its CRLF |
/// | `response.header-value:content-type` | only the value of those lines |
/// | `response.body` | everything after the head, chunk framing included |
/// | `response.json:$.items[0].id` | a JSON member: key, colon and value; in an array the value |
/// | `response.json-value:$.amount` | only the value |
/// | `response.json-structure` | punctuation, white space and the keys of containers between the JSON leaves |
/// | `response.framing` | blank line after the headers and chunk framing |
/// | `response.bytes:10-20` | bytes 10 to 20, both included, counted from 0; `10..<20` leaves out the last |
///
/// Every part that is shown for `response` exists for `request` too.
package struct TranscriptSelector: Sendable, Hashable, CustomStringConvertible {
    /// The part of the direction.
    package enum Part: Sendable, Hashable {
        /// Everything.
        case whole
        /// The request line or status line.
        case startLine
        /// The method in the request line.
        case method
        /// The target in the request line.
        case target
        /// Everything before the body.
        case head
        /// All header lines with this name, in lower case.
        case header(String)
        /// The values of all header lines with this name, in lower case.
        case headerValue(String)
        /// Everything after the head.
        case body
        /// A JSON member: key, colon and value.
        case json(JSONPath)
        /// A JSON value without its key.
        case jsonValue(JSONPath)
        /// What stands between the JSON leaves.
        case jsonStructure
        /// Blank line and chunk framing.
        case framing
        /// A range of bytes of the direction.
        case bytes(Range<Int>)
    }

    /// Why text is no selector; always the caller's fault.
    package enum ParseError: Error, Sendable, Hashable, CustomStringConvertible {
        /// Neither a direction nor `request.` or `response.`.
        case unknownDirection(String)
        /// The part of the message does not exist.
        case unknownPart(String)
        /// The part needs an argument after a colon, or has one that it does not take.
        case argument(String)
        /// The header name is no token.
        case invalidHeaderName(String)
        /// The range is not `first-last` with first ≤ last.
        case invalidByteRange(String)
        /// The JSON path is not valid.
        case invalidPath(JSONPath.ParseError)

        /// One sentence for people.
        package var description: String {
            switch self {
            case .unknownDirection(let text):
                "\"\(text)\" does not start with request. or response. and is neither \"sent\" nor \"received\""
            case .unknownPart(let text): "\"\(text)\" is no part of a message; see the help for the list"
            case .argument(let text): "\"\(text)\" has a missing or superfluous argument"
            case .invalidHeaderName(let text): "\"\(text)\" is no header name"
            case .invalidByteRange(let text): "\"\(text)\" is no byte range such as 10-20"
            case .invalidPath(let error): error.description
            }
        }
    }

    /// The direction that the part belongs to.
    package let direction: HTTPDirection
    /// The part.
    package let part: Part

    /// A selector from its parts.
    package init(_ direction: HTTPDirection, _ part: Part) {
        self.direction = direction
        self.part = part
    }

    /// Parses the text form.
    package init(_ text: String) throws(ParseError) {
        if let direction = HTTPDirection.allCases.first(where: { $0.rawValue == text || $0.messageName == text }) {
            self.init(direction, .whole)
            return
        }
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2,
            let direction = HTTPDirection.allCases.first(where: { $0.messageName == halves[0] })
        else { throw .unknownDirection(text) }
        let parts = halves[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let argument = parts.count == 2 ? String(parts[1]) : nil
        let part = try Self.part(String(parts[0]), argument: argument, direction: direction, text: text)
        self.init(direction, part)
    }

    private static func part(
        _ name: String,
        argument: String?,
        direction: HTTPDirection,
        text: String
    ) throws(ParseError) -> Part {
        let simple: Part? =
            switch (name, direction) {
            case ("line", _), ("status", .received): .startLine
            case ("method", .sent): .method
            case ("target", .sent): .target
            case ("head", _): .head
            case ("body", _): .body
            case ("json-structure", _): .jsonStructure
            case ("framing", _): .framing
            default: nil
            }
        if let simple {
            guard argument == nil else { throw .argument(text) }
            return simple
        }
        guard ["header", "header-value", "json", "json-value", "bytes"].contains(name) else { throw .unknownPart(text) }
        guard let argument, !argument.isEmpty else { throw .argument(text) }
        switch name {
        case "header": return .header(try headerName(argument))
        case "header-value": return .headerValue(try headerName(argument))
        case "json": return .json(try path(argument))
        case "json-value": return .jsonValue(try path(argument))
        default: return .bytes(try byteRange(argument))
        }
    }

    private static func headerName(_ text: String) throws(ParseError) -> String {
        guard text.utf8.allSatisfy(HTTPCharacters.isToken) else { throw .invalidHeaderName(text) }
        return HTTPCharacters.lowercased(text.utf8)
    }

    private static func path(_ text: String) throws(ParseError) -> JSONPath {
        do {
            return try JSONPath(text)
        } catch {
            throw .invalidPath(error)
        }
    }

    private static func byteRange(_ text: String) throws(ParseError) -> Range<Int> {
        let halfOpen = text.split(separator: "..<", omittingEmptySubsequences: false)
        let parts = halfOpen.count == 2 ? halfOpen : text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = number(parts[0]), let last = number(parts[1]) else {
            throw .invalidByteRange(text)
        }
        let end = halfOpen.count == 2 ? last : last + 1
        guard first < end else { throw .invalidByteRange(text) }
        return first..<end
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    /// The text form, which parses to the same selector.
    package var description: String {
        let name = direction.messageName
        return switch part {
        case .whole: direction.rawValue
        case .startLine: direction == .sent ? "\(name).line" : "\(name).status"
        case .method: "\(name).method"
        case .target: "\(name).target"
        case .head: "\(name).head"
        case .header(let header): "\(name).header:\(header)"
        case .headerValue(let header): "\(name).header-value:\(header)"
        case .body: "\(name).body"
        case .json(let path): "\(name).json:\(path)"
        case .jsonValue(let path): "\(name).json-value:\(path)"
        case .jsonStructure: "\(name).json-structure"
        case .framing: "\(name).framing"
        case .bytes(let range): "\(name).bytes:\(range.lowerBound)-\(range.upperBound - 1)"
        }
    }
}
