internal import COpenSSL

/// The operating system's randomness by way of OpenSSL; only the edges of the program draw from it.
///
/// Protocol code takes a ``BlockPRG`` instead, so that every run can be replayed from its seed.
package enum SecureRandom {
    /// `count` random bytes.
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var done = 0
            while done < count, let base = buffer.baseAddress {
                let chunk = min(count - done, 1 << 20)
                // Without randomness nothing this program does is safe, so there is nothing to recover to.
                precondition(RAND_bytes(base + done, Int32(chunk)) == 1, "the random generator failed")
                done += chunk
            }
            initialized = count
        }
    }

    /// A random block.
    package static func block() -> Block {
        Block(littleEndian: bytes(16))
    }

    /// A generator with a random seed.
    package static func generator() -> BlockPRG {
        BlockPRG(seed: block())
    }
}
