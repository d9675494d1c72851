internal import CryptoCore

/// What both parties of an OLE over the field of P-256 share: pads, weights, shapes.
///
/// Gilboa's multiplication (CRYPTO 1999, §4.1) from correlated OT: with bits b_j of b, the sender's message
/// τ_j = pad(j, 0) − pad(j, 1) + a turns pad(j, b_j) into pad(j, 0) + b_j·a, and the weights 2^j sum these to a·b.
enum P256OLE {
    /// COTs that one product consumes.
    static let bitCount = 256

    /// The most products of one batch.
    static let batchCountMax = 1 << 10

    /// Bytes that the sender sends for one product.
    static let productByteCount = 32 * bitCount

    /// The pad of one side of a COT: 48 bytes of a tweakable correlation-robust hash, reduced mod p.
    ///
    /// - Parameter tweak: The number of the COT within its instance, so that each is used once even if the receiver chose equal MACs.
    static func pad(_ block: Block, tweak: UInt64) -> P256FieldElement {
        // Three tweaks a COT, in a range that no other use of the same Δ touches.
        let first = 1 << 62 | tweak << 2
        let blocks = CorrelationRobustHash.hash([block, block, block], firstTweak: first)
        return P256FieldElement(reducingBigEndian: blocks.littleEndianBytes)
    }

    /// Σ 2^j·values[j].
    static func weightedSum(_ values: some BidirectionalCollection<P256FieldElement>) -> P256FieldElement {
        values.reversed().reduce(.zero) { $0 + $0 + $1 }
    }

    /// What an honest sender computes for one product from its keys.
    ///
    /// - Parameters:
    ///   - factor: The sender's input a.
    ///   - keys: 256 keys.
    ///   - flips: For each key whether the receiver's bit is the opposite of the COT's choice bit.
    /// - Returns: The message, and the sender's share of the product.
    static func product(
        factor: P256FieldElement,
        keys: ArraySlice<Block>,
        flips: [Bool],
        delta: Delta,
        firstTweak: UInt64
    ) -> (message: [UInt8], share: P256FieldElement) {
        var message: [UInt8] = []
        message.reserveCapacity(productByteCount)
        var zeroPads: [P256FieldElement] = []
        for (index, key) in keys.enumerated() {
            let tweak = firstTweak + UInt64(index)
            let zeroPad = pad(key ^ delta.block.masked(by: flips[index]), tweak: tweak)
            let onePad = pad(key ^ delta.block.masked(by: !flips[index]), tweak: tweak)
            message += (zeroPad - onePad + factor).bytes
            zeroPads.append(zeroPad)
        }
        return (message, -weightedSum(zeroPads))
    }

    /// The bits of one product's correction message.
    static func bits(_ bytes: some Collection<UInt8>) -> [Bool] {
        bytes.flatMap { byte in (0..<8).map { byte >> $0 & 1 == 1 } }
    }
}
