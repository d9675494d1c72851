private import CryptoCore

/// What a block known to both parties contributes to a compression.
package enum SHA256Constants {
    /// W_0 + K_0 to W_63 + K_63: the inputs of ``Circuits/sha256ScheduledCompression`` for a known block (FIPS 180-4 §6.2.2).
    ///
    /// - Parameter block: 64 bytes.
    /// - Returns: 64 words.
    package static func scheduledWords(block: [UInt8]) -> [UInt32] {
        precondition(block.count == 64, "a block has 64 bytes")
        var words = stride(from: 0, to: 64, by: 4).map { offset in
            block[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for t in 16..<64 {
            let (x, y) = (words[t - 15], words[t - 2])
            let older = Self.rotate(x, 7) ^ Self.rotate(x, 18) ^ (x >> 3)
            let newer = Self.rotate(y, 17) ^ Self.rotate(y, 19) ^ (y >> 10)
            words.append(words[t - 16] &+ older &+ words[t - 7] &+ newer)
        }
        return zip(words, SHA256.roundConstants).map { $0 &+ $1 }
    }

    private static func rotate(_ word: UInt32, _ distance: UInt32) -> UInt32 {
        word >> distance | word << (32 - distance)
    }
}
