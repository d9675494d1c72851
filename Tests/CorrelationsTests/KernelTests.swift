import CKernels
import CryptoCore
import Testing

/// The C kernels of this target against their definitions, and portable against accelerated code.
@Suite("Kernels of correlated OT")
struct KernelTests {
    private static let depth: UInt32 = 5
    private static let leafCount = 1 << 5

    private struct Outputs: Equatable {
        var leaves = [Block](repeating: .zero, count: 2 * KernelTests.leafCount)
        var sums = [Block](repeating: .zero, count: 2 * Int(KernelTests.depth))
        var combination: [Block] = []
        var encoded: [Block] = []
        var columns = [Block](repeating: .zero, count: 3 * 70)
        var rowSum = [Block](repeating: .zero, count: 70)
    }

    private func run() -> Outputs {
        var random = coins(20)
        var outputs = Outputs()
        tab_ferret_expand(testDelta.block, random.blocks(2), 9, 2, Self.depth, &outputs.leaves, &outputs.sums)
        var key = tab_aes128_key()
        tab_aes128_expand(random.nextBlock(), &key)
        var sum = Block.zero
        var choices = Block.zero
        outputs.encoded = outputs.leaves
        tab_ferret_encode(&key, 32, 2 * Self.leafCount, random.blocks(16), 15, &outputs.encoded)
        tab_ferret_combine(&key, 3, outputs.encoded, 2 * Self.leafCount, &sum, &choices)
        outputs.combination = [sum, choices]
        tab_softspoken_fold(random.blocks(8), 3, 5, 70, &outputs.columns, 70, &outputs.rowSum)
        return outputs
    }

    @Test("Portable and accelerated kernels give the same bits")
    func portable() {
        let accelerated = run()
        tab_cpu_use_portable(1)
        let portable = run()
        tab_cpu_use_portable(0)
        #expect(accelerated == portable)
    }

    @Test("A tree's leaves are the published recursion's, and a punctured tree's are the same", arguments: 0..<32)
    func trees(path: UInt32) {
        let root = coins(21).seedBlock
        var leaves = [Block](repeating: .zero, count: Self.leafCount)
        var sums = [Block](repeating: .zero, count: Int(Self.depth))
        tab_ferret_expand(testDelta.block, [root], 3, 1, Self.depth, &leaves, &sums)

        var nodes = [root, root ^ testDelta.block]
        while nodes.count < Self.leafCount {
            let left = CorrelationRobustHash.hash(nodes, firstTweak: 3 << 32 | UInt64(nodes.count))
            nodes = left + zip(left, nodes).map { $0 ^ $1 }
        }
        #expect(nodes.reduce(.zero, ^) == testDelta.block)
        #expect(leaves == nodes.map { $0 & Block(~1, ~0) })

        let known = sums.enumerated().map { level, sum in sum ^ testDelta.block.masked(by: path >> level & 1 == 0) }
        var punctured = [Block](repeating: .zero, count: Self.leafCount)
        tab_ferret_expand_punctured(known, [path], 3, 1, Self.depth, &punctured)
        for index in 0..<Self.leafCount {
            #expect(punctured[index] == leaves[index] ^ testDelta.block.masked(by: index == Int(path)))
        }
    }

    @Test("Folded columns are the sums over the rows with the column's bit", arguments: 1...8)
    func folding(depth: Int) {
        var random = coins(22)
        let seeds = random.blocks(1 << depth)
        let blockCount = 67
        var columns = [Block](repeating: .zero, count: depth * blockCount)
        var sum = [Block](repeating: .zero, count: blockCount)
        tab_softspoken_fold(seeds, UInt32(depth), 0, blockCount, &columns, blockCount, &sum)
        let rows = seeds.map { seed in
            var stream = BlockPRG(seed: seed)
            return stream.blocks(blockCount)
        }
        for block in 0..<blockCount {
            #expect(sum[block] == rows.reduce(.zero) { $0 ^ $1[block] })
            for bit in 0..<depth {
                let expected = rows.enumerated().reduce(Block.zero) { sum, row in
                    sum ^ row.element[block].masked(by: row.offset >> bit & 1 == 1)
                }
                #expect(columns[bit * blockCount + block] == expected)
            }
        }
    }
}

extension BlockPRG {
    /// The first block of the stream.
    fileprivate var seedBlock: Block {
        var copy = self
        return copy.nextBlock()
    }
}
