internal import CKernels
package import CryptoCore
package import PartyChannel

/// The party that owns Δ in bulk correlated OT: Ferret (ePrint 2020/924, Figures 5 to 9) with regular noise, half-tree's
/// correlated trees (ePrint 2022/1431), and SoftSpokenOT for the base correlations; maliciously secure.
///
/// Correlations are as ``COTSender`` has them. Call ``reserve(_:)`` with the number that the session will need: that
/// chooses the parameters, and everything after it is computed without a message. Per 1,024 correlations this party sends
/// 160 bytes, the other nearly nothing; a round's base of about 72,000 costs the other party 137 KB. Requests below
/// 80,000 that no stock covers are served by SoftSpokenOT alone.
///
/// One instance serves one session. Not thread safe: it belongs to the thread of its session.
package final class BulkCOTSender: Redacted {
    /// The offset of all correlations of this instance.
    package var delta: Delta { base.delta }

    private let channel: any PartyChannel
    private let base: COTSender
    private var random: BlockPRG
    private var stock = BulkStock()
    private var treeTotal: UInt64 = 0
    private var failed = false

    /// Sets up base correlations; see ``COTSender/init(channel:delta:random:sessionID:treeDepth:)`` for the parameters.
    ///
    /// - Throws: ``CorrelationError`` or ``ChannelError``.
    package init(channel: any PartyChannel, delta: Delta, random: BlockPRG, sessionID: [UInt8]) throws {
        self.channel = channel
        var random = random
        base = try COTSender(
            channel: channel,
            delta: delta,
            random: random.fork(),
            sessionID: sessionID,
            treeDepth: .eight
        )
        self.random = random.fork()
    }

    deinit { stock.wipe() }

    /// Does all interaction that `count` further correlations need; the receiver must do the same.
    ///
    /// - Throws: As ``reserve(_:more:)``.
    package func reserve(_ count: Int) throws {
        try reserve(count, more: false)
    }

    /// Does all interaction that `count` further correlations need; the receiver must do the same.
    ///
    /// - Parameter more: whether more may be needed later, whose base is then prepared: 12 KB and 5 ms now instead of
    ///   137 KB and 30 ms then.
    /// - Throws: ``CorrelationError``, ``ChannelError``, and ``CorrelationError/unusable`` ever after.
    package func reserve(_ count: Int, more: Bool) throws {
        guard !failed else { throw CorrelationError.unusable }
        guard (0...BulkParameters.countMax).contains(count) else { throw CorrelationError.invalidCount(count) }
        failed = true
        while let step = stock.step(toward: count, more: more) {
            switch step {
            case .direct(let count): stock.append(try base.extend(count))
            case .round(let parameters, let treeCount, let keep):
                stock.append(try runRound(parameters, treeCount: treeCount), keep: keep)
            }
        }
        failed = false
    }

    /// The keys of the next `count` correlations; interacts only if fewer are in stock.
    ///
    /// - Throws: As ``reserve(_:)``.
    package func extend(_ count: Int) throws -> [Block] {
        try reserve(count)
        return stock.take(count)
    }

    /// The base of a round: what an earlier one kept, else SoftSpokenOT, else (for the large set) a smaller round.
    private func takeBase(_ count: Int) throws -> [Block] {
        if let spare = stock.takeSpare(count) { return spare }
        guard let (parameters, treeCount) = BulkParameters.choose(for: count), parameters != .large,
            count > parameters.baseCount(treeCount: parameters.treeCountMax)
        else { return try base.extend(count) }
        var round = try runRound(parameters, treeCount: treeCount)
        return round.take(count)
    }

    private func runRound(_ parameters: BulkParameters, treeCount: Int) throws -> BulkRound {
        let setup = BulkRoundSetup(
            parameters: parameters,
            treeCount: treeCount,
            base: try takeBase(parameters.baseCount(treeCount: treeCount))
        )
        let roots = random.blocks(treeCount)
        let firstTree = treeTotal
        treeTotal += UInt64(treeCount)
        let sums = maskedSums(roots: roots, setup: setup, firstTree: firstTree).littleEndianBytes
        try channel.send(.bulkSums, sums)
        let (matrix, challenge) = setup.hashes(binding: base.binding, firstTree: firstTree, sums: sums)
        let round = BulkRound(
            parameters: parameters,
            trees: .complete(delta: delta, roots: roots),
            treeCount: treeCount,
            firstTree: firstTree,
            secret: setup.secret,
            matrixSeed: matrix
        )
        let choices = Block(littleEndian: try channel.receive(.bulkChallenge, exactly: 16))
        let combination =
            round.combination(challenge: challenge).sum ^ setup.packedMask
            ^ GF128.multiply(choices, delta.block)
        try channel.send(.bulkDigest, BulkRoundSetup.proof(combination, challenge: challenge))
        try channel.flush()
        return round
    }

    /// The left sums of all levels, each masked by a key: the receiver can remove the mask from the sum of one side.
    private func maskedSums(roots: [Block], setup: BulkRoundSetup, firstTree: UInt64) -> [Block] {
        let depth = setup.parameters.treeDepth
        var sums = [Block](repeating: .zero, count: setup.levels.count)
        withUnsafeTemporaryAllocation(of: Block.self, capacity: 1 << depth) { leaves in
            guard let scratch = leaves.baseAddress else { return }
            sums.withUnsafeMutableBufferPointer { sums in
                roots.withUnsafeBufferPointer { roots in
                    guard let sum = sums.baseAddress, let root = roots.baseAddress else { return }
                    for tree in 0..<roots.count {
                        tab_ferret_expand(
                            delta.block,
                            root + tree,
                            firstTree + UInt64(tree),
                            1,
                            UInt32(depth),
                            scratch,
                            sum + tree * depth
                        )
                    }
                }
            }
            tab_wipe(scratch, 16 << depth)
        }
        for index in sums.indices { sums[index] ^= setup.levels[index] }
        return sums
    }
}
