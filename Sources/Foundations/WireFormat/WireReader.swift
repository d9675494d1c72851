/// Reads a canonical encoding and refuses everything else: truncation, excess, over-long fields, second spellings.
///
/// Nothing is allocated on the word of a length field: a length above its limit, or above what is left of the input,
/// is refused before a byte is copied. No input traps.
package struct WireReader: Sendable {
    private let bytes: [UInt8]
    private var position = 0

    /// A reader of `bytes`, refused when there are more than `limit` of them.
    package init(_ bytes: [UInt8], limit: Int) throws(WireError) {
        guard bytes.count <= limit else { throw .tooLong(limit: limit, announced: bytes.count) }
        self.bytes = bytes
    }

    /// Bytes not read yet.
    package var left: Int { bytes.count - position }

    /// One byte.
    package mutating func uint8() throws(WireError) -> UInt8 {
        try take(1)[0]
    }

    /// Two bytes, big-endian.
    package mutating func uint16() throws(WireError) -> UInt16 {
        UInt16(truncatingIfNeeded: try integer(2))
    }

    /// Four bytes, big-endian.
    package mutating func uint32() throws(WireError) -> UInt32 {
        UInt32(truncatingIfNeeded: try integer(4))
    }

    /// Eight bytes, big-endian.
    package mutating func uint64() throws(WireError) -> UInt64 {
        try integer(8)
    }

    /// One byte that must be 0 or 1.
    package mutating func bool(_ field: String) throws(WireError) -> Bool {
        switch try uint8() {
        case 0: return false
        case 1: return true
        default: throw .invalid(field)
        }
    }

    /// Exactly `count` bytes without a length field.
    package mutating func fixed(_ count: Int) throws(WireError) -> [UInt8] {
        try take(count)
    }

    /// A 32-bit length of at most `limit`, and that many bytes.
    package mutating func variable(limit: Int) throws(WireError) -> [UInt8] {
        let announced = Int(try uint32())
        guard announced <= limit else { throw .tooLong(limit: limit, announced: announced) }
        return try take(announced)
    }

    /// A 32-bit length of at most `limit` bytes, and that many bytes of valid UTF-8.
    package mutating func text(limit: Int, _ field: String) throws(WireError) -> String {
        guard let text = String(validating: try variable(limit: limit), as: UTF8.self) else { throw .invalid(field) }
        return text
    }

    /// A 32-bit number of elements, at most `limit`, each of which takes at least `bytesEach` of what is left.
    ///
    /// - Parameter bytesEach: At least 1, so that memory reserved for the elements is bounded by the input's size.
    package mutating func count(limit: Int, bytesEach: Int) throws(WireError) -> Int {
        let announced = Int(try uint32())
        guard announced <= limit else { throw .tooLong(limit: limit, announced: announced) }
        let (needed, overflow) = announced.multipliedReportingOverflow(by: max(bytesEach, 1))
        guard !overflow, needed <= left else { throw .truncated(needed: overflow ? .max : needed, left: left) }
        return announced
    }

    /// A presence byte, and the value if it is 1.
    package mutating func optional<Value>(
        _ field: String,
        _ decode: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value? {
        try bool(field) ? try decode(&self) : nil
    }

    /// Ends the reading; the input must be used up.
    package consuming func finish() throws(WireError) {
        guard left == 0 else { throw .trailingBytes(count: left) }
    }

    private mutating func integer(_ count: Int) throws(WireError) -> UInt64 {
        try take(count).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func take(_ count: Int) throws(WireError) -> [UInt8] {
        guard count >= 0, count <= left else { throw .truncated(needed: count, left: left) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }
}
