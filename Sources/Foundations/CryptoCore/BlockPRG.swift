import CKernels

/// A pseudorandom generator: AES-128 in counter mode under a seed (NIST SP 800-90A's CTR without reseeding).
///
/// Equal seeds give equal streams, which is what openings and replays rely on. A copy continues from the same point, so
/// hand out ``fork()`` where two users need independent streams. Security: AES-128 is a pseudorandom permutation; a
/// stream of n blocks differs from random with probability about n²/2^129.
package struct BlockPRG: Sendable, Redacted {
    private var key = tab_aes128_key()
    private var counter: UInt64 = 0
    private var forks: UInt64 = 0

    /// The stream of `seed`, from its start.
    package init(seed: Block) {
        tab_aes128_expand(seed, &key)
    }

    /// The next block of the stream.
    package mutating func nextBlock() -> Block {
        var block = Block.zero
        tab_aes128_counter(&key, counter, 0, &block, 1)
        counter &+= 1
        return block
    }

    /// The next `count` blocks of the stream.
    package mutating func blocks(_ count: Int) -> [Block] {
        let result = [Block](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress, count > 0 {
                tab_aes128_counter(&key, counter, 0, base, count)
            }
            initialized = count
        }
        counter &+= UInt64(count)
        return result
    }

    /// The next `count` bytes; whole blocks are taken from the stream, what is left of the last one is dropped.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            fill(UnsafeMutableRawBufferPointer(buffer))
            initialized = count
        }
    }

    /// Fills `buffer` with the next bytes; whole blocks are taken from the stream.
    package mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard var target = buffer.baseAddress else { return }
        var left = buffer.count
        withUnsafeTemporaryAllocation(of: Block.self, capacity: Self.fillBatch) { scratch in
            guard let source = scratch.baseAddress else { return }
            while left > 0 {
                let blocks = Swift.min((left + 15) / 16, Self.fillBatch)
                tab_aes128_counter(&key, counter, 0, source, blocks)
                counter &+= UInt64(blocks)
                let taken = Swift.min(left, 16 * blocks)
                target.copyMemory(from: source, byteCount: taken)
                target += taken
                left -= taken
            }
            // The compiler may drop ordinary stores to memory that nobody reads any more.
            tab_wipe(source, 16 * Self.fillBatch)
        }
    }

    /// An independent generator, whose seed is a block of a second stream of this seed.
    ///
    /// Forks and blocks do not disturb each other: the n-th fork is the same however much was drawn before.
    package mutating func fork() -> BlockPRG {
        var seed = Block.zero
        tab_aes128_counter(&key, forks, 1, &seed, 1)
        forks &+= 1
        return BlockPRG(seed: seed)
    }

    private static let fillBatch = 64
}

extension BlockPRG: RandomNumberGenerator {
    /// Eight bytes of the stream; the rest of their block is dropped.
    package mutating func next() -> UInt64 {
        nextBlock()[0]
    }
}
