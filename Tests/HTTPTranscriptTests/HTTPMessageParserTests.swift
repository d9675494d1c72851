import HTTPTranscript
import Testing

@Suite struct HTTPMessageParserTests {
    @Test func findsThePartsOfARequest() throws {
        let message = try HTTPMessageParser.parse(Samples.request, as: .request)
        guard case .request(let method, let target, let version) = message.startLine else {
            Issue.record("not a request line")
            return
        }
        #expect(message.text(method) == "GET")
        #expect(message.text(target) == "/payments/1?token=secret")
        #expect(message.text(version) == "HTTP/1.1")
        #expect(message.fields.map(\.name) == ["host", "cookie", "connection"])
        #expect(message.text(message.fields[1].nameSpan) == "Cookie")
        #expect(message.text(message.fields[1].valueSpan) == "sid=42")
        #expect(message.text(message.fields[1].lineSpan) == "Cookie: sid=42\r\n")
        #expect(message.framing == .none)
        #expect(message.isComplete)
        #expect(message.bodySpan.isEmpty)
    }

    @Test func findsThePartsOfAResponse() throws {
        let message = try HTTPMessageParser.parse(Samples.fixedResponse, as: .response(toMethod: "GET"))
        #expect(message.statusCode == 200)
        #expect(message.body == Samples.bytes(Samples.receipt))
        #expect(message.values(of: "SET-COOKIE") == ["a=1", "b=2"])
        #expect(message.isComplete)
        #expect(message.text(message.startLineSpan) == "HTTP/1.1 200 OK\r\n")
    }

    @Test(arguments: [1, 3, 16, 17, 1000])
    func joinsChunksAndKeepsTheirFraming(size: Int) throws {
        let bytes = Samples.chunkedResponse(size: size)
        let message = try HTTPMessageParser.parse(bytes, as: .response(toMethod: "GET"))
        #expect(message.body == Samples.bytes(Samples.receipt))
        #expect(message.trailers.map(\.name) == ["x-digest"])
        #expect(message.isComplete)
        let parts = message.bodyPieces + message.framingSpans + message.trailers.map(\.lineSpan)
        #expect(parts.reduce(0) { $0 + $1.count } == message.bodySpan.count)
        #expect(SpanSet(parts) == SpanSet(message.bodySpan))
    }

    @Test func keepsInterimResponses() throws {
        let text = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
        let message = try Samples.response(text)
        #expect(message.interim.map(\.statusCode) == [103])
        #expect(message.interim.first?.span == 0..<40)
        #expect(message.statusCode == 204)
        #expect(message.isComplete)
    }

