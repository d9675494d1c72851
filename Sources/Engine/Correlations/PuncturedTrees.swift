internal import CKernels
package import CryptoCore
internal import PartyChannel

/// Trees of seeds of which one party knows all leaves and the other all but one (ePrint 2022/192, §5, Figures 13 and 14).
///
/// A node x has the children AES_x(n ⊕ 0) and AES_x(n ⊕ 1), n being a nonce of the session. Level ℓ of a tree decides
/// bit k − ℓ of the leaf's index. Base OT k·i + b, whose choice is bit b of the missing index of tree i, delivers the
/// sum of the nodes on the side that the missing path does not take. Leaves have two further outputs: two blocks whose
/// sum over the tree is sent, and which, hashed, show that every possible receiver would have obtained the same leaves.
package enum PuncturedTrees {
    /// All leaves' seeds, tree after tree, and the message that lets the other party compute all but one of each tree.
    package static func build(
        depth: TreeDepth,
        strings: [(Block, Block)],
        nonce: Block
    ) -> (seeds: [Block], message: [UInt8]) {
        var seeds: [Block] = []
        var corrections: [Block] = []
        var hasher = SHA256Hasher()
        defer { hasher.wipe() }
        for tree in 0..<depth.treeCount {
            let base = tree * depth.rawValue
            var nodes = [strings[base + depth.rawValue - 1].1, strings[base + depth.rawValue - 1].0]
            for level in 2...depth.rawValue {
                let children = expand(nodes, nonce: nonce)
                let masks = strings[base + depth.rawValue - level]
                corrections.append(masks.1 ^ children.left.reduce(.zero, ^))
                corrections.append(masks.0 ^ children.right.reduce(.zero, ^))
                nodes = interleave(children.left, children.right)
            }
            let leaves = Leaves(nodes, nonce: nonce)
            corrections.append(leaves.first.reduce(.zero, ^))
            corrections.append(leaves.second.reduce(.zero, ^))
            hasher.update(leaves.first.littleEndianBytes)
            hasher.update(leaves.second.littleEndianBytes)
            seeds += leaves.seeds
        }
        return (seeds, corrections.littleEndianBytes + hasher.finalize())
    }

    /// All leaves' seeds but one of each tree, in permuted order: position y of a tree holds the leaf y ⊕ missing, so
    /// position 0 holds nothing (zero) and no address depends on the secret `missing` bits.
    ///
    /// - Parameters:
    ///   - missing: The bits of the missing indices, k for each tree, least significant first.
    ///   - strings: The base-OT strings for the choices `missing`.
    ///   - message: What ``build(depth:strings:nonce:)`` sent; its length has been checked.
    /// - Throws: ``CorrelationError/inconsistentTrees`` if the check does not hold.
    package static func puncture(
        depth: TreeDepth,
        missing: [Bool],
        strings: [Block],
        message: [UInt8],
        nonce: Block
    ) throws(CorrelationError) -> [Block] {
        precondition(message.count == depth.correctionByteCount, "the frame's length has been checked")
        guard let corrections = [Block](littleEndian: [UInt8](message.dropLast(32))) else {
            throw .malformed(tag: .treeCorrections)
        }
        var seeds: [Block] = []
        var next = 0
        var hasher = SHA256Hasher()
        defer { hasher.wipe() }
        for tree in 0..<depth.treeCount {
            let bits = missing[tree * depth.rawValue..<(tree + 1) * depth.rawValue]
            let base = bits.startIndex
            var nodes = [Block.zero, strings[base + depth.rawValue - 1]]
            for level in 2...depth.rawValue {
                let side = bits[base + depth.rawValue - level]
                var (near, far) = expand(nodes, nonce: nonce)
                // Where the path takes the right side, the right children are the near ones.
                for index in near.indices {
                    swap(&near[index], &far[index], if: side)
                }
                // The far child of the path's node is what the base OT's sum leaves over; its near child is unknown.
                let sum =
                    strings[base + depth.rawValue - level]
                    ^ corrections[next].masked(by: side) ^ corrections[next + 1].masked(by: !side)
                far[0] = far[1...].reduce(sum, ^)
                near[0] = .zero
                next += 2
                nodes = interleave(near, far)
            }
            var leaves = Leaves(nodes, nonce: nonce)
            leaves.first[0] = leaves.first[1...].reduce(corrections[next], ^)
            leaves.second[0] = leaves.second[1...].reduce(corrections[next + 1], ^)
            leaves.seeds[0] = .zero
            next += 2
            seeds += leaves.seeds
            reorder(&leaves.first, by: bits)
            reorder(&leaves.second, by: bits)
            hasher.update(leaves.first.littleEndianBytes)
            hasher.update(leaves.second.littleEndianBytes)
        }
        guard constantTimeEqual(hasher.finalize(), [UInt8](message.suffix(32))) else { throw .inconsistentTrees }
        return seeds
    }

    /// The three outputs of every leaf.
    private struct Leaves: Redacted {
        var seeds: [Block]
        var first: [Block]
        var second: [Block]

        init(_ nodes: [Block], nonce: Block) {
            seeds = PuncturedTrees.encrypt(Block(2, 0) ^ nonce, under: nodes)
            first = PuncturedTrees.encrypt(Block(3, 0) ^ nonce, under: nodes)
            second = PuncturedTrees.encrypt(Block(4, 0) ^ nonce, under: nodes)
        }
    }

    private static func expand(_ nodes: [Block], nonce: Block) -> (left: [Block], right: [Block]) {
        (encrypt(nonce, under: nodes), encrypt(Block(1, 0) ^ nonce, under: nodes))
    }

    private static func encrypt(_ input: Block, under keys: [Block]) -> [Block] {
        var blocks = [Block](repeating: input, count: keys.count)
        tab_aes128_encrypt_each(keys, blocks, &blocks, keys.count)
        return blocks
    }

    private static func interleave(_ left: [Block], _ right: [Block]) -> [Block] {
        zip(left, right).flatMap { [$0, $1] }
    }

    /// Moves position y to y ⊕ `bits`, with the same accesses whatever the bits are.
    private static func reorder(_ blocks: inout [Block], by bits: ArraySlice<Bool>) {
        for (shift, bit) in bits.enumerated() {
            for index in blocks.indices where index & (1 << shift) == 0 {
                let difference = (blocks[index] ^ blocks[index | 1 << shift]).masked(by: bit)
                blocks[index] ^= difference
                blocks[index | 1 << shift] ^= difference
            }
        }
    }

    private static func swap(_ a: inout Block, _ b: inout Block, if condition: Bool) {
        let difference = (a ^ b).masked(by: condition)
        a ^= difference
        b ^= difference
    }
}
