/// The checksum of LevelDB's files and of the in-memory log: CRC-32C, Castagnoli (RFC 3720, appendix B.4).
package struct CRC32C: Sendable {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82f6_3b78 }
    }

    private var state: UInt32 = .max

    /// The checksum of nothing yet.
    package init() {}

    /// The checksum of `bytes`.
    package static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = CRC32C()
        sum.update(bytes[...])
        return sum.value
    }

    /// Adds bytes.
    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        var state = state
        bytes.withUnsafeBufferPointer { bytes in
            Self.table.withUnsafeBufferPointer { table in
                for byte in bytes { state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] }
            }
        }
        self.state = state
    }

    /// The checksum of all bytes so far.
    package var value: UInt32 { ~state }
}
