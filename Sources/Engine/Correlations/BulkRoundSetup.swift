internal import CKernels
package import CryptoCore

/// The base correlations of one Ferret round, divided up, and the hashes that both parties derive from its messages.
package struct BulkRoundSetup: Redacted {
    package let parameters: BulkParameters
    package let treeCount: Int
    /// k correlations: the LPN secret.
    package let secret: [Block]
    /// One correlation for each level of each tree; the receiver's choice bits are the sides that its paths avoid.
    package let levels: [Block]
    /// 128 correlations that mask the check.
    package let masks: [Block]

    /// Divides `base`, which has ``BulkParameters/baseCount(treeCount:)`` correlations.
    package init(parameters: BulkParameters, treeCount: Int, base: [Block]) {
        precondition(base.count == parameters.baseCount(treeCount: treeCount), "exactly the base of this round")
        self.parameters = parameters
        self.treeCount = treeCount
        secret = [Block](base[..<parameters.secretCount])
        levels = [Block](base[parameters.secretCount..<base.count - BulkParameters.maskCount])
        masks = [Block](base.suffix(BulkParameters.maskCount))
    }

    /// Bytes of the frame with the level sums.
    package var sumByteCount: Int { 16 * levels.count }

    /// Σ x^j·masks[j]: a correlation over GF(2^128), whose choice is the choice bits as one element.
    package var packedMask: Block { GF128.innerProduct(GF128OLE.weights, masks) }

    /// The public seed of the LPN matrix and the seed of the check's coefficients, from everything said so far.
    package func hashes(binding: [UInt8], firstTree: UInt64, sums: [UInt8]) -> (matrix: Block, challenge: Block) {
        var hasher = SHA256Hasher()
        hasher.update([UInt8]("Tabellion v1 bulk COT round".utf8) + binding)
        let numbers = [firstTree, UInt64(treeCount), UInt64(parameters.treeDepth), UInt64(parameters.secretBits)]
        hasher.update(numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) } })
        hasher.update(sums)
        let digest = hasher.finalize()
        return (Block(littleEndian: digest[0..<16]), Block(littleEndian: digest[16..<32]))
    }

    /// The digest by which the sender shows that it knows the combined leaves.
    package static func proof(_ combination: Block, challenge: Block) -> [UInt8] {
        SHA256.hash(
            [UInt8]("Tabellion v1 bulk COT check".utf8) + challenge.littleEndianBytes + combination.littleEndianBytes
        )
    }
}
