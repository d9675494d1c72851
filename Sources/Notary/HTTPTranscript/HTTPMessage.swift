/// One HTTP/1.1 message with the place of each of its parts in the transcript of its direction.
package struct HTTPMessage: Sendable {
    /// The parts of a request line or status line.
    package enum StartLine: Sendable, Hashable {
        /// `method SP target SP version`.
        case request(method: Range<Int>, target: Range<Int>, version: Range<Int>)
        /// `version SP code SP reason`; the reason may be empty.
        case status(version: Range<Int>, code: Range<Int>, reason: Range<Int>)
    }

    /// An interim (1xx) response that came before the final one.
    package struct Interim: Sendable, Hashable {
        /// The status code, 100...199.
        package let statusCode: Int
        /// Where it is, from its status line to its blank line.
        package let span: Range<Int>
        /// Its fields.
        package let fields: [HTTPField]
    }

    /// How the end of a body is found.
    package enum Framing: Sendable, Hashable {
        /// The message has no body.
        case none
        /// Content-Length announces this many bytes.
        case contentLength(Int)
        /// Transfer-Encoding: chunked.
        case chunked
        /// The body ends when the server closes the connection.
        case untilClose
    }

    /// The whole transcript of the direction.
    package let bytes: [UInt8]
    /// Which direction this is.
    package let direction: HTTPDirection
    /// Interim responses in their order; empty for a request.
    package let interim: [Interim]
    /// The parts of the start line.
    package let startLine: StartLine
    /// Where the start line is, with its CRLF.
    package let startLineSpan: Range<Int>
    /// The status code of a response, nil for a request.
    package let statusCode: Int?
    /// The header fields in their order.
    package let fields: [HTTPField]
    /// Where the blank line after the fields is: two bytes.
    package let headEnd: Range<Int>
    /// How the end of the body is found.
    package let framing: Framing
    /// Where the bytes of the body are, in order, without any framing.
    package let bodyPieces: [Range<Int>]
    /// Where chunk framing is: size lines, the CRLF after each chunk, the last chunk and the blank line at the end.
    package let framingSpans: [Range<Int>]
    /// The fields after a chunked body.
    package let trailers: [HTTPField]
    /// Whether this is the whole message: complete by its own framing, or ended by an authenticated close.
    package let isComplete: Bool

    /// Where everything after the head is: body, chunk framing and trailers.
    package var bodySpan: Range<Int> { headEnd.upperBound..<bytes.count }

    /// The body without framing; as many bytes as all of `bodyPieces` together.
    package var body: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bodyPieces.reduce(0) { $0 + $1.count })
        for piece in bodyPieces { result.append(contentsOf: bytes[piece]) }
        return result
    }

    /// The values of all header fields with this name (in any case), as text.
    package func values(of name: String) -> [String] {
        let wanted = HTTPCharacters.lowercased(name.utf8)
        return fields.filter { $0.name == wanted }.map { String(decoding: bytes[$0.valueSpan], as: UTF8.self) }
    }

    /// The text of a part of the message.
    package func text(_ span: Range<Int>) -> String {
        String(decoding: bytes[span.clamped(to: bytes.indices)], as: UTF8.self)
    }
}
