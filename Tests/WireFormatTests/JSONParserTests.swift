import Testing
import WireFormat

@Suite("Strict JSON")
struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), limit: 10_000)
    }

    @Test func valuesAndOrder() throws {
        let value = try parse(
            #" {"b": [1, -2.5e+3, true, false, null, ""], "a": {"é\n\u00e9\ud83d\ude00": "\"\\\/"}} "#
        )
        #expect(
            value
                == .object([
                    JSONMember(
                        "b",
                        .array([.number("1"), .number("-2.5e+3"), .bool(true), .bool(false), .null, .string("")])
                    ),
                    JSONMember("a", .object([JSONMember("é\né😀", .string("\"\\/"))])),
                ])
        )
        #expect(value["b"] != nil && value["c"] == nil && value["a"]?["x"] == nil)
    }

    @Test func writingAndParsingAgree() throws {
        let value = JSONValue.object([
            JSONMember("empty", .array([])), JSONMember("none", .object([])),
            JSONMember("text", .string("\u{0}\u{1f}\"\\/é😀\u{7f}")),
            JSONMember("list", .array([.unsigned(.max), .null])),
        ])
        #expect(try parse(value.text(indented: false)) == value)
        #expect(try parse(value.text(indented: true)) == value)
        #expect(JSONValue.array([.unsigned(1), .bool(true)]).text(indented: false) == "[1,true]")
        #expect(JSONValue.object([JSONMember("a", .null)]).text(indented: true) == "{\n  \"a\": null\n}")
    }

    @Test(
        "Texts that are not JSON",
        arguments: [
            "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "01", "-", "1.", ".5", "1e", "+1",
            "0x1", "NaN", "tru", "nulll", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
            "\"\\udc00\"", "\"\u{1}\"", "'a'", "[1]]", "1 2", "\u{feff}1", "// c\n1",
        ]
    )
    func refused(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    /// Two bytes of text a value, thirty times as much in memory: a file of 200 MB took 6 GB.
    @Test func boundsTheNumberOfValues() throws {
        func list(_ count: Int) -> [UInt8] {
            Array("[".utf8) + [UInt8]([[UInt8]](repeating: Array("0,".utf8), count: count - 1).joined())
                + Array("0]".utf8)
        }
        let limit = JSONValue.valueCountMax
        #expect(throws: Never.self) { try JSONValue(parsing: list(limit - 1), limit: 1 << 30) }
        #expect(throws: JSONError.tooManyValues(limit: limit)) {
            try JSONValue(parsing: list(limit), limit: 1 << 30)
        }
        let nested = Array("{\"a\":".utf8) + list(limit - 1) + Array("}".utf8)
        #expect(throws: JSONError.tooManyValues(limit: limit)) { try JSONValue(parsing: nested, limit: 1 << 30) }
    }

    @Test func writesNothingThatActsOnATerminal() throws {
        let text = "\u{1b}[2J \u{9b}2J \u{7f} \u{202e}\u{2066}\u{200f}\u{61c} é😀"
        let written = JSONValue.string(text).text(indented: false)
        #expect(written == #""\u001b[2J \u009b2J \u007f \u202e\u2066\u200f\u061c é😀""#)
        #expect(try parse(written) == .string(text))
    }

    @Test func bounds() throws {
        #expect(throws: JSONError.duplicateKey("a")) { try parse(#"{"a":1,"b":2,"\u0061":3}"#) }
        #expect(throws: JSONError.tooLong(limit: 3)) { try JSONValue(parsing: Array("1234".utf8), limit: 3) }
        let depth = JSONValue.depthMax
        let deepest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(throws: Never.self) { try parse(deepest) }
        #expect(throws: JSONError.tooDeep(offset: depth)) { try parse("[" + deepest + "]") }
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xff, 0x22], limit: 10) }
    }

    @Test func canonicalNumbers() throws {
        #expect(try parse("18446744073709551615").unsigned == .max)
        for text in ["18446744073709551616", "1.0", "1e3", "-1", "-0", "\"1\""] {
            #expect(try parse(text).unsigned == nil, "\(text)")
        }
    }
}
