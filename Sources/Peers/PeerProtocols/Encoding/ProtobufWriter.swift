/// Writes the fields of one protobuf message in the order of the calls; see ``ProtobufReader`` for why it is ours.
package struct ProtobufWriter {
    /// The message so far.
    package private(set) var bytes: [UInt8] = []

    /// An empty message.
    package init() {}

    /// An empty message with room for `byteCount` bytes.
    package init(byteCount: Int) {
        bytes.reserveCapacity(byteCount)
    }

    /// Appends a field with a number below 2^63.
    package mutating func varint(_ value: UInt64, field: UInt64) {
        bytes += UnsignedVarint.encode(field << 3)
        bytes += UnsignedVarint.encode(value)
    }

    /// Appends a field with a string of bytes.
    package mutating func bytes(_ value: some Collection<UInt8>, field: UInt64) {
        bytes += UnsignedVarint.encode(field << 3 | 2)
        bytes += UnsignedVarint.encode(UInt64(value.count))
        bytes += value
    }
}
