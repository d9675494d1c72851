/// How many bits of Δ share one punctured tree in SoftSpokenOT: the trade of bytes for computation.
///
/// With depth k the receiver sends 128/k − 1 bits a COT and both parties compute 2^k/k AES blocks for every 128 bits of
/// it (ePrint 2022/192, §1.1).
package enum TreeDepth: Int, Sendable, CaseIterable {
    /// 7.9 bytes a COT, least computation.
    case two = 2
    /// 3.9 bytes a COT.
    case four = 4
    /// 1.9 bytes a COT, 32 AES blocks a COT.
    case eight = 8

    /// The number of trees, 128/k.
    package var treeCount: Int { 128 / rawValue }

    /// The number of leaves of a tree, 2^k.
    package var leafCount: Int { 1 << rawValue }

    /// Bytes that the COT receiver sends to puncture all trees, the same for every depth: two blocks for each level of
    /// each tree but the first level, a check of two blocks for each tree, and one digest.
    package var correctionByteCount: Int { 16 * (treeCount * (2 * (rawValue - 1) + 2)) + 32 }
}
