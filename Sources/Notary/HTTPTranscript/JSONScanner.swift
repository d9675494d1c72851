/// Reads the tokens of RFC 8259, byte by byte.
struct JSONScanner {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    func error(_ reason: JSONParseError.Reason) -> JSONParseError {
        JSONParseError(reason: reason, offset: position)
    }

    func refuseByteOrderMark() throws(JSONParseError) {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw error(.invalidEncoding) }
    }

    mutating func skipBlanksToEnd() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    /// Skips white space before a token that must follow.
    mutating func skipBlanks() throws(JSONParseError) {
        skipBlanksToEnd()
        guard !isAtEnd else { throw error(.truncated) }
    }

    mutating func take(_ byte: UInt8) throws(JSONParseError) {
        guard !isAtEnd else { throw error(.truncated) }
        guard bytes[position] == byte else { throw error(.unexpectedByte) }
        position += 1
    }

    mutating func takeIfNext(_ byte: UInt8) -> Bool {
        guard !isAtEnd, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    func kindOfNextValue() throws(JSONParseError) -> JSONDocument.Kind {
        guard !isAtEnd else { throw error(.truncated) }
        switch bytes[position] {
        case 0x7b: return .object
        case 0x5b: return .array
        case 0x22: return .string
        case 0x2d, 0x30...0x39: return .number
        case 0x74, 0x66: return .boolean
        case 0x6e: return .null
        default: throw error(.unexpectedByte)
        }
    }

    mutating func takeLiteral() throws(JSONParseError) {
        guard !isAtEnd else { throw error(.truncated) }
        let literal =
            switch bytes[position] {
            case 0x74: "true"
            case 0x66: "false"
            default: "null"
            }
        for byte in literal.utf8 { try take(byte) }
    }

    mutating func takeNumber() throws(JSONParseError) {
        _ = takeIfNext(0x2d)
        if takeIfNext(0x30) {
            if !isAtEnd, (0x30...0x39).contains(bytes[position]) { throw error(.invalidNumber) }
        } else {
            try takeDigits()
        }
        if takeIfNext(0x2e) { try takeDigits() }
        if takeIfNext(0x65) || takeIfNext(0x45) {
            if !takeIfNext(0x2b) { _ = takeIfNext(0x2d) }
            try takeDigits()
        }
    }

    private mutating func takeDigits() throws(JSONParseError) {
        let start = position
        while !isAtEnd, (0x30...0x39).contains(bytes[position]) { position += 1 }
        guard position > start else { throw error(isAtEnd ? .truncated : .invalidNumber) }
    }

    /// Takes a string with its quotation marks; gives its decoded UTF-8 if asked to, else nothing.
    mutating func takeString(decoding: Bool) throws(JSONParseError) -> [UInt8] {
        try take(0x22)
        var decoded: [UInt8] = []
        while true {
            guard !isAtEnd else { throw error(.truncated) }
            let byte = bytes[position]
            switch byte {
            case 0x22:
                position += 1
                return decoded
            case 0x5c:
                let scalar = try takeEscape()
                if decoding { decoded.append(contentsOf: String(scalar).utf8) }
            case 0x00...0x1f:
                throw error(.invalidString)
            case 0x20...0x7f:
                if decoding { decoded.append(byte) }
                position += 1
            default:
                guard let (_, count) = UTF8Scalar.decode(bytes, at: position, end: bytes.count) else {
                    throw error(.invalidEncoding)
                }
                if decoding { decoded.append(contentsOf: bytes[position..<position + count]) }
                position += count
            }
        }
    }

    private mutating func takeEscape() throws(JSONParseError) -> Unicode.Scalar {
        try take(0x5c)
        guard !isAtEnd else { throw error(.truncated) }
        let byte = bytes[position]
        position += 1
        switch byte {
        case 0x22, 0x2f, 0x5c: return Unicode.Scalar(byte)
        case 0x62: return "\u{08}"
        case 0x66: return "\u{0c}"
        case 0x6e: return "\n"
        case 0x72: return "\r"
        case 0x74: return "\t"
        case 0x75: return try takeUnicodeEscape()
        default:
            position -= 1
            throw error(.invalidString)
        }
    }

    private mutating func takeUnicodeEscape() throws(JSONParseError) -> Unicode.Scalar {
        let high = try takeFourDigits()
        if let scalar = Unicode.Scalar(high) { return scalar }
        // A high surrogate must be followed by a low one; a lone one has no defined meaning (RFC 8259 §8.2).
        guard (0xd800...0xdbff).contains(high), takeIfNext(0x5c), takeIfNext(0x75) else { throw error(.invalidString) }
        let low = try takeFourDigits()
        guard (0xdc00...0xdfff).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
        else { throw error(.invalidString) }
        return scalar
    }

    private mutating func takeFourDigits() throws(JSONParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard !isAtEnd else { throw error(.truncated) }
            guard let digit = HTTPCharacters.hexadecimalValue(bytes[position]) else { throw error(.invalidString) }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
