extension JSONValue {
    /// How deep arrays and objects may be nested.
    package static let depthMax = 32
    /// How many values, containers included, a text may have: each takes up to a hundred bytes of memory, fifty times
    /// what it may take in the text.
    package static let valueCountMax = 1 << 20

    /// Parses a whole JSON text of at most `limit` bytes, strictly by RFC 8259.
    ///
    /// Refused besides: duplicate keys, unpaired surrogates, a byte-order mark, nesting deeper than ``depthMax``, more
    /// than ``valueCountMax`` values.
    package init(parsing bytes: [UInt8], limit: Int) throws(JSONError) {
        guard bytes.count <= limit else { throw .tooLong(limit: limit) }
        var parser = JSONParser(bytes: bytes)
        parser.skipSpace()
        self = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw .syntax(offset: parser.position) }
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    var position = 0
    private var valueCount = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { position += 1 }
    }

    mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < JSONValue.depthMax else { throw .tooDeep(offset: position) }
        guard valueCount < JSONValue.valueCountMax else { throw .tooManyValues(limit: JSONValue.valueCountMax) }
        valueCount += 1
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        var members: [JSONMember] = []
        var keys: Set<String> = []
        try list(closing: UInt8(ascii: "}")) { (parser) throws(JSONError) in
            let key = try parser.string()
            guard keys.insert(key).inserted else { throw .duplicateKey(key) }
            parser.skipSpace()
            try parser.expect(UInt8(ascii: ":"))
            parser.skipSpace()
            members.append(JSONMember(key, try parser.value(depth: depth + 1)))
        }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        try list(closing: UInt8(ascii: "]")) { (parser) throws(JSONError) in
            elements.append(try parser.value(depth: depth + 1))
        }
        return .array(elements)
    }

    private mutating func list(
        closing: UInt8,
        _ element: (inout JSONParser) throws(JSONError) -> Void
    ) throws(JSONError) {
        position += 1
        skipSpace()
        if next == closing {
            position += 1
            return
        }
        while true {
            try element(&self)
            skipSpace()
            if next == closing {
                position += 1
                return
            }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard next == byte else { throw .syntax(offset: position) }
        position += 1
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        for byte in word.description.utf8 { try expect(byte) }
    }

    private mutating func number() throws(JSONError) -> String {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if next == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        guard position > start else { throw .syntax(offset: position) }
    }

    private mutating func string() throws(JSONError) -> String {
        let start = position
        try expect(UInt8(ascii: "\""))
        var content: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else { throw .syntax(offset: start) }
                return text
            case UInt8(ascii: "\\"): content += try escape()
            case 0..<0x20: throw .syntax(offset: position - 1)
            default: content.append(byte)
            }
        }
        throw .syntax(offset: position)
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        guard let kind = next else { throw .syntax(offset: position) }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [kind]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            let first = try fourDigits()
            guard let scalar = Unicode.Scalar(first) else { return Array(try pair(first).utf8) }
            return Array(String(scalar).utf8)
        default: throw .syntax(offset: position - 1)
        }
    }

    /// A surrogate pair, of which `high` was read; anything but a high and then a low one is refused.
    private mutating func pair(_ high: UInt32) throws(JSONError) -> String {
        guard (0xd800..<0xdc00).contains(high) else { throw .syntax(offset: position) }
        try expect(UInt8(ascii: "\\"))
        try expect(UInt8(ascii: "u"))
        let low = try fourDigits()
        guard
            (0xdc00..<0xe000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
        else { throw .syntax(offset: position) }
        return String(scalar)
    }

    private mutating func fourDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw .syntax(offset: position)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
