/// GHASH, the authenticator inside GCM (NIST SP 800-38D §6.4 and §7.1).
package enum GHASH {
    /// GHASH_h of `aad` and `ciphertext`, each padded to whole blocks, then their bit lengths: 16 bytes.
    ///
    /// - Precondition: `h` has 16 bytes.
    package static func compute(h: [UInt8], aad: [UInt8], ciphertext: [UInt8]) -> [UInt8] {
        let key = GF128.fromGHASH(bytes: h)
        let sum = inputBlocks(aad: aad, ciphertext: ciphertext).reduce(Block.zero) { sum, block in
            GF128.multiply(sum ^ block, key)
        }
        return GF128.toGHASH(sum)
    }

    /// What GHASH runs over, as field elements: padded `aad`, padded `ciphertext`, the length block.
    ///
    /// With n elements x_1 … x_n the result is x_1·h^n + … + x_n·h, which is how two parties evaluate it on shares.
    package static func inputBlocks(aad: [UInt8], ciphertext: [UInt8]) -> [Block] {
        var blocks: [Block] = []
        blocks.reserveCapacity((aad.count + 15) / 16 + (ciphertext.count + 15) / 16 + 1)
        for part in [aad, ciphertext] {
            var start = 0
            while start < part.count {
                let end = min(start + 16, part.count)
                let padding = [UInt8](repeating: 0, count: 16 - (end - start))
                blocks.append(GF128.fromGHASH(bytes: Array(part[start..<end]) + padding))
                start = end
            }
        }
        var lengths: [UInt8] = []
        for bits in [UInt64(aad.count) * 8, UInt64(ciphertext.count) * 8] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                lengths.append(UInt8(truncatingIfNeeded: bits >> shift))
            }
        }
        blocks.append(GF128.fromGHASH(bytes: lengths))
        return blocks
    }
}
