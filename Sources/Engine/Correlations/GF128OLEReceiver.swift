package import CryptoCore
package import PartyChannel

/// The party whose factors are random in oblivious linear evaluation over GF(2^128).
package final class GF128OLEReceiver: Redacted {
    private let channel: any PartyChannel
    private let correlations: COTReceiver
    private var record: [ProductRecord] = []

    /// What must be kept of a product to recompute the sender's message later.
    private struct ProductRecord: Redacted {
        let firstTweak: UInt64
        let macs: [Block]
        let message: [Block]
    }

    /// Products from the COTs of `correlations`, 128 each.
    package init(channel: any PartyChannel, correlations: COTReceiver) {
        self.channel = channel
        self.correlations = correlations
    }

    /// Multiplies random elements b with the sender's factors; receives one frame of 2 KB a product.
    ///
    /// - Returns: For each product b and this party's share y: a·b = x ⊕ y.
    /// - Throws: ``CorrelationError`` or ``ChannelError``.
    package func generate(count: Int) throws -> [(factor: Block, share: Block)] {
        guard (0...GF128OLE.batchCountMax).contains(count) else { throw CorrelationError.invalidCount(count) }
        guard count > 0 else { return [] }
        let firstTweak = correlations.handedOut
        let macs = try correlations.extend(GF128OLE.bitCount * count)
        let bytes = try channel.receive(.gf128OLE, exactly: GF128OLE.productByteCount * count)
        guard let message = [Block](littleEndian: bytes) else { throw CorrelationError.malformed(tag: .gf128OLE) }
        return (0..<count).map { index in
            let range = GF128OLE.bitCount * index..<GF128OLE.bitCount * (index + 1)
            let product = ProductRecord(
                firstTweak: firstTweak + UInt64(range.lowerBound),
                macs: [Block](macs[range]),
                message: [Block](message[range])
            )
            record.append(product)
            return share(of: product)
        }
    }

    /// Recomputes every message of the sender from what it opened; see ``P256OLEReceiver/audit(delta:factors:)``.
    ///
    /// - Throws: ``CorrelationError/auditFailed`` if one message differs from the honest one.
    package func audit(delta: Delta, factors: [Block]) throws(CorrelationError) -> [Block] {
        guard factors.count == record.count else { throw .auditFailed }
        var shares: [Block] = []
        for (index, product) in record.enumerated() {
            let honest = GF128OLE.product(
                factor: factors[index],
                keys: product.macs.map { $0 ^ delta.block.masked(by: $0.lowBit) },
                delta: delta,
                firstTweak: product.firstTweak
            )
            guard constantTimeEqual(honest.message, product.message) else { throw .auditFailed }
            shares.append(honest.share)
        }
        return shares
    }

    private func share(
        of product: ProductRecord
    ) -> (factor: Block, share: Block) {
        var factor = Block.zero
        var terms = GF128OLE.pads(product.macs, firstTweak: product.firstTweak)
        for (index, mac) in product.macs.enumerated() {
            factor ^= GF128OLE.weights[index].masked(by: mac.lowBit)
            terms[index] ^= product.message[index].masked(by: mac.lowBit)
        }
        return (factor, GF128.innerProduct(GF128OLE.weights, terms))
    }
}
