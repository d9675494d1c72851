/// Reads the fields of one protobuf message in order (Protocol Buffers, "Encoding").
///
/// libp2p needs few messages, all of varints and byte strings. swift-protobuf would serve them too, but costs every
/// clean build of the node minutes of compilation, while this reader is one page and stricter: it refuses redundant
/// varint bytes, groups and field number 0, and it never allocates more than the message holds.
package struct ProtobufReader {
    /// One field as it stands on the wire.
    package struct Field: Equatable {
        /// The number that the schema gives the field.
        package let number: UInt64
        /// Its value.
        package let value: Value
    }

    /// A value by wire type; fixed-width numbers carry no bytes because no message here has them.
    package enum Value: Equatable {
        /// An integer below 2^63.
        case varint(UInt64)
        /// A string or a nested message.
        case bytes([UInt8])
        /// A number of four or eight bytes.
        case fixed
    }

    /// One field, whose bytes stay where they are in the message.
    package struct Span: Equatable {
        /// The number that the schema gives the field.
        package let number: UInt64
        /// Its value.
        package let value: SpanValue
        /// Where the whole field stands, with its key and length.
        package let range: Range<Int>
    }

    /// A value by wire type; a string is the range of its bytes in the message.
    package enum SpanValue: Equatable {
        /// An integer below 2^63.
        case varint(UInt64)
        /// A string or a nested message.
        case bytes(Range<Int>)
        /// A number of four or eight bytes.
        case fixed
    }

    private let message: [UInt8]
    private var rest: ArraySlice<UInt8>

    /// A reader of a whole message; the caller has bounded its length.
    package init(_ message: [UInt8]) {
        self.message = message
        rest = message[...]
    }

    /// A reader of a message inside another one, at the range that ``nextSpan()`` gave; nothing is copied.
    package init(_ message: [UInt8], in range: Range<Int>) {
        self.message = message
        rest = message[range]
    }

    /// The next field, or nil at the end of the message.
    package mutating func next() throws(ProtobufError) -> Field? {
        guard let span = try nextSpan() else { return nil }
        switch span.value {
        case .varint(let value): return Field(number: span.number, value: .varint(value))
        case .bytes(let range): return Field(number: span.number, value: .bytes(Array(message[range])))
        case .fixed: return Field(number: span.number, value: .fixed)
        }
    }

    /// The next field without a copy of its bytes, or nil at the end of the message.
    package mutating func nextSpan() throws(ProtobufError) -> Span? {
        guard !rest.isEmpty else { return nil }
        let start = rest.startIndex
        let key = try varint()
        guard key >> 3 != 0 else { throw .invalidFieldNumber }
        let value: SpanValue
        switch key & 7 {
        case 0: value = .varint(try varint())
        case 1:
            _ = try take(8)
            value = .fixed
        case 2:
            let length = try varint()
            guard length <= UInt64(rest.count) else { throw .truncated }
            value = .bytes(try take(Int(length)))
        case 5:
            _ = try take(4)
            value = .fixed
        default: throw .unsupportedWireType(UInt8(key & 7))
        }
        return Span(number: key >> 3, value: value, range: start..<rest.startIndex)
    }

    private mutating func take(_ count: Int) throws(ProtobufError) -> Range<Int> {
        guard rest.count >= count else { throw .truncated }
        let start = rest.startIndex
        rest = rest.dropFirst(count)
        return start..<start + count
    }

    private mutating func varint() throws(ProtobufError) -> UInt64 {
        let decoded: (value: UInt64, byteCount: Int)?
        do { decoded = try UnsignedVarint.decode(rest) } catch { throw .invalidVarint }
        guard let decoded else { throw .truncated }
        rest = rest.dropFirst(decoded.byteCount)
        return decoded.value
    }
}

/// Why a protobuf message was refused; always the fault of whoever wrote it.
package enum ProtobufError: Error, Equatable, Sendable {
    /// The message ends inside a field.
    case truncated
    /// A varint is too long or has redundant bytes.
    case invalidVarint
    /// A field has number 0.
    case invalidFieldNumber
    /// A field is a group or has a wire type that does not exist.
    case unsupportedWireType(UInt8)
    /// A field that may occur once occurs twice, or has another type than its schema says.
    case invalidField(UInt64)
    /// A field that the message needs is absent.
    case missingField(UInt64)
}
