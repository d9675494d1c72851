/// One header or trailer line of a message, with the places of its parts in the transcript.
package struct HTTPField: Sendable, Hashable {
    /// The name in lower case.
    package let name: String
    /// Where the name is, without the colon.
    package let nameSpan: Range<Int>
    /// Where the value is, without the blanks around it; empty if there is none.
    package let valueSpan: Range<Int>
    /// Where the whole line is, with its CRLF.
    package let lineSpan: Range<Int>

    /// Fields that may occur at most once in a message: a second one would let two readers see two values.
    static let singletons: Set<String> = [
        "age", "authorization", "content-disposition", "content-encoding", "content-length",
        "content-location", "content-range", "content-type", "cookie", "date", "etag", "expires", "from", "host",
        "if-modified-since", "if-range", "if-unmodified-since", "last-modified", "location", "max-forwards",
        "origin", "proxy-authorization", "range", "referer", "retry-after", "transfer-encoding",
        "user-agent",
    ]

    /// Fields that never may come after the body (RFC 9110 §6.5.1): framing, routing, authentication, content format.
    static let forbiddenTrailers: Set<String> = singletons.union([
        "set-cookie", "te", "trailer", "www-authenticate", "proxy-authenticate", "cache-control", "expect", "vary",
    ]).subtracting(["etag"])

    /// Parses the line at `line` (its CRLF excluded), strictly: no folding, no space before the colon.
    static func parse(_ bytes: [UInt8], line: Range<Int>) throws(HTTPParseError) -> HTTPField {
        guard let first = line.first, !HTTPCharacters.isBlank(bytes[first]) else {
            throw HTTPParseError(.foldedField, at: line.lowerBound)
        }
        guard let colon = bytes[line].firstIndex(of: 0x3a), colon > line.lowerBound,
            bytes[line.lowerBound..<colon].allSatisfy(HTTPCharacters.isToken)
        else { throw HTTPParseError(.malformedField, at: line.lowerBound) }
        var start = colon + 1
        var end = line.upperBound
        while start < end, HTTPCharacters.isBlank(bytes[start]) { start += 1 }
        while end > start, HTTPCharacters.isBlank(bytes[end - 1]) { end -= 1 }
        if let bad = bytes[start..<end].firstIndex(where: { !HTTPCharacters.isFieldValue($0) }) {
            throw HTTPParseError(.forbiddenByteInField, at: bad)
        }
        return HTTPField(
            name: HTTPCharacters.lowercased(bytes[line.lowerBound..<colon]),
            nameSpan: line.lowerBound..<colon,
            valueSpan: start..<end,
            lineSpan: line.lowerBound..<line.upperBound + 2
        )
    }
}
