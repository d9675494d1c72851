import CKernels

/// GHASH, the authenticator inside GCM (NIST SP 800-38D §6.4 and §7.1).
package enum GHASH {
    /// GHASH_h of `aad` and `ciphertext`, each padded to whole blocks, then their bit lengths: 16 bytes.
    ///
    /// - Precondition: `h` has 16 bytes.
    package static func compute(h: [UInt8], aad: [UInt8], ciphertext: [UInt8]) -> [UInt8] {
        let key = GF128.fromGHASH(bytes: h)
        let inputs = inputBlocks(aad: aad, ciphertext: ciphertext)
        return GF128.toGHASH(GF128.multiply(tab_gf128_horner(.zero, key, inputs, inputs.count), key))
    }

    /// What GHASH runs over, as field elements: padded `aad`, padded `ciphertext`, the length block.
    ///
    /// With n elements x_1 … x_n the result is x_1·h^n + … + x_n·h, which is how two parties evaluate it on shares.
    package static func inputBlocks(aad: [UInt8], ciphertext: [UInt8]) -> [Block] {
        var blocks: [Block] = []
        blocks.reserveCapacity((aad.count + 15) / 16 + (ciphertext.count + 15) / 16 + 1)
        append(aad, to: &blocks)
        append(ciphertext, to: &blocks)
        // Two 64-bit big-endian bit counts.
        let lengths = Block(UInt64(aad.count * 8).byteSwapped, UInt64(ciphertext.count * 8).byteSwapped)
        blocks.append(GF128.reversingBitsOfBytes(lengths))
        return blocks
    }

    private static func append(_ bytes: [UInt8], to blocks: inout [Block]) {
        bytes.withUnsafeBytes { source in
            for start in stride(from: 0, to: source.count, by: 16) {
                let part = UnsafeRawBufferPointer(rebasing: source[start..<min(start + 16, source.count)])
                var block = Block.zero
                withUnsafeMutableBytes(of: &block) { $0.copyMemory(from: part) }
                blocks.append(GF128.reversingBitsOfBytes(block))
            }
        }
    }
}
