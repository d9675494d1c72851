internal import CKernels
internal import CryptoCore

/// Appends bits to a message, lowest bit of each byte first, and zeros up to the next byte.
func appendBits(_ bits: [Bool], to message: inout [UInt8]) {
    message.reserveCapacity(message.count + (bits.count + 7) / 8)
    var byte: UInt8 = 0
    for (index, bit) in bits.enumerated() {
        byte |= (bit ? 1 : 0) << UInt8(index & 7)
        if index & 7 == 7 {
            message.append(byte)
            byte = 0
        }
    }
    if bits.count & 7 != 0 { message.append(byte) }
}

/// The first `count` bits of `bytes`, lowest bit of each byte first.
func unpackBits(_ bytes: ArraySlice<UInt8>, count: Int) -> [Bool] {
    let start = bytes.startIndex
    return (0..<count).map { (bytes[start + $0 / 8] >> UInt8($0 & 7)) & 1 == 1 }
}

/// One linear statement about up to 128 wires: that they carry `bits`.
struct PackedOpening {
    /// The sum of wires[i]·X^i.
    let wires: Block
    /// The sum of bits[i]·X^i.
    let bits: Block

    /// The statements that together say that `wires` carry `bits`, 128 at a time.
    ///
    /// 1, X, …, X^127 is a basis of GF(2^128) over GF(2), so a sum is right exactly if all of its bits are.
    static func all(_ wires: [Block], _ bits: [Bool]) -> [PackedOpening] {
        wires.withUnsafeBufferPointer { wires in
            stride(from: 0, to: wires.count, by: 128).map { start in
                let count = min(128, wires.count - start)
                var packed = Block.zero
                for offset in 0..<count {
                    packed[offset >> 6] |= (bits[start + offset] ? 1 : 0) << UInt64(offset & 63)
                }
                // The stride is not empty only if the buffer is not, and then it has an address.
                let sum = wires.baseAddress.map { tab_qs_pack($0 + start, count) } ?? .zero
                return PackedOpening(wires: sum, bits: packed)
            }
        }
    }
}
