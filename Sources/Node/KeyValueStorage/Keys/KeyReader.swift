package import WireFormat

/// Reads what ``KeyWriter`` writes, and refuses every other spelling.
package struct KeyReader: Sendable {
    private let bytes: [UInt8]
    private var position: Int

    /// A reader of `bytes` after the first `prefixCount`.
    package init(_ bytes: [UInt8], prefixCount: Int = 0) {
        self.bytes = bytes
        position = min(max(prefixCount, 0), bytes.count)
    }

    /// An unsigned integer.
    package mutating func unsigned<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type = Value.self
    ) throws(WireError) -> Value {
        try fixed(Value.bitWidth / 8).reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }

    /// A signed integer.
    package mutating func signed() throws(WireError) -> Int64 {
        Int64(bitPattern: try unsigned(UInt64.self) ^ 1 << 63)
    }

    /// Exactly `count` bytes.
    package mutating func fixed(_ count: Int) throws(WireError) -> [UInt8] {
        let left = bytes.count - position
        guard count >= 0, count <= left else { throw .truncated(needed: count, left: left) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// Bytes up to their end mark, at most `limit`.
    package mutating func variable(limit: Int) throws(WireError) -> [UInt8] {
        var value: [UInt8] = []
        while true {
            let byte = try fixed(1)[0]
            if byte == 0 {
                switch try fixed(1)[0] {
                case 0xff: break
                case 1: return value
                default: throw .invalid("escape in a key")
                }
            }
            guard value.count < limit else { throw .tooLong(limit: limit, announced: value.count + 1) }
            value.append(byte)
        }
    }

    /// A text of at most `limit` bytes.
    package mutating func text(limit: Int) throws(WireError) -> String {
        guard let text = String(validating: try variable(limit: limit), as: UTF8.self) else {
            throw .invalid("text in a key")
        }
        return text
    }

    /// Ends the reading; the key must be used up.
    package consuming func finish() throws(WireError) {
        let left = bytes.count - position
        guard left == 0 else { throw .trailingBytes(count: left) }
    }
}
