package import PartyChannel

extension FrameTag {
    /// Base-OT sender's key share: one compressed point.
    package static let baseOTKey = FrameTag(rawValue: 100)
    /// Base-OT receiver's two compressed points for every OT.
    package static let baseOTChoice = FrameTag(rawValue: 101)
    /// COT receiver's punctured-tree corrections and their check.
    package static let treeCorrections = FrameTag(rawValue: 102)
    /// COT receiver's column corrections and their check.
    package static let extensionColumns = FrameTag(rawValue: 103)
    /// OLE receiver's corrections of its random choice bits.
    package static let oleChoices = FrameTag(rawValue: 110)
    /// OLE sender's products over the field of P-256.
    package static let p256OLE = FrameTag(rawValue: 111)
    /// OLE sender's products over GF(2^128).
    package static let gf128OLE = FrameTag(rawValue: 112)
    /// Bulk COT sender's level sums of all trees.
    package static let bulkSums = FrameTag(rawValue: 120)
    /// Bulk COT receiver's masked combination of its noise positions.
    package static let bulkChallenge = FrameTag(rawValue: 121)
    /// Bulk COT sender's digest of the combined leaves.
    package static let bulkDigest = FrameTag(rawValue: 122)
}
