internal import CKernels
internal import CryptoCore

/// GF(2^128): single products, inner products, and GHASH.
enum FieldBenchmark {
    private static let count = 4096

    static func figures(_ repetition: Repetition) throws -> [KernelFigure] {
        var random = BlockPRG(seed: Block(3, 31))
        let left = random.blocks(count)
        let right = random.blocks(count)
        let point = random.nextBlock()
        var products = left
        let scaled = repetition.speeds(count: count) { tab_gf128_scale(left, point, &products, count) }
        guard products[7] == GF128.multiply(left[7], point) else {
            throw KernelBenchmarks.WrongResult(kernel: "GF(2^128)")
        }
        var sum = Block.zero
        let inner = repetition.speeds(count: count) { sum ^= GF128.innerProduct(left, right) }
        let hashed = repetition.speeds(count: count) { sum = tab_gf128_horner(sum, point, left, count) }
        return [
            KernelFigure("gf128_multiplies_per_s", runs: scaled),
            KernelFigure("gf128_inner_product_terms_per_s", runs: inner),
            KernelFigure("ghash_blocks_per_s", runs: hashed),
        ]
    }
}
