package import CryptoCore
package import PartyChannel

/// The party that chooses factors in oblivious linear evaluation over GF(2^128); it holds the COTs' Δ.
///
/// For a factor a of this party and a random b of the other they obtain x and y with a·b = x ⊕ y. What each party can do
/// wrong is as for ``P256OLESender``.
package final class GF128OLESender: Redacted {
    private let channel: any PartyChannel
    private let correlations: COTSender

    /// Products from the COTs of `correlations`, 128 each.
    package init(channel: any PartyChannel, correlations: COTSender) {
        self.channel = channel
        self.correlations = correlations
    }

    /// Multiplies `factors`, each with a random element of the receiver: sends one frame of 2 KB a product.
    ///
    /// - Returns: This party's shares x.
    /// - Throws: ``CorrelationError`` or ``ChannelError``.
    package func generate(inputs factors: [Block]) throws -> [Block] {
        guard factors.count <= GF128OLE.batchCountMax else { throw CorrelationError.invalidCount(factors.count) }
        guard !factors.isEmpty else { return [] }
        let firstTweak = correlations.handedOut
        let keys = try correlations.extend(GF128OLE.bitCount * factors.count)
        var message: [Block] = []
        var shares: [Block] = []
        for (index, factor) in factors.enumerated() {
            let product = GF128OLE.product(
                factor: factor,
                keys: [Block](keys[GF128OLE.bitCount * index..<GF128OLE.bitCount * (index + 1)]),
                delta: correlations.delta,
                firstTweak: firstTweak + UInt64(GF128OLE.bitCount * index)
            )
            message += product.message
            shares.append(product.share)
        }
        try channel.send(.gf128OLE, message.littleEndianBytes)
        try channel.flush()
        return shares
    }
}
