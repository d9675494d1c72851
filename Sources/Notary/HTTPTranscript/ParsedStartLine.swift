/// A request line or status line that has been checked (RFC 9112 §3 and §4).
struct ParsedStartLine: Sendable {
    let parts: HTTPMessage.StartLine
    let span: Range<Int>
    let statusCode: Int?
    let isHTTP10: Bool

    /// Parses the line at `line` (its CRLF excluded).
    static func parse(_ bytes: [UInt8], line: Range<Int>, request: Bool) throws(HTTPParseError) -> ParsedStartLine {
        try request ? parseRequest(bytes, line: line) : parseStatus(bytes, line: line)
    }

    private static func parseRequest(_ bytes: [UInt8], line: Range<Int>) throws(HTTPParseError) -> ParsedStartLine {
        let malformed = HTTPParseError(.malformedStartLine, at: line.lowerBound)
        guard let first = bytes[line].firstIndex(of: 0x20), let last = bytes[line].lastIndex(of: 0x20), first < last
        else { throw malformed }
        let method = line.lowerBound..<first
        let target = first + 1..<last
        let version = last + 1..<line.upperBound
        guard !method.isEmpty, bytes[method].allSatisfy(HTTPCharacters.isToken),
            !target.isEmpty, bytes[target].allSatisfy(HTTPCharacters.isTarget)
        else { throw malformed }
        let isHTTP10 = try checkVersion(bytes, version)
        return ParsedStartLine(
            parts: .request(method: method, target: target, version: version),
            span: line.lowerBound..<line.upperBound + 2,
            statusCode: nil,
            isHTTP10: isHTTP10
        )
    }

    private static func parseStatus(_ bytes: [UInt8], line: Range<Int>) throws(HTTPParseError) -> ParsedStartLine {
        let malformed = HTTPParseError(.malformedStartLine, at: line.lowerBound)
        // "HTTP/1.1 200" is 12 bytes; a server may leave out the reason and even the space before it.
        guard line.count >= 12, bytes[line.lowerBound + 8] == 0x20 else { throw malformed }
        let version = line.lowerBound..<line.lowerBound + 8
        let code = version.upperBound + 1..<version.upperBound + 4
        var reason = code.upperBound..<code.upperBound
        if code.upperBound < line.upperBound {
            guard bytes[code.upperBound] == 0x20 else { throw malformed }
            reason = code.upperBound + 1..<line.upperBound
        }
        let isHTTP10 = try checkVersion(bytes, version)
        guard bytes[code].allSatisfy({ (0x30...0x39).contains($0) }),
            bytes[reason].allSatisfy(HTTPCharacters.isFieldValue)
        else { throw malformed }
        let value = bytes[code].reduce(0) { $0 * 10 + Int($1) - 0x30 }
        guard (100...599).contains(value) else { throw HTTPParseError(.invalidStatusCode, at: code.lowerBound) }
        return ParsedStartLine(
            parts: .status(version: version, code: code, reason: reason),
            span: line.lowerBound..<line.upperBound + 2,
            statusCode: value,
            isHTTP10: isHTTP10
        )
    }

    /// Whether the version is 1.0 (true) or 1.1 (false); anything else is refused.
    private static func checkVersion(_ bytes: [UInt8], _ span: Range<Int>) throws(HTTPParseError) -> Bool {
        if bytes[span].elementsEqual("HTTP/1.1".utf8) { return false }
        if bytes[span].elementsEqual("HTTP/1.0".utf8) { return true }
        let looksLikeHTTP = bytes[span].starts(with: "HTTP/".utf8)
        throw HTTPParseError(looksLikeHTTP ? .unsupportedVersion : .malformedStartLine, at: span.lowerBound)
    }
}
