/// The variable-length integers of multiformats (multiformats/unsigned-varint): 7 bits a byte, least significant first.
///
/// At most nine bytes, so values below 2^63, and only the shortest encoding of each value is accepted; protobuf
/// writers produce the same bytes for the values that libp2p uses.
package enum UnsignedVarint {
    /// The longest accepted encoding.
    package static let byteCountMax = 9

    /// The shortest encoding of `value`, which is below 2^63.
    package static func encode(_ value: UInt64) -> [UInt8] {
        precondition(value < 1 << 63, "unsigned varints carry 63 bits")
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
        return bytes
    }

    /// Reads one value from the front of `bytes`.
    ///
    /// - Returns: The value and the number of bytes that it took, or nil when its last byte has not arrived yet.
    /// - Throws: ``VarintError`` for more than nine bytes or an encoding with a redundant zero byte.
    package static func decode(
        _ bytes: some Collection<UInt8>
    ) throws(VarintError) -> (value: UInt64, byteCount: Int)? {
        var value: UInt64 = 0
        var count = 0
        for byte in bytes {
            guard count < byteCountMax else { throw .tooLong }
            value |= UInt64(byte & 0x7f) << UInt64(7 * count)
            count += 1
            guard byte < 0x80 else { continue }
            guard count == 1 || byte != 0 else { throw .notMinimal }
            return (value, count)
        }
        guard count < byteCountMax else { throw .tooLong }
        return nil
    }
}

/// Why a varint was refused; always the fault of whoever wrote the bytes.
package enum VarintError: Error, Equatable, Sendable {
    /// More than nine bytes.
    case tooLong
    /// The last byte is zero, so a shorter encoding exists.
    case notMinimal
}
