internal import CKernels
package import CryptoCore

/// One round of Ferret after its messages: expands trees and encodes when correlations are taken.
///
/// Nothing but the short inputs is stored: a round of 870,400 correlations occupies 1.2 MB until they are taken.
package struct BulkRound: Redacted {
    /// What a party knows of the trees.
    package enum Trees: Redacted {
        /// The sender's roots, one a tree.
        case complete(delta: Delta, roots: [Block])
        /// The receiver's level sums, and the paths to the leaves that it lacks.
        case punctured(sums: [Block], paths: [UInt32])
    }

    private let parameters: BulkParameters
    private var trees: Trees
    private let treeCount: Int
    private let firstTree: UInt64
    private var secret: [Block]
    private let matrix: tab_aes128_key
    private var nextTree = 0
    private var started = CorrelationQueue()

    /// A round over `treeCount` trees.
    ///
    /// - Parameters:
    ///   - firstTree: The number of the first tree within the session; no number is used twice.
    ///   - secret: k base correlations, which become the LPN secret.
    ///   - matrixSeed: Public; fixed when neither party could choose the secret any more.
    package init(
        parameters: BulkParameters,
        trees: Trees,
        treeCount: Int,
        firstTree: UInt64,
        secret: [Block],
        matrixSeed: Block
    ) {
        precondition(secret.count == parameters.secretCount, "one base correlation for each bit of the secret")
        self.parameters = parameters
        self.trees = trees
        self.treeCount = treeCount
        self.firstTree = firstTree
        self.secret = secret
        var matrix = tab_aes128_key()
        tab_aes128_expand(matrixSeed, &matrix)
        self.matrix = matrix
    }

    /// How many correlations are left.
    package var count: Int { (treeCount - nextTree) << parameters.treeDepth + started.count }

    /// The next `count` correlations.
    ///
    /// - Precondition: there are that many.
    package mutating func take(_ count: Int) -> [Block] {
        precondition(count <= self.count, "the caller asked for no more than are left")
        let binCount = 1 << parameters.treeDepth
        var result = started.take(Swift.min(count, started.count))
        let wholeTrees = (count - result.count) / binCount
        let rest = (count - result.count) % binCount
        if wholeTrees > 0 {
            let expanded = expandNext(wholeTrees)
            if result.isEmpty { result = expanded } else { result += expanded }
        }
        if rest > 0 {
            started.append(expandNext(1))
            result += started.take(rest)
        }
        return result
    }

    /// The sum of all leaves weighted with the check's coefficients, and the sum of the coefficients of noisy leaves.
    package func combination(challenge: Block) -> (sum: Block, choices: Block) {
        var key = tab_aes128_key()
        tab_aes128_expand(challenge, &key)
        var sum = Block.zero
        var choices = Block.zero
        let binCount = 1 << parameters.treeDepth
        withUnsafeTemporaryAllocation(of: Block.self, capacity: binCount) { leaves in
            guard let base = leaves.baseAddress else { return }
            for tree in 0..<treeCount {
                expand(tree, 1, into: base)
                tab_ferret_combine(&key, UInt64(tree * binCount), base, binCount, &sum, &choices)
            }
            tab_wipe(base, 16 * binCount)
        }
        return (sum, choices)
    }

    /// Overwrites the secrets, at the end of the owner's life.
    mutating func wipe() {
        secret.wipe()
        started.wipe()
        switch trees {
        case .complete(let delta, var roots):
            trees = .complete(delta: delta, roots: [])
            roots.wipe()
        case .punctured(var sums, var paths):
            trees = .punctured(sums: [], paths: [])
            sums.wipe()
            paths.wipe()
        }
    }

    private mutating func expandNext(_ count: Int) -> [Block] {
        let first = nextTree
        nextTree += count
        let rowCount = count << parameters.treeDepth
        return [Block](unsafeUninitializedCapacity: rowCount) { buffer, initialized in
            initialized = rowCount
            guard let base = buffer.baseAddress else { return }
            expand(first, count, into: base)
            withUnsafePointer(to: matrix) { key in
                secret.withUnsafeBufferPointer { secret in
                    guard let source = secret.baseAddress else { return }
                    tab_ferret_encode(
                        key,
                        UInt64(first) << UInt64(parameters.treeDepth),
                        rowCount,
                        source,
                        UInt32(secret.count - 1),
                        base
                    )
                }
            }
        }
    }

    private func expand(_ first: Int, _ count: Int, into leaves: UnsafeMutablePointer<Block>) {
        let depth = UInt32(parameters.treeDepth)
        switch trees {
        case .complete(let delta, let roots):
            roots.withUnsafeBufferPointer { roots in
                guard let base = roots.baseAddress else { return }
                tab_ferret_expand(delta.block, base + first, firstTree + UInt64(first), count, depth, leaves, nil)
            }
        case .punctured(let sums, let paths):
            sums.withUnsafeBufferPointer { sums in
                paths.withUnsafeBufferPointer { paths in
                    guard let sum = sums.baseAddress, let path = paths.baseAddress else { return }
                    tab_ferret_expand_punctured(
                        sum + first * parameters.treeDepth,
                        path + first,
                        firstTree + UInt64(first),
                        count,
                        depth,
                        leaves
                    )
                }
            }
        }
    }
}
