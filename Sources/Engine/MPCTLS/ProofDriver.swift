internal import BooleanCircuits
internal import CryptoCore
internal import PartyChannel
internal import VOLEProofs

/// The limits by which both parties cut the final proof into chunks.
///
/// Constraints can be folded only after the challenge that follows the last commitment they depend on, so a long proof
/// is settled chunk by chunk, each with a challenge of its own: memory stays bounded, and a session whose proof fits one
/// chunk pays one round trip. The prover goes on with the next chunk while the notary verifies the last one.
enum ProofChunk {
    /// Witness bits after which a chunk ends at the next checkpoint.
    static let bitCount = 3 << 18
    /// Bits beside the statement's own: the mask of the final check.
    static let finalMaskBitCount = FinalProof.correlationCount
    /// The most correlations to reserve at once: what a party holds for them is 9 MB for every 15 million.
    static let reserveCountMax = 1 << 26
    /// The longest message of one chunk.
    static let messageByteCountMax = 1 << 20
}

/// How many correlations the rest of the statement takes; the same on both sides.
struct ProofBudget {
    private(set) var remaining: Int
    private let largestUnit: Int
    private var inChunk = 0
    private var inStock = 0

    init(total: Int, largestUnit: Int) {
        remaining = total + ProofChunk.finalMaskBitCount
        self.largestUnit = largestUnit
    }

    /// Correlations to have in stock before the next chunk starts, or nil if they surely are.
    ///
    /// All that the statement still takes if that is not too much: a few large rounds cost less than many small ones.
    mutating func refill() -> Int? {
        let needed = min(remaining, ProofChunk.bitCount + largestUnit + ProofChunk.finalMaskBitCount)
        guard inStock < needed else { return nil }
        inStock = max(needed, min(remaining, ProofChunk.reserveCountMax))
        return inStock
    }

    /// Whether the chunk ends here.
    var isChunkFull: Bool { inChunk >= ProofChunk.bitCount }

    /// Notes that `count` were taken.
    mutating func spend(_ count: Int) {
        inChunk += count
        inStock = max(0, inStock - count)
        remaining = max(0, remaining - count)
    }

    /// Starts the next chunk.
    mutating func nextChunk() { inChunk = 0 }
}
