package import CryptoCore
package import PartyChannel

/// The party whose factors are random in oblivious linear evaluation over the field of P-256.
///
/// See ``P256OLESender`` for what is computed and what each party can do wrong.
package final class P256OLEReceiver: Redacted {
    private let channel: any PartyChannel
    private let correlations: COTReceiver
    private var record: [ProductRecord] = []

    /// What must be kept of a product to recompute the sender's message later.
    private struct ProductRecord: Redacted {
        let firstTweak: UInt64
        let macs: [Block]
        let flips: [Bool]
        let message: [UInt8]
    }

    /// Products from the COTs of `correlations`, 256 each.
    package init(channel: any PartyChannel, correlations: COTReceiver) {
        self.channel = channel
        self.correlations = correlations
    }

    /// Multiplies random elements b, drawn from `random`, with the sender's factors: one frame each way.
    ///
    /// - Returns: For each product b and this party's share y: a·b = x + y.
    /// - Throws: ``CorrelationError/malformed(tag:)`` for a number that is not below p, other ``CorrelationError``s and
    ///   ``ChannelError``.
    package func generate(
        count: Int,
        random: inout BlockPRG
    ) throws -> [(factor: P256FieldElement, share: P256FieldElement)] {
        guard (0...P256OLE.batchCountMax).contains(count) else { throw CorrelationError.invalidCount(count) }
        guard count > 0 else { return [] }
        let firstTweak = correlations.handedOut
        let macs = try correlations.extend(P256OLE.bitCount * count)
        let factors = (0..<count).map { _ in P256FieldElement.random(from: &random) }
        // Bit j of a factor replaces the COT's random choice bit; what is sent is their difference.
        var corrections: [UInt8] = []
        for (index, factor) in factors.enumerated() {
            for (byteIndex, byte) in factor.bytes.reversed().enumerated() {
                let first = P256OLE.bitCount * index + 8 * byteIndex
                corrections.append((0..<8).reduce(byte) { $0 ^ UInt8(macs[first + $1][0] & 1) << UInt8($1) })
            }
        }
        try channel.send(.oleChoices, corrections)
        let message = try channel.receive(.p256OLE, exactly: P256OLE.productByteCount * count)

        return try factors.enumerated().map { index, factor in
            let product = ProductRecord(
                firstTweak: firstTweak + UInt64(P256OLE.bitCount * index),
                macs: [Block](macs[P256OLE.bitCount * index..<P256OLE.bitCount * (index + 1)]),
                flips: P256OLE.bits(corrections[32 * index..<32 * (index + 1)]),
                message: [UInt8](message[P256OLE.productByteCount * index..<P256OLE.productByteCount * (index + 1)])
            )
            record.append(product)
            return (factor, try share(of: product))
        }
    }

    /// Recomputes every message of the sender from what it opened, over all batches so far.
    ///
    /// - Parameters:
    ///   - delta: The Δ that the sender claims to have used; it must not be used for anything else any more.
    ///   - factors: Its factors, in the order of the products.
    /// - Returns: The shares x that an honest sender obtained.
    /// - Throws: ``CorrelationError/auditFailed`` if one message differs from the honest one.
    package func audit(
        delta: Delta,
        factors: [P256FieldElement]
    ) throws(CorrelationError) -> [P256FieldElement] {
        guard factors.count == record.count else { throw .auditFailed }
        var shares: [P256FieldElement] = []
        for (index, product) in record.enumerated() {
            let keys = product.macs.map { $0 ^ delta.block.masked(by: $0.lowBit) }
            let honest = P256OLE.product(
                factor: factors[index],
                keys: keys[...],
                flips: product.flips,
                delta: delta,
                firstTweak: product.firstTweak
            )
            guard constantTimeEqual(honest.message, product.message) else { throw .auditFailed }
            shares.append(honest.share)
        }
        return shares
    }

    private func share(of product: ProductRecord) throws(CorrelationError) -> P256FieldElement {
        var terms: [P256FieldElement] = []
        for (index, mac) in product.macs.enumerated() {
            let bytes = [UInt8](product.message[32 * index..<32 * (index + 1)])
            guard let correction = try? P256FieldElement(bigEndian: bytes) else { throw .malformed(tag: .p256OLE) }
            let bit = mac.lowBit != product.flips[index]
            terms.append(P256OLE.pad(mac, tweak: product.firstTweak + UInt64(index)) + correction.masked(by: bit))
        }
        return P256OLE.weightedSum(terms)
    }
}
