/// Reads the fields of one protobuf message in order (Protocol Buffers, "Encoding").
///
/// libp2p needs three tiny messages with varints and byte strings. swift-protobuf would serve them too, but costs
/// every clean build of the node minutes of compilation, while this reader is one page and stricter: it refuses
/// redundant varint bytes, groups and field number 0, and it never allocates more than the message holds.
struct ProtobufReader {
    /// One field as it stands on the wire.
    struct Field: Equatable {
        /// The number that the schema gives the field.
        let number: UInt64
        /// Its value.
        let value: Value
    }

    /// A value by wire type; fixed-width numbers carry no bytes because no message here has them.
    enum Value: Equatable {
        case varint(UInt64)
        case bytes([UInt8])
        case fixed
    }

    private var rest: ArraySlice<UInt8>

    /// A reader of a whole message; the caller has bounded its length.
    init(_ message: [UInt8]) {
        rest = message[...]
    }

    /// The next field, or nil at the end of the message.
    mutating func next() throws(ProtobufError) -> Field? {
        guard !rest.isEmpty else { return nil }
        let key = try varint()
        guard key >> 3 != 0 else { throw .invalidFieldNumber }
        switch key & 7 {
        case 0: return Field(number: key >> 3, value: .varint(try varint()))
        case 1: return Field(number: key >> 3, value: try skip(8))
        case 2:
            let length = try varint()
            guard length <= UInt64(rest.count) else { throw .truncated }
            let bytes = rest.prefix(Int(length))
            rest = rest.dropFirst(Int(length))
            return Field(number: key >> 3, value: .bytes(Array(bytes)))
        case 5: return Field(number: key >> 3, value: try skip(4))
        default: throw .unsupportedWireType(UInt8(key & 7))
        }
    }

    private mutating func skip(_ count: Int) throws(ProtobufError) -> Value {
        guard rest.count >= count else { throw .truncated }
        rest = rest.dropFirst(count)
        return .fixed
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
