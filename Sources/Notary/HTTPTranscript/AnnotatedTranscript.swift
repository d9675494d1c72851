/// The transcript of one direction with as much of its meaning as could be read from it.
///
/// A transcript that is no HTTP message, or a body that is no JSON, is still usable: byte ranges and whole directions
/// can always be selected, and selectors that need the meaning say why it is missing.
package struct AnnotatedTranscript: Sendable {
    /// Which direction it is.
    package let direction: HTTPDirection
    /// All bytes of the direction.
    package let bytes: [UInt8]
    /// The HTTP message, unless `messageError` says why there is none.
    package let message: HTTPMessage?
    /// Why the transcript is no single HTTP message.
    package let messageError: HTTPParseError?
    /// The body as JSON, if it is.
    package let document: JSONDocument?
    /// Why the body is not JSON, if it should have been or was worth a try.
    package let documentError: JSONParseError?
    /// The content coding of the body, if it has one that hides its meaning, such as `gzip`.
    package let contentCoding: String?

    private let bodyMap: BodySpanMap

    /// The transcript of a message that has been parsed already.
    package init(_ message: HTTPMessage, limits: JSONDocument.Limits = JSONDocument.Limits()) {
        self.init(
            direction: message.direction,
            bytes: message.bytes,
            message: message,
            messageError: nil,
            limits: limits
        )
    }

    /// The transcript of a direction; parses it as a request or as the response to a request with `requestMethod`.
    package init(
        _ direction: HTTPDirection,
        bytes: [UInt8],
        requestMethod: String,
        authenticatedClose: Bool,
        httpLimits: HTTPLimits = HTTPLimits(),
        limits: JSONDocument.Limits = JSONDocument.Limits()
    ) {
        var message: HTTPMessage?
        var failure: HTTPParseError?
        do throws(HTTPParseError) {
            message = try HTTPMessageParser.parse(
                bytes,
                as: direction == .sent ? .request : .response(toMethod: requestMethod),
                authenticatedClose: authenticatedClose,
                limits: httpLimits
            )
        } catch {
            failure = error
        }
        self.init(direction: direction, bytes: bytes, message: message, messageError: failure, limits: limits)
    }

    /// Both directions of a session; the method of the request decides how the response is read.
    package static func both(
        sent: [UInt8],
        received: [UInt8],
        authenticatedClose: Bool,
        httpLimits: HTTPLimits = HTTPLimits()
    ) -> (sent: AnnotatedTranscript, received: AnnotatedTranscript) {
        let request = AnnotatedTranscript(
            .sent,
            bytes: sent,
            requestMethod: "",
            authenticatedClose: false,
            httpLimits: httpLimits
        )
        let response = AnnotatedTranscript(
            .received,
            bytes: received,
            requestMethod: request.requestMethod ?? "",
            authenticatedClose: authenticatedClose,
            httpLimits: httpLimits
        )
        return (request, response)
    }

    private init(
        direction: HTTPDirection,
        bytes: [UInt8],
        message: HTTPMessage?,
        messageError: HTTPParseError?,
        limits: JSONDocument.Limits
    ) {
        self.direction = direction
        self.bytes = bytes
        self.message = message
        self.messageError = messageError
        bodyMap = BodySpanMap(message?.bodyPieces ?? [])
        contentCoding = message?.values(of: "content-encoding").first {
            !$0.isEmpty && HTTPCharacters.lowercased($0.utf8) != "identity"
        }
        var document: JSONDocument?
        var failure: JSONParseError?
        if let message, contentCoding == nil, Self.mayBeJSON(message) {
            do throws(JSONParseError) {
                document = try JSONDocument(parsing: message.body, limits: limits)
            } catch {
                failure = error
            }
        }
        self.document = document
        documentError = failure
    }

    /// The method of a request, such as `GET`.
    package var requestMethod: String? {
        guard let message, case .request(let method, _, _) = message.startLine else { return nil }
        return message.text(method)
    }

    /// The places in the transcript of a range of the body; several if chunk framing interrupts it.
    package func transcriptSpans(ofBody range: Range<Int>) -> SpanSet {
        SpanSet(bodyMap.transcriptRanges(range))
    }

    private static func mayBeJSON(_ message: HTTPMessage) -> Bool {
        if message.values(of: "content-type").contains(where: { HTTPCharacters.lowercased($0.utf8).contains("json") }) {
            return true
        }
        for piece in message.bodyPieces {
            for byte in message.bytes[piece] where !HTTPCharacters.isBlank(byte) && byte != 0x0a && byte != 0x0d {
                return byte == 0x7b || byte == 0x5b
            }
        }
        return false
    }
}
