/// Writes the fields of one protobuf message in the order of the calls; see ``ProtobufReader`` for why it is ours.
struct ProtobufWriter {
    /// The message so far.
    private(set) var bytes: [UInt8] = []

    /// Appends a field with a number.
    mutating func varint(_ value: UInt64, field: UInt64) {
        bytes += UnsignedVarint.encode(field << 3)
        bytes += UnsignedVarint.encode(value)
    }

    /// Appends a field with a string of bytes.
    mutating func bytes(_ value: some Collection<UInt8>, field: UInt64) {
        bytes += UnsignedVarint.encode(field << 3 | 2)
        bytes += UnsignedVarint.encode(UInt64(value.count))
        bytes += value
    }
}
