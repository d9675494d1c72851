/// Builds keys whose bytes sort as the values do that were written.
///
/// Order-preserving and prefix-free: for two sequences of values of the same types, the bytes compare as the sequences
/// do, element by element.
package struct KeyWriter: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8]

    /// A key that begins with `prefix`.
    package init(prefix: [UInt8] = []) {
        bytes = prefix
    }

    /// An unsigned integer: big-endian.
    package mutating func unsigned(_ value: some FixedWidthInteger & UnsignedInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// A signed integer: big-endian with the sign bit turned, so that negative values come first.
    package mutating func signed(_ value: Int64) {
        unsigned(UInt64(bitPattern: value) ^ 1 << 63)
    }

    /// Bytes whose count is the same in every key at this place.
    package mutating func fixed(_ value: some Collection<UInt8>) {
        bytes.append(contentsOf: value)
    }

    /// Bytes of any count, in lexicographic order: 0 becomes 0 255, and the end 0 1.
    package mutating func variable(_ value: some Collection<UInt8>) {
        for byte in value {
            bytes.append(byte)
            if byte == 0 { bytes.append(0xff) }
        }
        bytes += [0, 1]
    }

    /// A text, ordered by its UTF-8 bytes.
    package mutating func text(_ value: String) {
        variable(Array(value.utf8))
    }
}
