internal import CKernels
package import CryptoCore

/// The columns of one SoftSpokenOT extension: what each party computes from its seeds before any message.
package struct SoftSpokenColumns: Redacted {
    /// Rows of 128 bits that one extension gives away to mask its consistency check: two blocks of every column.
    package static let maskBlockCount = 2

    /// Blocks of a column, masks included.
    package let blockCount: Int
    /// 128 columns of `blockCount` blocks, in the order of Δ's bits.
    package var columns: [Block]
    /// The sum of all rows of each tree, `blockCount` blocks each: the choice vectors (of the party that knows all seeds).
    package var sums: [Block]

    /// Folds the rows of all trees.
    package init(depth: TreeDepth, seeds: [Block], firstBlock: UInt64, blockCount: Int) {
        self.blockCount = blockCount
        var columns = [Block](repeating: .zero, count: 128 * blockCount)
        var sums = [Block](repeating: .zero, count: depth.treeCount * blockCount)
        seeds.withUnsafeBufferPointer { seeds in
            columns.withUnsafeMutableBufferPointer { columns in
                sums.withUnsafeMutableBufferPointer { sums in
                    guard let seed = seeds.baseAddress, let column = columns.baseAddress, let sum = sums.baseAddress
                    else { return }
                    for tree in 0..<depth.treeCount {
                        tab_softspoken_fold(
                            seed + tree * depth.leafCount,
                            UInt32(depth.rawValue),
                            firstBlock,
                            blockCount,
                            column + tree * depth.rawValue * blockCount,
                            blockCount,
                            sum + tree * blockCount
                        )
                    }
                }
            }
        }
        self.columns = columns
        self.sums = sums
    }

    /// The blocks of column `index`.
    package func column(_ index: Int) -> ArraySlice<Block> {
        columns[index * blockCount..<(index + 1) * blockCount]
    }

    /// The rows without the masks, 128 bits each: bit i of row j is bit j of column i.
    package func rows() -> [Block] {
        let rowCount = 128 * (blockCount - Self.maskBlockCount)
        return [Block](unsafeUninitializedCapacity: rowCount) { buffer, count in
            columns.withUnsafeBytes { bytes in
                if let source = bytes.baseAddress, let target = buffer.baseAddress {
                    tab_transpose_128(
                        source.assumingMemoryBound(to: UInt8.self),
                        16 * blockCount,
                        target,
                        rowCount
                    )
                }
            }
            count = rowCount
        }
    }
}

/// The linear universal hash of SoftSpokenOT's consistency check (ePrint 2022/192, §4; Figure 7), two field elements of
/// GF(2^128) for a column.
///
/// For a column (c_0, …, c_{m-1}, mask_0, mask_1): Σ χ_j·c_j + mask_0 and Σ χ'_j·c_j + mask_1. Two different columns
/// collide with probability 2^-256 over the coefficients, so deriving these from the message (Fiat-Shamir) leaves an
/// adversary that tries 2^t messages a chance of at most 2^(t - 245) over all pairs of at most 64 trees, and the masks
/// make each hash uniform.
package struct ColumnHash {
    private let coefficients: [Block]

    /// Draws the coefficients for columns of `blockCount` blocks, masks included.
    package init(challenge: [UInt8], blockCount: Int) {
        // Two independently keyed streams, so that 256 bits of the challenge count.
        var first = BlockPRG(seed: Block(littleEndian: challenge[0..<16]))
        var second = BlockPRG(seed: Block(littleEndian: challenge[16..<32]))
        let dataCount = blockCount - SoftSpokenColumns.maskBlockCount
        coefficients = first.blocks(dataCount) + second.blocks(dataCount)
    }

    /// The two hashes of a column.
    package func callAsFunction(_ column: ArraySlice<Block>) -> (Block, Block) {
        let dataCount = coefficients.count / 2
        return column.withUnsafeBufferPointer { column in
            coefficients.withUnsafeBufferPointer { coefficients in
                let data = UnsafeBufferPointer(rebasing: column[..<dataCount])
                return (
                    GF128.innerProduct(data, UnsafeBufferPointer(rebasing: coefficients[..<dataCount]))
                        ^ column[dataCount],
                    GF128.innerProduct(data, UnsafeBufferPointer(rebasing: coefficients[dataCount...]))
                        ^ column[dataCount + 1]
                )
            }
        }
    }
}