    @Test func judgesCompleteness() throws {
        let untilClose = Samples.bytes("HTTP/1.1 200 OK\r\n\r\nhello")
        let kind = HTTPMessageParser.Kind.response(toMethod: "GET")
        #expect(try !HTTPMessageParser.parse(untilClose, as: kind).isComplete)
        #expect(try HTTPMessageParser.parse(untilClose, as: kind, authenticatedClose: true).isComplete)
        // An authenticated close does not complete a body whose announced end has not come.
        let short = Samples.bytes("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello")
        #expect(try !HTTPMessageParser.parse(short, as: kind, authenticatedClose: true).isComplete)
        let head = Samples.bytes("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        #expect(try HTTPMessageParser.parse(head, as: .response(toMethod: "HEAD")).isComplete)
        let notModified = Samples.bytes("HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n")
        #expect(try HTTPMessageParser.parse(notModified, as: kind).isComplete)
    }

    @Test func reasonMayBeMissing() throws {
        #expect(try Samples.response("HTTP/1.1 204\r\n\r\n").statusCode == 204)
        #expect(try Samples.response("HTTP/1.1 204 \r\n\r\n").statusCode == 204)
    }

    @Test(
        arguments: [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
                .repeatedField(name: "content-length")
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na", .invalidContentLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na", .invalidContentLength),
            ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\na", .invalidContentLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\na", .invalidContentLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .conflictingFraming),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedTransferEncoding),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                .repeatedField(name: "transfer-encoding")
            ),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .unsupportedTransferEncoding),
            ("HTTP/1.1 200 OK\r\nContent-Type: a/b\r\ncontent-type: c/d\r\n\r\n", .repeatedField(name: "content-type")),
            ("HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", .foldedField),
            ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .malformedField),
            ("HTTP/1.1 200 OK\r\n: b\r\n\r\n", .malformedField),
            ("HTTP/1.1 200 OK\r\nA\r\n\r\n", .malformedField),
            ("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", .forbiddenByteInField),
            ("HTTP/1.1 200 OK\nA: b\r\n\r\n", .bareLineBreak),
            ("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", .bareLineBreak),
            ("HTTP/1.1 200 OK\r\nA: b\r\n\n", .bareLineBreak),
            ("\r\nHTTP/1.1 200 OK\r\n\r\n", .malformedStartLine),
            ("HTTP/2 200 OK\r\n\r\n", .malformedStartLine),
            ("HTTP/1.2 200 OK\r\n\r\n", .unsupportedVersion),
            ("HTTP/1.1  200 OK\r\n\r\n", .malformedStartLine),
            ("HTTP/1.1 2000 OK\r\n\r\n", .malformedStartLine),
            ("HTTP/1.1 600 OK\r\n\r\n", .invalidStatusCode),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", .protocolSwitch),
            ("HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\na", .unexpectedBody),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\na", .unexpectedBody),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", .surplusBytes),
            ("HTTP/1.1 200 OK\r\nContent-Le", .truncatedHead),
            ("", .truncatedHead),
        ] as [(String, HTTPParseError.Reason)]
    )
    func refusesAmbiguousResponses(text: String, reason: HTTPParseError.Reason) {
        #expect(refusal { try Samples.response(text) } == reason)
    }

    @Test(
        arguments: [
            ("\r\n", .invalidChunkSize), (";a\r\n", .invalidChunkSize), ("0x1\r\na\r\n", .invalidChunkSize),
            ("-1\r\na\r\n", .invalidChunkSize), ("1 \r\na\r\n", .invalidChunkSize), (" 1\r\na\r\n", .invalidChunkSize),
            ("100000000\r\na\r\n", .invalidChunkSize), ("g\r\n", .invalidChunkSize), ("1\na\r\n", .bareLineBreak),
            ("1\r\nab\r\n", .malformedChunkEnd), ("1\r\na\n0\r\n\r\n", .malformedChunkEnd),
            ("1\r\na\r0", .malformedChunkEnd), ("0\r\n\r\nx", .surplusBytes),
            ("0\r\nContent-Length: 5\r\n\r\n", .forbiddenTrailer(name: "content-length")),
            ("0\r\nA: b\r\n c\r\n\r\n", .foldedField),
            ("ffffffff\r\n", .tooLarge("16777216 bytes in a message")),
        ] as [(String, HTTPParseError.Reason)]
    )
    func refusesBadChunks(text: String, reason: HTTPParseError.Reason) {
        #expect(refusal { try Samples.response(Samples.chunkedHead + text) } == reason)
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", .missingHost),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedField(name: "host")),
            ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .malformedStartLine),
            ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedStartLine),
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .surplusBytes),
        ] as [(String, HTTPParseError.Reason)]
    )
    func refusesBadRequests(text: String, reason: HTTPParseError.Reason) {
        #expect(refusal { try HTTPMessageParser.parse(Samples.bytes(text), as: .request) } == reason)
    }

    @Test func enforcesItsLimits() throws {
        let limits = HTTPLimits(
            lineBytes: 64,
            headBytes: 200,
            fieldCount: 3,
            interimCount: 1,
            chunkLineBytes: 8,
            chunkCount: 2,
            messageBytes: 300
        )
        let kind = HTTPMessageParser.Kind.response(toMethod: "GET")
        func isRefused(_ text: String, _ limit: String) -> Bool {
            do throws(HTTPParseError) {
                _ = try HTTPMessageParser.parse(Samples.bytes(text), as: kind, limits: limits)
                return false
            } catch {
                return error.reason == .tooLarge(limit)
            }
        }
        let start = "HTTP/1.1 200 OK\r\n"
        #expect(isRefused(start + "A: " + String(repeating: "b", count: 70), "64 bytes in a line"))
        #expect(isRefused(start + "A: b\r\nA: b\r\nA: b\r\nA: b\r\n\r\n", "3 header fields"))
        let long = "A: " + String(repeating: "b", count: 57) + "\r\n"
        #expect(isRefused(start + long + long + long, "200 bytes in a head"))
        let interim = "HTTP/1.1 103 x\r\n\r\n"
        #expect(isRefused(interim + interim + start + "\r\n", "1 interim responses"))
        let chunked = start + "Transfer-Encoding: chunked\r\n\r\n"
        #expect(isRefused(chunked + "1;aaaaaaaaaa\r\n", "8 bytes in a chunk header"))
        #expect(isRefused(chunked + "1\r\na\r\n1\r\na\r\n1\r\na\r\n0\r\n\r\n", "2 chunks"))
        #expect(isRefused(start + "Content-Length: 290\r\n\r\n", "300 bytes in a message"))
        #expect(isRefused(start + "\r\n" + String(repeating: "x", count: 300), "300 bytes in a message"))
        _ = try HTTPMessageParser.parse(
            Samples.bytes(chunked + "1\r\na\r\n1\r\na\r\n0\r\n\r\n"),
            as: kind,
            limits: limits
        )
    }

    @Test(arguments: [
        Samples.fixedResponse, Samples.chunkedResponse(size: 5), Samples.bytes("HTTP/1.1 200 OK\r\n\r\nabc"),
    ])
    func drippingMakesNoDifference(bytes: [UInt8]) throws {
        let whole = try HTTPMessageParser.parse(bytes, as: .response(toMethod: "GET"), authenticatedClose: true)
        var parser = HTTPMessageParser(.response(toMethod: "GET"))
        for (index, byte) in bytes.enumerated() {
            #expect(!parser.isComplete)
            try parser.append([byte])
            if index < whole.headEnd.upperBound - 1 {
                #expect(throws: HTTPParseError.self) { try parser.finish(authenticatedClose: true) }
            } else {
                // Every prefix that has the head is a message that tiles.
                let prefix = try parser.finish(authenticatedClose: false)
                let parts = prefix.bodyPieces + prefix.framingSpans + prefix.trailers.map(\.lineSpan)
                #expect(SpanSet(parts) == SpanSet(prefix.bodySpan))
            }
        }
        let dripped = try parser.finish(authenticatedClose: true)
        #expect(dripped.bodyPieces == whole.bodyPieces)
        #expect(dripped.framingSpans == whole.framingSpans)
        #expect(dripped.fields == whole.fields)
        #expect(dripped.trailers == whole.trailers)
        #expect(dripped.isComplete == whole.isComplete)
    }

    @Test func anErrorIsFinal() {
        var parser = HTTPMessageParser(.request)
        #expect(throws: HTTPParseError.self) { try parser.append(Samples.bytes("\n")) }
        #expect(throws: HTTPParseError(.bareLineBreak, at: 0)) { try parser.append(Samples.request) }
        #expect(throws: HTTPParseError(.bareLineBreak, at: 0)) { try parser.finish(authenticatedClose: true) }
        #expect(!parser.isComplete)
    }

    /// Why parsing is refused, so that tests need not name offsets.
    private func refusal(_ body: () throws -> HTTPMessage) -> HTTPParseError.Reason? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? HTTPParseError)?.reason
        }
    }
}
