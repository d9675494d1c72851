/// An unsigned integer of 256 bits, Solidity's `uint256`: held, compared and printed, not calculated with.
public struct UInt256: Hashable, Sendable {
    /// 32 bytes, big-endian.
    public let bigEndianBytes: [UInt8]

    /// Zero.
    public static let zero = UInt256(0)

    /// A value of at most 64 bits.
    public init(_ value: UInt64) {
        bigEndianBytes = [UInt8](repeating: 0, count: 24) + withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    /// A value from 32 big-endian bytes; `nil` when the count is another.
    public init?(bigEndianBytes: [UInt8]) {
        guard bigEndianBytes.count == 32 else { return nil }
        self.bigEndianBytes = bigEndianBytes
    }

    /// Parses the canonical decimal spelling: digits only, no leading zero, at most 2^256 - 1; `nil` for anything else.
    public init?(decimal text: String) {
        let digits = Array(text.utf8)
        guard !digits.isEmpty, digits.count <= 78, digits.count == 1 || digits[0] != UInt8(ascii: "0") else {
            return nil
        }
        var limbs = [UInt32](repeating: 0, count: 8)
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            var carry = UInt64(digit - UInt8(ascii: "0"))
            for index in stride(from: 7, through: 0, by: -1) {
                carry += UInt64(limbs[index]) * 10
                limbs[index] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            guard carry == 0 else { return nil }
        }
        bigEndianBytes = limbs.flatMap { limb in withUnsafeBytes(of: limb.bigEndian) { Array($0) } }
    }

    /// The canonical decimal spelling.
    public var decimal: String {
        var limbs = stride(from: 0, to: 32, by: 4).map { start in
            bigEndianBytes[start..<start + 4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        var reversed: [UInt8] = []
        repeat {
            var remainder: UInt64 = 0
            for index in limbs.indices {
                let dividend = remainder << 32 | limbs[index]
                limbs[index] = dividend / 10
                remainder = dividend % 10
            }
            reversed.append(UInt8(ascii: "0") + UInt8(remainder))
        } while limbs.contains { $0 != 0 }
        return String(decoding: reversed.reversed(), as: UTF8.self)
    }

    /// The value, if it fits into 64 bits.
    public var asUInt64: UInt64? {
        guard bigEndianBytes.prefix(24).allSatisfy({ $0 == 0 }) else { return nil }
        return bigEndianBytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The number of bits up to and including the highest one that is set; 0 for zero.
    public var bitWidth: Int {
        guard let first = bigEndianBytes.firstIndex(where: { $0 != 0 }) else { return 0 }
        return 8 * (32 - first) - bigEndianBytes[first].leadingZeroBitCount
    }
}

extension UInt256: Comparable {
    /// Order of the numbers.
    public static func < (left: UInt256, right: UInt256) -> Bool {
        left.bigEndianBytes.lexicographicallyPrecedes(right.bigEndianBytes)
    }
}

extension UInt256: CustomStringConvertible {
    /// The decimal spelling.
    public var description: String { decimal }
}
