/// 128 bits: a wire label, a MAC, a field element of GF(2^128), an AES block.
///
/// Lane 0 holds bytes 0 to 7 little-endian, lane 1 bytes 8 to 15; bit i of the block is bit i of that 128-bit
/// little-endian integer. Addition is `^`, zero is `.zero`.
@usableFromInline
package typealias Block = SIMD2<UInt64>

extension SIMD2 where Scalar == UInt64 {
    /// The block with these 16 bytes, the first being the least significant.
    ///
    /// - Precondition: `littleEndian` has exactly 16 bytes; check lengths of foreign bytes first.
    @inlinable
    package init(littleEndian bytes: some Collection<UInt8>) {
        precondition(bytes.count == 16, "a block has 16 bytes")
        self = .zero
        var shift: UInt64 = 0
        var lane = 0
        for byte in bytes {
            self[lane] |= UInt64(byte) << shift
            shift += 8
            if shift == 64 {
                shift = 0
                lane = 1
            }
        }
    }

    /// The 16 bytes, the least significant first.
    @inlinable
    package var littleEndianBytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            for index in 0..<8 {
                buffer[index] = UInt8(truncatingIfNeeded: self[0] >> UInt64(8 * index))
                buffer[index + 8] = UInt8(truncatingIfNeeded: self[1] >> UInt64(8 * index))
            }
            count = 16
        }
    }

    /// Bit 0: the colour bit of a label, the choice bit of a MAC.
    @inlinable
    package var lowBit: Bool {
        self[0] & 1 == 1
    }

    /// Bit `index`, 0 to 127.
    @inlinable
    package func bit(_ index: Int) -> Bool {
        (self[index >> 6] >> UInt64(index & 63)) & 1 == 1
    }

    /// This block if `condition` holds, else zero, without a branch on `condition`.
    @inlinable
    package func masked(by condition: Bool) -> Block {
        self & Block(repeating: 0 &- UInt64(condition ? 1 : 0))
    }
}

extension Array where Element == Block {
    /// The blocks of `bytes`, 16 little-endian bytes each, or nil if the length is no multiple of 16.
    package init?(littleEndian bytes: [UInt8]) {
        guard bytes.count.isMultiple(of: 16) else { return nil }
        self = [Block](unsafeUninitializedCapacity: bytes.count / 16) { buffer, count in
            count = bytes.count / 16
            bytes.withUnsafeBytes { source in
                for index in 0..<count {
                    buffer[index] = Block(
                        UInt64(littleEndian: source.loadUnaligned(fromByteOffset: 16 * index, as: UInt64.self)),
                        UInt64(littleEndian: source.loadUnaligned(fromByteOffset: 16 * index + 8, as: UInt64.self))
                    )
                }
            }
        }
    }

    /// All blocks as bytes, 16 little-endian bytes each.
    package var littleEndianBytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16 * count) { buffer, byteCount in
            byteCount = 16 * count
            let target = UnsafeMutableRawBufferPointer(buffer)
            for (index, block) in enumerated() {
                target.storeBytes(of: block[0].littleEndian, toByteOffset: 16 * index, as: UInt64.self)
                target.storeBytes(of: block[1].littleEndian, toByteOffset: 16 * index + 8, as: UInt64.self)
            }
        }
    }
}
