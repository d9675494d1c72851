/// A set of parameters for learning parity with regular noise (LPN), as Ferret needs it.
///
/// The secret has k bits, the matrix ten random ones in each row, and each bin of 2^depth outputs one noisy position. The
/// sets are those that emp-ot publishes (its names: ferret_b10, ferret_b13), chosen for 128 bits against the attacks known
/// on regular noise: pooled Gauss and information-set decoding (ePrint 2022/712), the algebraic attacks of ePrint
/// 2023/176 and 2025/1476, and the hybrid and regular decoders of ePrint 2025/1284 and 2023/1568. Pooled Gauss
/// with an exponent of 2.8 costs at least 2^139, the attack of ePrint 2023/176 at least 2^143 for both sets. Fewer bins
/// than `treeCountMax` give an attacker a part of the same problem's samples, so they are never weaker.
package struct BulkParameters: Equatable, Sendable {
    /// Each tree has 2^depth leaves, one of them noisy.
    package let treeDepth: Int
    /// k = 2^secretBits.
    package let secretBits: Int
    /// The most trees of one round.
    package let treeCountMax: Int

    /// Up to 870,400 correlations from 65,536 + 10 a tree + 128: 160 bytes for 1,024 of them.
    package static let standard = BulkParameters(treeDepth: 10, secretBits: 16, treeCountMax: 850)

    /// Up to 15.5 million correlations from 524,288 + 13 a tree + 128: 208 bytes for 8,192 of them.
    package static let large = BulkParameters(treeDepth: 13, secretBits: 19, treeCountMax: 1_900)

    /// The correlations from which the standard set costs fewer bytes than extending SoftSpokenOT.
    package static let standardFrom = 80_000

    /// The correlations from which the large set costs less than rounds of the standard one.
    package static let largeFrom = 2_500_000

    /// The most correlations that one call may ask for; their rounds occupy 9 MB for every 15 million.
    package static let countMax = 1 << 26

    /// Correlations that mask the consistency check of a round.
    package static let maskCount = 128

    /// The set and number of trees for a round that should produce `count` correlations, or nil if the round is not
    /// worth its base.
    package static func choose(for count: Int) -> (parameters: BulkParameters, treeCount: Int)? {
        guard count >= standardFrom else { return nil }
        let parameters = count >= largeFrom ? large : standard
        let bin = 1 << parameters.treeDepth
        return (parameters, Swift.min((count + bin - 1) / bin, parameters.treeCountMax))
    }

    /// k.
    package var secretCount: Int { 1 << secretBits }

    /// Correlations that a round of `treeCount` trees consumes: its secret, its paths, its masks.
    package func baseCount(treeCount: Int) -> Int {
        secretCount + treeCount * treeDepth + Self.maskCount
    }
}
