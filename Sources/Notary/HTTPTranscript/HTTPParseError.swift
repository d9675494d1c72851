/// Why bytes are not one unambiguous HTTP/1.1 message.
///
/// For a response the server is to blame, for a request whoever built it. A message that two readers could split
/// differently is refused: a notary's signature must never cover bytes with two meanings.
package struct HTTPParseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: Sendable, Hashable {
        /// A start line that RFC 9112 §3 or §4 does not allow.
        case malformedStartLine
        /// A version other than HTTP/1.0 and HTTP/1.1.
        case unsupportedVersion
        /// A status code outside of 100...599.
        case invalidStatusCode
        /// A field line without colon, with space before the colon, or with a name that is no token.
        case malformedField
        /// A control character inside of a field value.
        case forbiddenByteInField
        /// A line that continues a field (obsolete line folding, RFC 9112 §5.2).
        case foldedField
        /// A line feed without carriage return before it, or a carriage return without line feed after it.
        case bareLineBreak
        /// A field that may occur once occurs again.
        case repeatedField(name: String)
        /// Content-Length is not a plain decimal number.
        case invalidContentLength
        /// Content-Length and Transfer-Encoding in one message.
        case conflictingFraming
        /// A Transfer-Encoding other than `chunked`, or one in a message that cannot have it.
        case unsupportedTransferEncoding
        /// A body in a response that must not have one.
        case unexpectedBody
        /// A chunk size that is not 1 to 8 hexadecimal digits followed by an extension or the end of the line.
        case invalidChunkSize
        /// A chunk that is not followed by CRLF.
        case malformedChunkEnd
        /// A field among the trailers that belongs into the head.
        case forbiddenTrailer(name: String)
        /// A request without exactly one Host field.
        case missingHost
        /// The server switched to another protocol (status 101).
        case protocolSwitch
        /// Bytes after the end of the message.
        case surplusBytes
        /// The transcript ends before the head does.
        case truncatedHead
        /// More than a limit allows; the limit is named.
        case tooLarge(String)
    }

    /// What is wrong.
    package let reason: Reason
    /// Where in the transcript it was noticed, in bytes from its start.
    package let offset: Int

    /// An error at a position.
    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// One sentence for people.
    package var description: String {
        "\(reasonText) (at byte \(offset))"
    }

    private var reasonText: String {
        switch reason {
        case .malformedStartLine: "the first line is not an HTTP/1.1 start line"
        case .unsupportedVersion: "the HTTP version is neither 1.0 nor 1.1"
        case .invalidStatusCode: "the status code is not between 100 and 599"
        case .malformedField: "a header line is malformed"
        case .forbiddenByteInField: "a header value contains a control character"
        case .foldedField: "a header is folded over several lines, which is ambiguous"
        case .bareLineBreak: "a line ends with a lone CR or LF, which is ambiguous"
        case .repeatedField(let name): "the header \(name) occurs more than once, which is ambiguous"
        case .invalidContentLength: "Content-Length is not a decimal number"
        case .conflictingFraming: "Content-Length and Transfer-Encoding are both present, which is ambiguous"
        case .unsupportedTransferEncoding: "the Transfer-Encoding is not supported here; only \"chunked\" is"
        case .unexpectedBody: "a response that must not have a body announces one"
        case .invalidChunkSize: "a chunk size is invalid"
        case .malformedChunkEnd: "a chunk does not end where its size says"
        case .forbiddenTrailer(let name): "the header \(name) is not allowed after the body"
        case .missingHost: "the request does not have exactly one Host header"
        case .protocolSwitch: "the server switched to another protocol"
        case .surplusBytes: "there are bytes after the end of the message"
        case .truncatedHead: "the message ends inside of its head"
        case .tooLarge(let limit): "the message exceeds a limit: \(limit)"
        }
    }
}
