import CryptoCore

/// The ideal functionality of correlated OT: an honest dealer's stream, seen from one side.
///
/// Two sources with the same seed and Δ hand out matching MACs and keys, so neither needs to see the other.
final class IdealCorrelations {
    enum Side { case prover, verifier }

    private let side: Side
    private let delta: Delta
    private var stream: BlockPRG
    /// How many correlations were handed out.
    private(set) var drawnCount = 0

    init(_ side: Side, delta: Delta, seed: Block) {
        self.side = side
        self.delta = delta
        self.stream = BlockPRG(seed: seed)
    }

    func next(_ count: Int) -> [Block] {
        drawnCount += count
        return stream.blocks(count).map { random in
            let key = Block(random[0] & ~1, random[1])
            return side == .verifier ? key : key ^ delta.block.masked(by: random.lowBit)
        }
    }
}
