import HTTPTranscript
import Testing

@Suite struct TranscriptSelectorTests {
    @Test(arguments: [
        "sent", "received", "request.line", "request.method", "request.target", "request.header:cookie", "request.head",
        "request.body", "request.framing", "response.status", "response.header:content-type",
        "response.header-value:content-type", "response.body", "response.json:$.items[0].id", "response.json:$",
        "response.json-value:$.amount", "response.json-structure", "response.bytes:10-20", "request.json:$.a",
        "response.json:$['a:b']",
    ])
    func writesWhatItReads(text: String) throws {
        #expect(try TranscriptSelector(text).description == text)
    }

    @Test func readsOtherSpellings() throws {
        #expect(try TranscriptSelector("request") == TranscriptSelector(.sent, .whole))
        #expect(try TranscriptSelector("response") == TranscriptSelector(.received, .whole))
        #expect(
            try TranscriptSelector("response.header:Content-TYPE") == TranscriptSelector("response.header:content-type")
        )
        #expect(try TranscriptSelector("response.bytes:10..<21") == TranscriptSelector("response.bytes:10-20"))
        #expect(try TranscriptSelector("response.line") == TranscriptSelector("response.status"))
    }

    @Test(
        arguments: [
            ("", .unknownDirection("")), ("foo.body", .unknownDirection("foo.body")),
            ("body", .unknownDirection("body")),
            ("response.foo", .unknownPart("response.foo")), ("request.status", .unknownPart("request.status")),
            ("response.method", .unknownPart("response.method")), ("response.body:1", .argument("response.body:1")),
            ("response.header", .argument("response.header")), ("response.header:", .argument("response.header:")),
            ("response.header:a b", .invalidHeaderName("a b")), ("response.bytes:5", .invalidByteRange("5")),
            ("response.bytes:5-4", .invalidByteRange("5-4")), ("response.bytes:5..<5", .invalidByteRange("5..<5")),
            ("response.bytes:-5", .invalidByteRange("-5")), ("response.bytes:a-b", .invalidByteRange("a-b")),
            ("response.bytes:0-99999999999999999999", .invalidByteRange("0-99999999999999999999")),
            ("response.json:$..amount", .invalidPath(.descendantSearch)),
            ("response.json:amount", .invalidPath(.missingRoot)),
        ] as [(String, TranscriptSelector.ParseError)]
    )
    func refuses(text: String, error: TranscriptSelector.ParseError) {
        #expect(throws: error) { try TranscriptSelector(text) }
    }

    @Test(arguments: [
        ("response.status", "HTTP/1.1 200 OK\r\n"),
        ("response.header:content-type", "Content-Type: application/json\r\n"),
        ("response.header:set-cookie", "Set-Cookie: a=1\r\nset-cookie: b=2\r\n"),
        ("response.header-value:set-cookie", "a=1b=2"),
        ("response.body", Samples.receipt),
        ("response.json:$", Samples.receipt),
        ("response.json:$.amount", #""amount":12.30"#),
        ("response.json-value:$.amount", "12.30"),
        ("response.json:$.payee", #""payee":{"name":"Bäckerei","iban":"DE02"}"#),
        ("response.json:$.items[1]", #"{"id":8}"#),
        ("response.json-value:$.items[*].id", "78"),
        ("response.json:$.payee.*", #""name":"Bäckerei""iban":"DE02""#),
        ("response.json-structure", #"{,,"payee":{,},"items":[{},{}],}"#),
        ("response.framing", "\r\n"),
        ("response.bytes:0-7", "HTTP/1.1"),
    ])
    func selects(selector: String, expected: String) throws {
        let transcript = Samples.annotated(Samples.fixedResponse)
        let spans = try transcript.spans(of: TranscriptSelector(selector))
        #expect(Samples.text(Samples.fixedResponse, spans) == expected)
    }

    @Test(arguments: [
        ("request.line", "GET /payments/1?token=secret HTTP/1.1\r\n"), ("request.method", "GET"),
        ("request.target", "/payments/1?token=secret"), ("request.header:cookie", "Cookie: sid=42\r\n"),
    ])
    func selectsInRequests(selector: String, expected: String) throws {
        let transcript = Samples.annotated(Samples.request, .sent)
        let spans = try transcript.spans(of: TranscriptSelector(selector))
        #expect(Samples.text(Samples.request, spans) == expected)
    }

    @Test(arguments: [1, 2, 3, 7, 50])
    func selectsThroughChunks(size: Int) throws {
        let bytes = Samples.chunkedResponse(size: size)
        let transcript = Samples.annotated(bytes)
        let amount = try transcript.spans(of: TranscriptSelector("response.json:$.amount"))
        #expect(Samples.text(bytes, amount) == #""amount":12.30"#)
        #expect(size > 14 || amount.ranges.count >= 14 / size)
        let framing = try transcript.spans(of: TranscriptSelector("response.framing"))
        let body = try transcript.spans(of: TranscriptSelector("response.json:$"))
        #expect(framing.intersection(body).isEmpty)
    }

    @Test func refusesSelectorsWithoutMatch() throws {
        let json = Samples.annotated(Samples.fixedResponse)
        #expect(reason(json, "response.json:$.amonut") == .noMatch)
        #expect(reason(json, "response.header:cookie") == .noMatch)
        #expect(reason(json, "response.json:$.items[2]") == .noMatch)
        #expect(reason(json, "response.bytes:0-100000") == .outOfBounds(byteCount: Samples.fixedResponse.count))
        #expect(reason(json, "sent") == .wrongDirection)
        let html = Samples.annotated(Samples.bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<p></"))
        #expect(reason(html, "response.json:$") == .bodyIsNotJSON)
        let broken = Samples.annotated(Samples.bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"a\"}"))
        #expect(reason(broken, "response.json:$.a") == .notJSON(.init(reason: .unexpectedByte, offset: 4)))
        let zipped = Samples.annotated(
            Samples.bytes("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")
        )
        #expect(reason(zipped, "response.json:$") == .encodedBody("gzip"))
        let noise = Samples.annotated(Samples.bytes("noise\r\n"))
        #expect(reason(noise, "response.body") == .notHTTP(.init(.malformedStartLine, at: 0)))
        #expect(try noise.spans(of: TranscriptSelector("response.bytes:1-2")).ranges == [1..<3])
        #expect(try noise.spans(of: TranscriptSelector("received")).ranges == [0..<7])
    }

    private func reason(_ transcript: AnnotatedTranscript, _ text: String) -> SelectorError.Reason? {
        do {
            _ = try transcript.spans(of: TranscriptSelector(text))
            return nil
        } catch {
            return (error as? SelectorError)?.reason
        }
    }
}
