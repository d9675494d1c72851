internal import BooleanCircuits
internal import CryptoCore
internal import PartyChannel
internal import VOLEProofs

/// The limits by which both parties cut the final proof into chunks.
///
/// Constraints can be folded only after the challenge that follows the last commitment they depend on, so a long proof
/// is settled chunk by chunk, each with a challenge of its own: memory stays bounded, and a session whose proof fits one
/// chunk pays one round trip.
enum ProofChunk {
    /// Witness bits after which a chunk ends at the next checkpoint.
    static let bitCount = 3 << 18
    /// Bits beside the statement's own: the mask of the final check.
    static let finalMaskBitCount = 128
    /// The longest message of one chunk.
    static let messageByteCountMax = 1 << 20
}

/// How many correlations the rest of the statement takes; the same on both sides.
struct ProofBudget {
    private(set) var remaining: Int
    private let largestUnit: Int
    private var inChunk = 0

    init(total: Int, largestUnit: Int) {
        remaining = total + ProofChunk.finalMaskBitCount
        self.largestUnit = largestUnit
    }

    /// Correlations to have ready before a chunk starts.
    var needed: Int { min(remaining, ProofChunk.bitCount + largestUnit + ProofChunk.finalMaskBitCount) }

    /// Whether the chunk ends here.
    var isChunkFull: Bool { inChunk >= ProofChunk.bitCount }

    /// Notes that `count` were taken.
    mutating func spend(_ count: Int) {
        inChunk += count
        remaining = max(0, remaining - count)
    }

    /// Starts the next chunk.
    mutating func nextChunk() { inChunk = 0 }
}
