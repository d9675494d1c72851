internal import CKernels
internal import CryptoCore

/// AES-128 alone: the limit for all that is made of it.
///
/// A garbled AND takes four blocks and two key expansions, an evaluated one two and two.
enum CipherBenchmark {
    private static let count = 4096

    static func figures(_ repetition: Repetition) throws -> [KernelFigure] {
        var random = BlockPRG(seed: Block(7, 37))
        let keys = random.blocks(count)
        var blocks = random.blocks(count)
        var key = tab_aes128_key()
        tab_aes128_expand(random.nextBlock(), &key)
        var first: UInt64 = 0
        let fixed = repetition.speeds(count: count) {
            tab_aes128_counter(&key, first, 0, &blocks, count)
            first += UInt64(count)
        }
        let rekeyed = repetition.speeds(count: count) {
            blocks.withUnsafeMutableBufferPointer { buffer in
                if let base = buffer.baseAddress { tab_aes128_encrypt_each(keys, base, base, count) }
            }
        }
        return [
            KernelFigure("aes_blocks_per_s", runs: fixed), KernelFigure("aes_rekeyed_blocks_per_s", runs: rekeyed),
        ]
    }
}
