import HTTPTranscript
import Testing

@Suite struct JSONDocumentTests {
    @Test func findsEveryLeafWithItsPath() throws {
        let bytes = Samples.bytes(Samples.receipt)
        let document = try JSONDocument(parsing: bytes)
        let leaves = document.values.indices.filter(document.isLeaf)
        #expect(
            leaves.map { document.path(of: $0).description } == [
                "$.id", "$.amount", "$.payee.name", "$.payee.iban", "$.items[0].id", "$.items[1].id", "$.ok",
            ]
        )
        #expect(
            leaves.map { String(decoding: bytes[document.values[$0].memberSpan], as: UTF8.self) } == [
                #""id":"pay_1""#, #""amount":12.30"#, #""name":"Bäckerei""#, #""iban":"DE02""#, #""id":7"#, #""id":8"#,
                #""ok":true"#,
            ]
        )
        for index in document.values.indices {
            #expect(document.indices(matching: document.path(of: index)) == [index])
        }
    }

    @Test func includesWhiteSpaceInsideOfAMember() throws {
        let bytes = Samples.bytes("[ { \"a\" :\n 1 , \"b\":[ ] } ]\n")
        let document = try JSONDocument(parsing: bytes)
        let spans = document.values.map { String(decoding: bytes[$0.memberSpan], as: UTF8.self) }
        #expect(
            spans == ["[ { \"a\" :\n 1 , \"b\":[ ] } ]", "{ \"a\" :\n 1 , \"b\":[ ] }", "\"a\" :\n 1", "\"b\":[ ]"]
        )
        #expect(document.isLeaf(3))
    }

    @Test(arguments: [
        "0", "-0", "1.5e+10", "1E5", "-1.0e-7", "true", "false", "null", "\"\"", "[]", "{}", " [1 , 2]\r\n\t",
        #""\"\\\/\b\f\n\r\té😀""#, #""\ud83d\ude00""#, "\"\u{7f}é😀\u{2028}\"", #"{"":1,"a":{"a":1}}"#,
    ])
    func accepts(text: String) throws {
        _ = try JSONDocument(parsing: Samples.bytes(text))
    }

    @Test(
        arguments: [
            ("", .truncated), (" ", .truncated), ("[", .truncated), ("[1", .truncated), ("[1,", .truncated),
            ("tru", .truncated),
            ("{\"a\"", .truncated), ("{\"a\":", .truncated), ("\"a", .truncated), ("\"\\", .truncated),
            ("-", .truncated),
            ("[1,]", .unexpectedByte), ("[,1]", .unexpectedByte), ("{\"a\":1,}", .unexpectedByte),
            ("{a:1}", .unexpectedByte),
            ("{'a':1}", .unexpectedByte), ("[1 2]", .unexpectedByte), ("nul1", .unexpectedByte),
            ("NaN", .unexpectedByte),
            ("Infinity", .unexpectedByte), ("+1", .unexpectedByte), (".5", .unexpectedByte),
            ("{\"a\" 1}", .unexpectedByte),
            ("[1]]", .surplusBytes), ("truefalse", .surplusBytes), ("1 2", .surplusBytes), ("{}//c", .surplusBytes),
            ("\u{feff}1", .invalidEncoding),
            ("01", .invalidNumber), ("1.", .truncated), ("[1.]", .invalidNumber), ("[1e]", .invalidNumber),
            ("[-a]", .invalidNumber),
            ("\"\n\"", .invalidString), ("\"\\x\"", .invalidString), (#""\ud800""#, .invalidString),
            (#""\udc00""#, .invalidString), (#""\ud800\u0041""#, .invalidString), (#""\u00g0""#, .invalidString),
            ("{\"a\":1,\"a\":1}", .duplicateKey), (#"{"a":1,"\u0061":2}"#, .duplicateKey),
            (#"[{"x":{"k":1,"j":2,"k":3}}]"#, .duplicateKey),
        ] as [(String, JSONParseError.Reason)]
    )
    func refuses(text: String, reason: JSONParseError.Reason) {
        #expect(refusal(Samples.bytes(text)) == reason)
    }

    @Test(arguments: [
        [0x80], [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc3],
    ])
    func refusesInvalidUTF8(bytes: [UInt8]) {
        #expect(refusal([0x22] + bytes + [0x22]) == .invalidEncoding)
    }

    @Test func boundsDepthAndCount() throws {
        let limits = JSONDocument.Limits(depth: 3, valueCount: 4)
        _ = try JSONDocument(parsing: Samples.bytes("[[[1]]]"), limits: limits)
        #expect(refusal(Samples.bytes("[[[[]]]]"), limits) == .tooDeep)
        #expect(refusal(Samples.bytes("[1,2,3,4]"), limits) == .tooManyValues)
        let bomb = [UInt8](repeating: 0x5b, count: 1 << 20)
        #expect(refusal(bomb) == .tooDeep)
    }

    @Test func comparesKeysByCodePoint() throws {
        // The same letter composed and decomposed: two different keys for JSON.
        let document = try JSONDocument(parsing: Samples.bytes("{\"\u{e9}\":1,\"e\u{301}\":2}"))
        #expect(document.indices(matching: try JSONPath("$['\u{e9}']")) == [1])
        #expect(document.indices(matching: try JSONPath("$['e\u{301}']")) == [2])
        #expect(try JSONPath("$['\u{e9}']") != JSONPath("$['e\u{301}']"))
        #expect(Set([try JSONPath("$['\u{e9}']"), try JSONPath("$['e\u{301}']")]).count == 2)
    }

    private func refusal(
        _ bytes: [UInt8],
        _ limits: JSONDocument.Limits = .init()
    ) -> JSONParseError.Reason? {
        do throws(JSONParseError) {
            _ = try JSONDocument(parsing: bytes, limits: limits)
            return nil
        } catch {
            return error.reason
        }
    }
}

@Suite struct JSONPathTests {
    @Test(arguments: [
        ("$", "$"), ("$.a", "$.a"), ("$['a']", "$.a"), ("$[\"a\"][0]", "$.a[0]"), ("$.items[*].id", "$.items[*].id"),
        ("$.*", "$[*]"), ("$['a b']", "$['a b']"), ("$['it\\'s']", "$['it\\'s']"), ("$['1']", "$['1']"),
        ("$['\u{1b}']", "$['\\u{1b}']"), ("$['\\u{1b}']", "$['\\u{1b}']"), ("$['']", "$['']"), ("$.a-b_c", "$.a-b_c"),
        ("$.größe", "$['größe']"),
    ])
    func readsAndWrites(text: String, canonical: String) throws {
        let path = try JSONPath(text)
        #expect(path.description == canonical)
        #expect(try JSONPath(path.description) == path)
    }

    @Test(
        arguments: [
            ("", .missingRoot), ("a", .missingRoot), ("$..a", .descendantSearch), ("$.a..b", .descendantSearch),
            ("$[0:2]", .unsupportedSubscript("0:2")), ("$[-1]", .unsupportedSubscript("-1")),
            ("$[?(@.a)]", .unsupportedSubscript("?(@.a)")), ("$[01]", .unsupportedSubscript("01")),
            ("$['a','b']", .unsupportedSubscript("'a','b']")), ("$.", .malformed(".")), ("$.a.", .malformed(".")),
            ("$[", .malformed("[")), ("$[0", .malformed("[0")), ("$['a", .malformed("['a")), ("$a", .malformed("a")),
            ("$.a b", .malformed("a b")), ("$.a*", .malformed("a*")),
        ] as [(String, JSONPath.ParseError)]
    )
    func refuses(text: String, error: JSONPath.ParseError) {
        #expect(throws: error) { try JSONPath(text) }
    }
}
