/// How the end of a body is found (RFC 9112 §6.3, with everything ambiguous refused).
enum BodyFraming {
    /// The framing of a message whose head has been read.
    static func decide(
        _ bytes: [UInt8],
        kind: HTTPMessageParser.Kind,
        start: ParsedStartLine,
        fields: [HTTPField],
        headEnd: Int
    ) throws(HTTPParseError) -> HTTPMessage.Framing {
        if kind == .request, !start.isHTTP10, !fields.contains(where: { $0.name == "host" }) {
            throw HTTPParseError(.missingHost, at: headEnd)
        }
        let length = fields.first { $0.name == "content-length" }
        let encoding = fields.first { $0.name == "transfer-encoding" }
        if length != nil, let encoding { throw HTTPParseError(.conflictingFraming, at: encoding.lineSpan.lowerBound) }
        var announced: HTTPMessage.Framing?
        if let encoding {
            let value = HTTPCharacters.lowercased(bytes[encoding.valueSpan])
            guard value == "chunked", !start.isHTTP10 else {
                throw HTTPParseError(.unsupportedTransferEncoding, at: encoding.valueSpan.lowerBound)
            }
            announced = .chunked
        }
        if let length { announced = .contentLength(try contentLength(bytes, length)) }
        switch kind {
        case .request:
            return announced ?? .none
        case .response(let method):
            if method == "HEAD" || start.statusCode == 304 { return .none }
            if start.statusCode == 204 {
                guard announced == nil || announced == .contentLength(0) else {
                    throw HTTPParseError(.unexpectedBody, at: headEnd)
                }
                return .none
            }
            return announced ?? .untilClose
        }
    }

    private static func contentLength(_ bytes: [UInt8], _ field: HTTPField) throws(HTTPParseError) -> Int {
        let digits = bytes[field.valueSpan]
        // 18 decimal digits always fit an Int.
        guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw HTTPParseError(.invalidContentLength, at: field.valueSpan.lowerBound)
        }
        return digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }

    /// The size that the line at `line` (its CRLF excluded) announces; an extension after `;` is allowed and ignored.
    static func chunkSize(_ bytes: [UInt8], line: Range<Int>) throws(HTTPParseError) -> Int {
        var size = 0
        var digits = 0
        var index = line.lowerBound
        while index < line.upperBound, let value = HTTPCharacters.hexadecimalValue(bytes[index]) {
            digits += 1
            guard digits <= 8 else { throw HTTPParseError(.invalidChunkSize, at: line.lowerBound) }
            size = size << 4 | value
            index += 1
        }
        guard digits > 0, index == line.upperBound || bytes[index] == 0x3b,
            bytes[index..<line.upperBound].allSatisfy(HTTPCharacters.isFieldValue)
        else { throw HTTPParseError(.invalidChunkSize, at: line.lowerBound) }
        return size
    }
}
