import WireFormat

/// The input is JSON.
enum JSONFuzz {
    static func run(_ bytes: [UInt8]) throws {
        guard let value = try? JSONValue(parsing: bytes, limit: 8 << 10) else { return }
        for isIndented in [false, true] {
            let text = value.text(indented: isIndented)
            try requireEqual(try JSONValue(parsing: Array(text.utf8), limit: 1 << 20), value, "written and read again")
            let isHarmless = text.unicodeScalars.allSatisfy { scalar in
                let controls = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
                let reorders = (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
                return !controls && !reorders || isIndented && scalar.value == 0x0a
            }
            try require(isHarmless, "text that controls a terminal")
        }
    }

    static func seeds() -> [[UInt8]] {
        [
            #"{"command":"status","arguments":{"a":[1,-2.5e3,true,null,"x\u00e9\n\ud83d\ude00"]}}"#, "[]", " 0 ",
            "\"\\u001b\"",
            #"{"a":1,"a":2}"#, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "1e999", "-0",
            #""\ud800""#,
            "{\"e\u{301}\":1,\"\u{e9}\":2}", "[1,]", #"["\u202e","\u2066"]"#, "{\"K\":0,\"\u{212a}\":1}",
        ].map { Array($0.utf8) }
    }
}
