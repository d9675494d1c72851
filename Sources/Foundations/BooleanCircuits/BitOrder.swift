/// Permutations between the orders in which circuits take bits; generic, because labels, MACs and plain bits all need them.
package enum BitOrder {
    /// Word order (bit j of word w at 32w + j) to byte order of the big-endian bytes (bit j of byte i at 8i + j).
    ///
    /// - Parameter bits: a multiple of 32 elements.
    package static func wordBitsToByteBits<Element>(_ bits: [Element]) -> [Element] {
        precondition(bits.count.isMultiple(of: 32), "whole words")
        return bits.indices.map { bits[$0 ^ 0b11000] }
    }

    /// Byte order of big-endian bytes to word order; the inverse of ``wordBitsToByteBits(_:)``, and the same permutation.
    package static func byteBitsToWordBits<Element>(_ bits: [Element]) -> [Element] {
        self.wordBitsToByteBits(bits)
    }

    /// The bits of an integer, least significant first, to byte order of its big-endian bytes.
    ///
    /// - Parameter bits: a multiple of 8 elements.
    package static func littleEndianIntegerBitsToByteBits<Element>(_ bits: [Element]) -> [Element] {
        precondition(bits.count.isMultiple(of: 8), "whole bytes")
        let byteCount = bits.count / 8
        return bits.indices.map { bits[8 * (byteCount - 1 - $0 / 8) + $0 % 8] }
    }

    /// Byte order of an integer's big-endian bytes to its bits, least significant first; the inverse of
    /// ``littleEndianIntegerBitsToByteBits(_:)``, and the same permutation.
    package static func byteBitsToLittleEndianIntegerBits<Element>(_ bits: [Element]) -> [Element] {
        self.littleEndianIntegerBitsToByteBits(bits)
    }

    /// The bits of bytes in byte order.
    package static func bits(ofBytes bytes: some Sequence<UInt8>) -> [Bool] {
        bytes.flatMap { byte in (0..<8).map { byte >> UInt8($0) & 1 == 1 } }
    }

    /// The bytes of bits in byte order.
    ///
    /// - Parameter bits: a multiple of 8 elements.
    package static func bytes(ofBits bits: [Bool]) -> [UInt8] {
        precondition(bits.count.isMultiple(of: 8), "whole bytes")
        return stride(from: 0, to: bits.count, by: 8).map { start in
            (0..<8).reduce(UInt8(0)) { $0 | (bits[start + $1] ? 1 : 0) << UInt8($1) }
        }
    }

    /// The bits of 32-bit words in word order.
    package static func bits(ofWords words: some Sequence<UInt32>) -> [Bool] {
        words.flatMap { word in (0..<32).map { word >> UInt32($0) & 1 == 1 } }
    }

    /// The words of bits in word order.
    ///
    /// - Parameter bits: a multiple of 32 elements.
    package static func words(ofBits bits: [Bool]) -> [UInt32] {
        precondition(bits.count.isMultiple(of: 32), "whole words")
        return stride(from: 0, to: bits.count, by: 32).map { start in
            (0..<32).reduce(UInt32(0)) { $0 | (bits[start + $1] ? 1 : 0) << UInt32($1) }
        }
    }
}
