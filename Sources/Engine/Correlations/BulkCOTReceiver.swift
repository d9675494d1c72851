package import CryptoCore
package import PartyChannel

/// The party with the choice bits in bulk correlated OT; see ``BulkCOTSender``.
///
/// A deviating sender may guess noise positions: a guess with probability p of being right goes unnoticed with
/// probability p, else this party throws. That is the leakage which Ferret's choice of parameters allows for.
package final class BulkCOTReceiver: Redacted {
    private let channel: any PartyChannel
    private let base: COTReceiver
    private var stock = BulkStock()
    private var treeTotal: UInt64 = 0
    private var failed = false

    /// Sets up base correlations; see ``COTReceiver/init(channel:random:sessionID:treeDepth:)`` for the parameters.
    ///
    /// - Throws: ``CorrelationError`` or ``ChannelError``.
    package init(channel: any PartyChannel, random: BlockPRG, sessionID: [UInt8]) throws {
        self.channel = channel
        var random = random
        base = try COTReceiver(channel: channel, random: random.fork(), sessionID: sessionID, treeDepth: .eight)
    }

    deinit { stock.wipe() }

    /// Does all interaction that `count` further correlations need; the sender must do the same.
    ///
    /// - Throws: As ``reserve(_:more:)``.
    package func reserve(_ count: Int) throws {
        try reserve(count, more: false)
    }

    /// Does all interaction that `count` further correlations need; the sender must do the same.
    ///
    /// - Parameter more: whether more may be needed later, whose base is then prepared: 12 KB and 5 ms now instead of
    ///   137 KB and 30 ms then.
    /// - Throws: ``CorrelationError/inconsistentNoise`` if the sender deviated, ``ChannelError``, and
    ///   ``CorrelationError/unusable`` ever after.
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

    /// The MACs of the next `count` correlations, the choice bit in the low bit; interacts only if fewer are in stock.
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
        let firstTree = treeTotal
        treeTotal += UInt64(treeCount)
        let message = try channel.receive(.bulkSums, exactly: setup.sumByteCount)
        guard let masked = [Block](littleEndian: message) else { throw CorrelationError.malformed(tag: .bulkSums) }
        let (matrix, challenge) = setup.hashes(binding: base.binding, firstTree: firstTree, sums: message)
        let round = BulkRound(
            parameters: parameters,
            trees: .punctured(sums: zip(masked, setup.levels).map { $0 ^ $1 }, paths: paths(setup)),
            treeCount: treeCount,
            firstTree: firstTree,
            secret: setup.secret,
            matrixSeed: matrix
        )
        let combination = round.combination(challenge: challenge)
        let maskChoices = setup.masks.enumerated().reduce(Block.zero) { sum, mask in
            sum ^ GF128OLE.weights[mask.offset].masked(by: mask.element.lowBit)
        }
        try channel.send(.bulkChallenge, (combination.choices ^ maskChoices).littleEndianBytes)
        let expected = BulkRoundSetup.proof(combination.sum ^ setup.packedMask, challenge: challenge)
        guard constantTimeEqual(try channel.receive(.bulkDigest, exactly: 32), expected) else {
            throw CorrelationError.inconsistentNoise
        }
        return round
    }

    /// The paths: at each level the side opposite to the random choice bit, whose sum this party can unmask.
    private func paths(_ setup: BulkRoundSetup) -> [UInt32] {
        let depth = setup.parameters.treeDepth
        return (0..<setup.treeCount).map { tree in
            (0..<depth).reduce(UInt32(0)) { path, level in
                path | UInt32(truncatingIfNeeded: ~setup.levels[tree * depth + level][0] & 1) << UInt32(level)
            }
        }
    }
}
