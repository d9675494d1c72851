package import WireFormat

/// A key whose encoding sorts as its values do, and is the prefix of no other key's.
package protocol OrderedKey: Sendable {
    /// Appends the encoding.
    func encode(into writer: inout KeyWriter)

    /// Reads the encoding.
    init(from reader: inout KeyReader) throws(WireError)
}

extension UInt8: OrderedKey {
    package func encode(into writer: inout KeyWriter) { writer.unsigned(self) }
    package init(from reader: inout KeyReader) throws(WireError) { self = try reader.unsigned() }
}

extension UInt32: OrderedKey {
    package func encode(into writer: inout KeyWriter) { writer.unsigned(self) }
    package init(from reader: inout KeyReader) throws(WireError) { self = try reader.unsigned() }
}

extension UInt64: OrderedKey {
    package func encode(into writer: inout KeyWriter) { writer.unsigned(self) }
    package init(from reader: inout KeyReader) throws(WireError) { self = try reader.unsigned() }
}

extension Int64: OrderedKey {
    package func encode(into writer: inout KeyWriter) { writer.signed(self) }
    package init(from reader: inout KeyReader) throws(WireError) { self = try reader.signed() }
}

extension String: OrderedKey {
    package func encode(into writer: inout KeyWriter) { writer.text(self) }
    package init(from reader: inout KeyReader) throws(WireError) {
        self = try reader.text(limit: WriteBatch.keyByteCountMax)
    }
}

/// The only key of a keyspace with one record.
package struct SingleKey: OrderedKey, Equatable {
    /// The key.
    package init() {}

    package func encode(into writer: inout KeyWriter) {}
    package init(from reader: inout KeyReader) throws(WireError) {}
}

/// A key of a fixed number of bytes in the order of its bytes, such as a hash: 32 of them.
package struct HashKey: OrderedKey, Hashable {
    /// Bytes of a hash.
    package static let byteCount = 32
    /// The bytes.
    package let bytes: [UInt8]

    /// A key; `nil` unless there are 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    package func encode(into writer: inout KeyWriter) { writer.fixed(bytes) }
    package init(from reader: inout KeyReader) throws(WireError) { bytes = try reader.fixed(Self.byteCount) }
}
