internal import CKernels
internal import CryptoCore

/// Bits as bytes, lowest bit of each byte first, with zeros up to the next byte.
func packedBits(_ bits: [Bool]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: (bits.count + 7) / 8) { bytes, count in
        count = (bits.count + 7) / 8
        for index in 0..<count {
            var byte: UInt8 = 0
            for offset in 0..<min(8, bits.count - 8 * index) {
                byte |= (bits[8 * index + offset] ? 1 : 0) << UInt8(offset)
            }
            bytes[index] = byte
        }
    }
}

/// The values of a prover's wires, packed likewise.
func packedValues(_ wires: [Block]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: (wires.count + 7) / 8) { bytes, count in
        wires.withUnsafeBufferPointer { wires in
            guard let source = wires.baseAddress, let target = bytes.baseAddress else { return }
            tab_qs_low_bits(source, wires.count, target)
        }
        count = (wires.count + 7) / 8
    }
}

/// The first `count` bits of packed bytes.
func unpackedBits(_ bytes: ArraySlice<UInt8>, count: Int) -> [Bool] {
    bytes.withUnsafeBufferPointer { bytes in
        [Bool](unsafeUninitializedCapacity: count) { bits, initialized in
            for index in 0..<count {
                bits.initializeElement(at: index, to: (bytes[index >> 3] >> UInt8(index & 7)) & 1 == 1)
            }
            initialized = count
        }
    }
}

/// One linear statement about up to 128 wires: that they carry certain bits.
struct PackedOpening: Redacted {
    /// The sum of wires[i]·X^i.
    let wires: Block
    /// The sum of bits[i]·X^i.
    let bits: Block

    /// The statements that together say that `wires` carry the packed `bits`, 128 at a time.
    ///
    /// 1, X, …, X^127 is a basis of GF(2^128) over GF(2), so a sum is right exactly if all of its bits are.
    static func all(_ wires: [Block], _ bits: ArraySlice<UInt8>) -> [PackedOpening] {
        wires.withUnsafeBufferPointer { wires in
            guard let base = wires.baseAddress else { return [] }
            return stride(from: 0, to: wires.count, by: 128).map { start in
                let count = min(128, wires.count - start)
                let firstByte = bits.startIndex + start / 8
                let bytes = bits[firstByte..<(firstByte + (count + 7) / 8)]
                let padding = repeatElement(UInt8(0), count: 16 - bytes.count)
                return PackedOpening(
                    wires: tab_qs_pack(base + start, count),
                    bits: Block(littleEndian: Array(bytes) + padding)
                )
            }
        }
    }
}
