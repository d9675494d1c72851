package import Correlations
package import CryptoCore
package import PartyChannel
internal import VOLEProofs

/// The correlations that a notary makes for one session.
package final class NotaryMaterial: Redacted {
    /// The proof's authenticated bits, under Δ_V.
    package let correlations: BulkCOTSender
    /// MACs of the transfer of the notary's input labels; the low bits are its random choices.
    let labelBits: [Block]
    let fieldShares: [P256FieldElement]
    let hashKeyShares: [Block]
    let meter = CorrelationMeter()
    let proof: ProofVerifier

    /// Runs the setup's correlations with the prover.
    ///
    /// Δ_V (proof) comes from `random` and Δ_O (linear evaluation) from `seed`: what is opened about the evaluations
    /// says nothing about the proof.
    /// - Throws: ``CorrelationError`` or ``ChannelError``.
    package init(channel: any PartyChannel, context: SessionContext, seed: NotarySeed, random: inout BlockPRG) throws {
        let proofDelta = Delta(random: &random)
        let correlations = try BulkCOTSender(
            channel: channel,
            delta: proofDelta,
            random: random.fork(),
            sessionID: context.label("proof correlations")
        )
        // The proof may take more than was prepared.
        try correlations.reserve(context.correlationCount, more: true)
        self.correlations = correlations
        let labels = try COTReceiver(
            channel: channel,
            random: random.fork(),
            sessionID: context.label("label transfer")
        )
        labelBits = try labels.extend(256)
        let evaluations = try COTSender(
            channel: channel,
            delta: seed.evaluationDelta,
            random: random.fork(),
            sessionID: context.label("linear evaluation")
        )
        fieldShares = try P256OLESender(channel: channel, correlations: evaluations).generate(inputs: seed.fieldInputs)
        hashKeyShares = try GF128OLESender(channel: channel, correlations: evaluations).generate(
            inputs: seed.hashKeyInputs(count: context.hashKeyEvaluationCount)
        )
        let meter = self.meter
        proof = ProofVerifier(delta: proofDelta) { count in
            meter.add(count)
            return try correlations.extend(count)
        }
    }
}
