internal import CryptoCore

/// What both parties of an OLE over GF(2^128) share; see ``P256OLE`` for the construction.
///
/// The receiver's factor is made of the COTs' own random choice bits, so the sender's message is the only one.
enum GF128OLE {
    /// COTs that one product consumes.
    static let bitCount = 128

    /// The most products of one batch.
    static let batchCountMax = 1 << 12

    /// Bytes that the sender sends for one product.
    static let productByteCount = 16 * bitCount

    /// The weights 1, x, x², …, x^127.
    static let weights: [Block] = (0..<bitCount).map { index in
        index < 64 ? Block(1 << UInt64(index), 0) : Block(0, 1 << UInt64(index - 64))
    }

    /// The pads of COTs numbered `firstTweak`, `firstTweak` + 1, … within their instance.
    static func pads(_ blocks: [Block], firstTweak: UInt64) -> [Block] {
        CorrelationRobustHash.hash(blocks, firstTweak: 1 << 63 | firstTweak)
    }

    /// What an honest sender computes for one product from its 128 keys.
    static func product(
        factor: Block,
        keys: [Block],
        delta: Delta,
        firstTweak: UInt64
    ) -> (message: [Block], share: Block) {
        let zeroPads = pads(keys, firstTweak: firstTweak)
        let onePads = pads(keys.map { $0 ^ delta.block }, firstTweak: firstTweak)
        let message = zip(zeroPads, onePads).map { $0 ^ $1 ^ factor }
        return (message, GF128.innerProduct(weights, zeroPads))
    }
}
