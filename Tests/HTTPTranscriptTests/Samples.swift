import HTTPTranscript

/// Messages that several tests read.
enum Samples {
    static let receipt =
        #"{"id":"pay_1","amount":12.30,"payee":{"name":"Bäckerei","iban":"DE02"},"items":[{"id":7},{"id":8}],"ok":true}"#

    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    static let request = bytes(
        "GET /payments/1?token=secret HTTP/1.1\r\nHost: bank.example\r\nCookie: sid=42\r\nConnection: close\r\n\r\n"
    )

    static let fixedResponse = bytes(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(receipt.utf8.count)\r\n"
            + "Set-Cookie: a=1\r\nset-cookie: b=2\r\n\r\n\(receipt)"
    )

    static let chunkedHead =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

    /// The receipt in chunks of `size` bytes, with an extension and a trailer.
    static func chunkedResponse(size: Int, body: String = receipt) -> [UInt8] {
        var result = bytes(chunkedHead)
        var rest = bytes(body)[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(size)
            rest = rest.dropFirst(chunk.count)
            result += bytes(String(chunk.count, radix: 16) + ";part=\"1\"\r\n") + Array(chunk) + bytes("\r\n")
        }
        return result + bytes("0\r\nX-Digest: abc\r\n\r\n")
    }

    static func response(_ text: String) throws(HTTPParseError) -> HTTPMessage {
        try HTTPMessageParser.parse(bytes(text), as: .response(toMethod: "GET"))
    }

    static func annotated(_ bytes: [UInt8], _ direction: HTTPDirection = .received) -> AnnotatedTranscript {
        AnnotatedTranscript(direction, bytes: bytes, requestMethod: "GET", authenticatedClose: false)
    }

    static func text(_ bytes: [UInt8], _ spans: SpanSet) -> String {
        String(decoding: spans.extract(from: bytes) ?? [], as: UTF8.self)
    }
}

/// A small generator with a seed, so that a failing mutation can be repeated (SplitMix64, OOPSLA 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
