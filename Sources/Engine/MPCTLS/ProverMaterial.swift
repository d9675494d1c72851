internal import Correlations
package import CryptoCore
package import PartyChannel
internal import VOLEProofs

/// The correlations that a prover makes for one session, in the order of ``NotaryMaterial``.
package final class ProverMaterial: Redacted {
    /// Δ_P, the offset of all labels.
    let delta: Delta
    /// The proof's authenticated bits.
    let correlations: BulkCOTReceiver
    /// Keys of the transfer of the notary's input labels.
    let shareLabels: [Block]
    let fieldProducts: P256OLEReceiver
    let fieldCorrelations: [FieldProduct]
    let hashKeyProducts: GF128OLEReceiver
    let hashKeyCorrelations: [(factor: Block, share: Block)]
    let meter = CorrelationMeter()
    let proof: ProofProver

    /// Runs the setup's correlations with the notary.
    ///
    /// - Throws: ``CorrelationError`` or ``ChannelError``.
    package init(channel: any PartyChannel, context: SessionContext, random: BlockPRG) throws {
        var random = random
        delta = Delta(random: &random)
        let correlations = try BulkCOTReceiver(
            channel: channel,
            random: random.fork(),
            sessionID: context.label("proof correlations")
        )
        // The proof may take more than was prepared.
        try correlations.reserve(context.correlationCount, more: true)
        self.correlations = correlations
        let labels = try COTSender(
            channel: channel,
            delta: delta,
            random: random.fork(),
            sessionID: context.label("label transfer")
        )
        shareLabels = try labels.extend(256)
        let evaluations = try COTReceiver(
            channel: channel,
            random: random.fork(),
            sessionID: context.label("linear evaluation")
        )
        fieldProducts = P256OLEReceiver(channel: channel, correlations: evaluations)
        fieldCorrelations = try fieldProducts.generate(count: 3, random: &random)
        hashKeyProducts = GF128OLEReceiver(channel: channel, correlations: evaluations)
        hashKeyCorrelations = try hashKeyProducts.generate(count: context.hashKeyEvaluationCount)
        let meter = self.meter
        proof = ProofProver { count in
            meter.add(count)
            return try correlations.extend(count)
        }
    }
}
