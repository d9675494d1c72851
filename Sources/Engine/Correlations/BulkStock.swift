internal import CryptoCore

/// Correlations in stock and the plan for more: the same decisions on both sides, from counts alone.
struct BulkStock: Redacted {
    /// One thing to do to have more correlations.
    enum Step: Equatable {
        /// Extend SoftSpokenOT by this many: cheaper for small counts.
        case direct(Int)
        /// Run a round; keep the given number of its outputs as the base of the round after it.
        case round(BulkParameters, treeCount: Int, keep: Int)
    }

    /// The least that a direct extension asks for, so that many small requests share its overhead.
    static let directCountMin = 1_024

    private var queue = CorrelationQueue()
    private var rounds: [BulkRound] = []
    private var spare: [Block] = []

    /// How many correlations can be taken.
    var count: Int { rounds.reduce(queue.count) { $0 + $1.count } }

    /// What to do next so that `count` can be taken, or nil if they can.
    ///
    /// - Parameter more: whether more will be asked for later; a round then also makes the base of one that follows.
    func step(toward count: Int, more: Bool) -> Step? {
        let missing = count - self.count
        guard missing > 0 else { return nil }
        guard let (parameters, treeCount) = BulkParameters.choose(for: missing) else {
            return .direct(Swift.max(missing, Self.directCountMin))
        }
        let produced = treeCount << parameters.treeDepth
        if produced < missing {
            // The next round will have a base at hand instead of a dearer one from SoftSpokenOT.
            return .round(parameters, treeCount: treeCount, keep: parameters.baseCount(treeCount: treeCount))
        }
        let base = BulkParameters.standard.baseCount(treeCount: BulkParameters.standard.treeCountMax)
        guard more, let (roomier, larger) = BulkParameters.choose(for: missing + base), roomier == parameters,
            larger << parameters.treeDepth >= missing + base
        else { return .round(parameters, treeCount: treeCount, keep: 0) }
        return .round(parameters, treeCount: larger, keep: base)
    }

    /// `count` correlations that an earlier round kept for this purpose, or nil if there are too few.
    mutating func takeSpare(_ count: Int) -> [Block]? {
        guard spare.count >= count else { return nil }
        let base = [Block](spare.prefix(count))
        queue.append([Block](spare.dropFirst(count)))
        spare = []
        return base
    }

    /// Adds correlations of SoftSpokenOT, which are taken before what rounds hold.
    mutating func append(_ correlations: [Block]) {
        queue.append(correlations)
    }

    /// Adds a round, keeping `keep` of its outputs.
    mutating func append(_ round: BulkRound, keep: Int) {
        var round = round
        if keep > 0 { spare = round.take(keep) }
        rounds.append(round)
    }

    /// Overwrites everything that is left, at the end of the owner's life.
    mutating func wipe() {
        queue.wipe()
        spare.wipe()
        for index in rounds.indices { rounds[index].wipe() }
    }

    /// The next `count` correlations.
    ///
    /// - Precondition: ``step(toward:more:)`` is nil for `count`.
    mutating func take(_ count: Int) -> [Block] {
        precondition(count <= self.count, "stock was filled before")
        var result = queue.take(Swift.min(count, queue.count))
        while result.count < count {
            let taken = rounds[0].take(Swift.min(count - result.count, rounds[0].count))
            if result.isEmpty { result = taken } else { result += taken }
            if rounds[0].count == 0 {
                rounds[0].wipe()
                rounds.removeFirst()
            }
        }
        return result
    }
}
