internal import BooleanCircuits
internal import Correlations
package import CryptoCore
package import PartyChannel
internal import TLSProtocol
internal import VOLEProofs
internal import WireFormat

/// The prover of one MPC-TLS session: garbler, owner of the TCP connection, and prover of the final statement.
///
/// Use: the initialiser runs the setup, before the server is contacted; then
/// ``exchange(_:serverName:connection:validate:)``, ``open(_:)``, and ``prove(_:_:plan:)``. One instance is one session:
/// any failure burns it, because the notary's ephemeral share and the correlations must never meet a second attempt.
package final class Prover: Redacted {
    let channel: any PartyChannel
    let transcript: TranscribingChannel
    let parameters: SessionParameters
    let hooks: ProverHooks
    var random: BlockPRG

    let context: SessionContext
    let garbled: GarbledHandshake
    let notaryPoint: P256Point
    let material: ProverMaterial
    let maskWires: [Block]
    private var stage = Stage.ready

    /// The offset Δ_P of all labels; whoever learns it can give any input to the circuits.
    package var delta: Delta { material.delta }

    /// AND gates garbled for this session.
    package var andGatesGarbled: Int { garbled.andCount }

    /// The session's id, 32 bytes.
    package var sessionID: [UInt8] { context.sessionID }

    /// Runs the setup with a notary: everything up to the point where the server may be contacted.
    ///
    /// - Parameters:
    ///   - channel: an authenticated, encrypted channel to the notary.
    ///   - parameters: what is asked of the notary.
    ///   - random: fresh secret randomness for this session alone.
    ///   - hooks: progress, and the check of the notary's signature.
    ///   - counters: AES-GCM's, unless the prover is to cheat.
    /// - Throws: ``ChannelError``, ``MPCTLSError`` or an error of the correlations, all before any secret is at risk.
    package init(
        channel: any PartyChannel,
        parameters: SessionParameters,
        random: BlockPRG,
        hooks: ProverHooks,
        counters: KeystreamCounters = KeystreamCounters()
    ) throws {
        self.channel = channel
        self.parameters = parameters
        self.hooks = hooks
        self.random = random
        let transcript = TranscribingChannel(channel, isProver: true)
        self.transcript = transcript
        hooks.phase(.setup)
        try transcript.send(SessionFrame.parameters, parameters.wireBytes)
        let answer = try transcript.receive(SessionFrame.acceptance, exactly: SessionAcceptance.byteCount)
        let acceptance = try SessionAcceptance(wireBytes: answer, limit: SessionAcceptance.byteCount)
        let context = SessionContext(parameters: parameters, acceptance: acceptance)
        self.context = context
        guard let notaryPoint = try? P256Point(uncompressed: acceptance.ephemeralShare) else {
            throw MPCTLSError.peerViolation("the notary's ephemeral share is not a point of P-256")
        }
        self.notaryPoint = notaryPoint
        let material = try ProverMaterial(channel: transcript, context: context, random: self.random.fork())
        self.material = material

        hooks.phase(.garbling)
        let garbled = try GarbledHandshake(
            delta: material.delta,
            hashSeed: context.hashSeed,
            maxSent: parameters.maxSent,
            counters: counters,
            random: &self.random
        ) { tables in
            try channel.send(SessionFrame.tables, tables)
        }
        self.garbled = garbled
        let openedMasks = BitOrder.bytes(ofBits: garbled.opened.lowBits)
        try transcript.send(
            SessionFrame.openings,
            openedMasks + OpeningHashes.make(zeroLabels: garbled.opened, delta: material.delta)
        )
        maskWires = try material.proof.commit(garbled.shared.lowBits)
        try transcript.send(SessionFrame.masks, material.proof.takeMessage())
        _ = try transcript.receive(SessionFrame.ready, exactly: 0)
    }

    /// How far the session is.
    ///
    /// Every step happens once, and a step that fails leaves ``Stage/burnt`` behind: a second attempt would reveal
    /// differences of what one-time correlations mask.
    enum Stage {
        case ready, closed, opened, burnt
    }

    /// Starts the step that belongs to `expected`; until ``reach(_:)`` the session counts as burnt.
    func begin(_ expected: Stage) throws(MPCTLSError) {
        guard stage == expected else {
            throw .invalidRequest("a session exchanges, opens and proves once, in this order, until something fails")
        }
        stage = .burnt
    }

    /// Notes that a step ended well.
    func reach(_ next: Stage) { stage = next }
}

/// What the prover asks of its application while a session runs.
package struct ProverHooks {
    /// Called when a phase starts.
    package var phase: (SessionPhase) -> Void
    /// Checks the notary's signature over the transcript digest; throws if it is not the notary's.
    package var checkSignature: (_ digest: [UInt8], _ signature: [UInt8]) throws -> Void

    /// Hooks; both are called on the session's thread.
    package init(
        phase: @escaping (SessionPhase) -> Void,
        checkSignature: @escaping (_ digest: [UInt8], _ signature: [UInt8]) throws -> Void
    ) {
        self.phase = phase
        self.checkSignature = checkSignature
    }
}
