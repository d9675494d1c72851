internal import BooleanCircuits
internal import Correlations
package import CryptoCore
package import PartyChannel
package import TLSProtocol
internal import VOLEProofs
internal import WireFormat

/// What the notary asks of its application while a session runs.
package struct NotaryHooks {
    /// Called when a phase starts.
    package var phase: (SessionPhase) -> Void
    /// Decides whether parameters are acceptable; throws ``MPCTLSError/refusedByPolicy(_:)`` if not.
    package var accept: (SessionParameters) throws -> Void
    /// Checks a revealed server identity: chain, host name, time and key exchange signature.
    package var validate: (HandshakeTranscript) throws -> Void
    /// Signs the digest of everything said so far; the signature is at most 256 bytes.
    ///
    /// Called once a session, whose id, 32 bytes, comes with it: what was signed for a session can be remembered.
    package var sign: (_ transcriptDigest: [UInt8], _ sessionID: [UInt8]) throws -> [UInt8]

    /// Hooks; all are called on the session's thread.
    package init(
        phase: @escaping (SessionPhase) -> Void,
        accept: @escaping (SessionParameters) throws -> Void,
        validate: @escaping (HandshakeTranscript) throws -> Void,
        sign: @escaping (_ transcriptDigest: [UInt8], _ sessionID: [UInt8]) throws -> [UInt8]
    ) {
        self.phase = phase
        self.accept = accept
        self.validate = validate
        self.sign = sign
    }
}

/// The notary of one MPC-TLS session: evaluator, holder of half of the client's key, and verifier of the statement.
///
/// ``run()`` is the whole session. It never sees plaintext or full keys before the prover's records are fixed, and
/// afterwards only what the prover discloses. One instance is one session; nothing of it is ever used again.
package final class Notary: Redacted {
    private let channel: any PartyChannel
    private let transcript: TranscribingChannel
    private let hooks: NotaryHooks
    private var random: BlockPRG
    private let givenSeed: NotarySeed?
    private var hasRun = false

    /// The most bytes of the notary's signature.
    static let signatureByteCountMax = 256

    /// - Parameters:
    ///   - channel: an authenticated, encrypted channel to the prover.
    ///   - random: fresh secret randomness for this session alone.
    ///   - seed: ρ, to replay a session or to look at what depends on it; otherwise 32 bytes of `random`, as it must be.
    package init(channel: any PartyChannel, random: BlockPRG, seed: NotarySeed? = nil, hooks: NotaryHooks) {
        self.channel = channel
        self.random = random
        givenSeed = seed
        self.hooks = hooks
        transcript = TranscribingChannel(channel, isProver: false)
    }

    /// Runs the session.
    ///
    /// - Returns: what was proved; only then may anything be signed for the prover.
    /// - Throws: ``MPCTLSError``, ``ChannelError``, ``CorrelationError``, or what a hook throws. The session is burnt then.
    package func run() throws -> SessionFacts {
        guard !hasRun else { throw MPCTLSError.invalidRequest("a notary runs one session") }
        hasRun = true
        do {
            return try runSession()
        } catch let error as WireError {
            throw MPCTLSError.peerViolation("a message is malformed: \(error)")
        } catch let error as VOLEProofError {
            throw MPCTLSError.proofRejected("\(error)")
        }
    }

    private func runSession() throws -> SessionFacts {
        hooks.phase(.setup)
        let parameters = try agree()
        let ownSeed = NotarySeed(bytes: random.bytes(32))
        let seed = givenSeed ?? ownSeed
        let acceptance = SessionAcceptance(
            notaryNonce: random.bytes(32),
            seedCommitment: seed.commitment,
            ephemeralShare: try P256Point.generatorMultiple(seed.ephemeralShare).uncompressed
        )
        try transcript.send(SessionFrame.acceptance, acceptance.wireBytes)
        let context = SessionContext(parameters: parameters, acceptance: acceptance)
        let material = try NotaryMaterial(channel: transcript, context: context, seed: seed, random: &random)

        hooks.phase(.garbling)
        let handshake = NotaryHandshake(
            channel: channel,
            transcript: transcript,
            context: context,
            seed: seed,
            material: material,
            nonces: random.fork()
        )
        try handshake.receiveGarbling()
        hooks.phase(.handshake)
        let disclosure = try handshake.exchangeKeys(validate: hooks.validate)
        try handshake.evaluateKeySchedule()
        try handshake.protectFinished()
        hooks.phase(.request)
        try handshake.protectRequest()
        hooks.phase(.response)
        let record = try handshake.close(disclosure: disclosure)

        hooks.phase(.proof)
        let digest = transcript.digest
        let signature = try hooks.sign(digest, context.sessionID)
        guard (1...Self.signatureByteCountMax).contains(signature.count) else {
            throw MPCTLSError.invalidRequest("a signature has 1 to \(Self.signatureByteCountMax) bytes")
        }
        try channel.send(SessionFrame.opening, seed.bytes + signature)
        try channel.flush()
        return try verify(context: context, material: material, handshake: handshake, record: record, disclosure)
    }

    private func agree() throws -> SessionParameters {
        let bytes = try transcript.receive(SessionFrame.parameters, limit: SessionParameters.byteCountMax)
        let parameters = try SessionParameters(wireBytes: bytes, limit: SessionParameters.byteCountMax)
        try hooks.accept(parameters)
        return parameters
    }

    /// Verifies the statement and every tag; the seed is open, so nothing but verification happens from here on.
    private func verify(
        context: SessionContext,
        material: NotaryMaterial,
        handshake: NotaryHandshake,
        record: SessionRecord,
        _ disclosure: HandshakeDisclosure
    ) throws -> SessionFacts {
        let bytes = try channel.receive(SessionFrame.plan, limit: DisclosurePlan.byteCountMax)
        let plan = try DisclosurePlan(wireBytes: bytes, limit: DisclosurePlan.byteCountMax)
        do {
            try plan.sent.validate(byteCount: record.request.ciphertext.count)
            try plan.received.validate(byteCount: record.receivedByteCount)
        } catch {
            throw error.blamedOnProver
        }
        let backend = try VerifyingBackend(
            proof: material.proof,
            channel: channel,
            meter: material.meter,
            budget: try ProofStatement<CountingProofBackend>.budget(record: record, plan: plan),
            challenges: random.fork(),
            reserve: { try material.correlations.reserve($0) }
        )
        var statement = ProofStatement(backend: backend, record: record, plan: plan)
        try statement.run(
            proverShare: handshake.shareWires,
            notaryShare: FieldCoding.integerBits(handshake.share),
            masks: handshake.maskWires,
            colours: handshake.sharedColours
        )
        try backend.verify()
        let opened = try RecordVerification(record: record, values: statement.values).verify()
        return SessionFacts(
            sessionID: context.sessionID,
            parameters: context.parameters,
            handshake: disclosure,
            serverFinishedHash: record.serverFinishedHash,
            sentByteCount: record.request.ciphertext.count,
            receivedByteCount: record.receivedByteCount,
            endedWithCloseNotify: opened.endedWithCloseNotify,
            disclosureSalt: handshake.seed.disclosureSalt,
            segments: try ProvenSegments.complete(
                statement.values.segments,
                plan: plan,
                sent: opened.sent,
                received: opened.received
            )
        )
    }
}
