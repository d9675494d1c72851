package import CryptoCore
package import PartyChannel

/// The party that chooses factors in oblivious linear evaluation over the field of P-256; it holds the COTs' Δ.
///
/// For a factor a of this party and a random b of the other they obtain x and y with a·b = x + y. A deviating receiver
/// learns nothing about a. A deviating sender can make the sum wrong, in a way that may depend on bits of b: whoever
/// uses the shares must either notice a wrong sum, or check the sender later with
/// ``P256OLEReceiver/audit(delta:factors:)``.
package final class P256OLESender: Redacted {
    private let channel: any PartyChannel
    private let correlations: COTSender

    /// Products from the COTs of `correlations`, 256 each.
    package init(channel: any PartyChannel, correlations: COTSender) {
        self.channel = channel
        self.correlations = correlations
    }

    /// Multiplies `factors`, each with a random element of the receiver: one frame each way, 8 KB a product sent.
    ///
    /// - Returns: This party's shares x.
    /// - Throws: ``CorrelationError`` or ``ChannelError``.
    package func generate(inputs factors: [P256FieldElement]) throws -> [P256FieldElement] {
        guard factors.count <= P256OLE.batchCountMax else { throw CorrelationError.invalidCount(factors.count) }
        guard !factors.isEmpty else { return [] }
        let firstTweak = correlations.handedOut
        let keys = try correlations.extend(P256OLE.bitCount * factors.count)
        let corrections = try channel.receive(.oleChoices, exactly: 32 * factors.count)
        var message: [UInt8] = []
        message.reserveCapacity(P256OLE.productByteCount * factors.count)
        var shares: [P256FieldElement] = []
        for (index, factor) in factors.enumerated() {
            let product = P256OLE.product(
                factor: factor,
                keys: keys[P256OLE.bitCount * index..<P256OLE.bitCount * (index + 1)],
                flips: P256OLE.bits(corrections[32 * index..<32 * (index + 1)]),
                delta: correlations.delta,
                firstTweak: firstTweak + UInt64(P256OLE.bitCount * index)
            )
            message += product.message
            shares.append(product.share)
        }
        try channel.send(.p256OLE, message)
        try channel.flush()
        return shares
    }
}
