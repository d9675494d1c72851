/// Builds a canonical encoding: integers big-endian and of fixed width, every variable part behind a 32-bit length.
///
/// Each value has exactly one encoding, so that equal values have equal bytes and equal hashes.
package struct WireWriter: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []

    /// An empty encoding.
    package init() {}

    /// One byte.
    package mutating func uint8(_ value: UInt8) {
        bytes.append(value)
    }

    /// Two bytes, big-endian.
    package mutating func uint16(_ value: UInt16) {
        integer(value)
    }

    /// Four bytes, big-endian.
    package mutating func uint32(_ value: UInt32) {
        integer(value)
    }

    /// Eight bytes, big-endian.
    package mutating func uint64(_ value: UInt64) {
        integer(value)
    }

    /// One byte: 0 or 1.
    package mutating func bool(_ value: Bool) {
        bytes.append(value ? 1 : 0)
    }

    /// Bytes whose count both sides know; no length is written.
    package mutating func fixed(_ value: some Collection<UInt8>) {
        bytes.append(contentsOf: value)
    }

    /// A 32-bit length and the bytes; the caller keeps below 4 GiB.
    package mutating func variable(_ value: some Collection<UInt8>) {
        count(value.count)
        bytes.append(contentsOf: value)
    }

    /// A 32-bit length in bytes and the text in UTF-8.
    package mutating func text(_ value: String) {
        variable(Array(value.utf8))
    }

    /// A 32-bit number of elements that follow; the caller keeps below 2^32.
    package mutating func count(_ value: Int) {
        precondition(value >= 0 && value <= Int(UInt32.max), "a length field has 32 bits")
        integer(UInt32(value))
    }

    /// 0 for `nil`; else 1 and what `encode` writes.
    package mutating func optional<Value>(_ value: Value?, _ encode: (inout WireWriter, Value) -> Void) {
        bool(value != nil)
        if let value { encode(&self, value) }
    }

    private mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
