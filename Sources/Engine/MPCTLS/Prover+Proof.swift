internal import BooleanCircuits
internal import Correlations
package import CryptoCore
internal import PartyChannel
internal import TLSProtocol
internal import WireFormat

/// The transcript in the clear, after the notary has opened its seed and everything it sent was checked.
package struct OpenedTranscript: Redacted {
    /// The request and the response.
    package let sent: [UInt8]
    package let received: [UInt8]
    /// Whether the server ended the response with an authenticated close_notify.
    package let endedWithCloseNotify: Bool
    let notaryShare: P256FieldElement
    let disclosureSalt: [UInt8]

    /// A transcript that somebody vouches for.
    ///
    /// - Parameters:
    ///   - notaryShare: the notary's share of the premaster secret.
    ///   - disclosureSalt: ``NotarySeed/disclosureSalt``.
    package init(
        sent: [UInt8],
        received: [UInt8],
        endedWithCloseNotify: Bool,
        notaryShare: P256FieldElement,
        disclosureSalt: [UInt8]
    ) {
        self.sent = sent
        self.received = received
        self.endedWithCloseNotify = endedWithCloseNotify
        self.notaryShare = notaryShare
        self.disclosureSalt = disclosureSalt
    }
}

/// What the notary opened, with its signature over the transcript before.
package struct NotaryOpening: Redacted {
    /// What was signed.
    let transcriptDigest: [UInt8]
    /// The seed, unchecked.
    package let seed: NotarySeed
    /// The signature, as the application checked it.
    let signature: [UInt8]

    /// What convinces others that the notary deviated, once a check against the seed has failed.
    func evidence(sessionID: [UInt8]) -> NotaryEvidence {
        NotaryEvidence(
            sessionID: sessionID,
            transcriptDigest: transcriptDigest,
            signature: signature,
            seed: seed.bytes
        )
    }
}

extension Prover {
    /// Fixes all records with the notary, has its seed opened, checks everything that the notary ever sent, and
    /// decrypts.
    ///
    /// - Throws: ``MPCTLSError/notaryMisbehaved(_:evidence:)`` with signed evidence if the seed contradicts a message;
    ///   ``MPCTLSError/serverFailure(_:)`` if the server's records do not verify.
    package func open(_ exchange: ClosedExchange) throws -> OpenedTranscript {
        let opening = try requestOpening(exchange)
        try begin(.opened)
        do {
            let share = try check(seed: opening.seed, exchange)
            let transcript = try decrypt(exchange, seed: opening.seed, notaryShare: share)
            reach(.opened)
            return transcript
        } catch MPCTLSError.notaryMisbehaved(let what, _) {
            throw MPCTLSError.notaryMisbehaved(what, evidence: opening.evidence(sessionID: context.sessionID))
        }
    }

    /// Sends all records to the notary and takes its signed seed, unchecked but for the signature.
    ///
    /// ``open(_:)`` is what sessions use: it also checks that the notary's every message follows from the seed.
    package func requestOpening(_ exchange: ClosedExchange) throws -> NotaryOpening {
        try begin(.closed)
        hooks.phase(.proof)
        let record = exchange.record
        let close = CloseMessage(
            finishedTag: record.clientFinished.tag,
            requestTag: record.request.tag,
            serverFinishedHash: record.serverFinishedHash,
            serverFinished: record.serverFinished,
            serverRecords: record.serverRecords
        )
        try transcript.send(SessionFrame.close, close.wireBytes)
        let digest = transcript.digest
        let opening = try channel.receive(SessionFrame.opening, limit: 32 + Notary.signatureByteCountMax)
        guard opening.count > 32 else { throw MPCTLSError.peerViolation("the notary's opening is too short") }
        let signature = Array(opening[32...])
        try hooks.checkSignature(digest, signature)
        reach(.opened)
        return NotaryOpening(
            transcriptDigest: digest,
            seed: NotarySeed(bytes: Array(opening[..<32])),
            signature: signature
        )
    }

    /// Recomputes every message of the notary's from its seed; returns its share of the premaster secret.
    private func check(seed: NotarySeed, _ exchange: ClosedExchange) throws -> P256FieldElement {
        let keys = exchange.keys
        func refuse(_ what: String) -> MPCTLSError { .notaryMisbehaved(what, evidence: nil) }
        guard constantTimeEqual(seed.commitment, context.acceptance.seedCommitment) else {
            throw refuse("it opened another seed than it committed to")
        }
        guard try P256Point.generatorMultiple(seed.ephemeralShare) == notaryPoint else {
            throw refuse("its ephemeral share does not follow from its seed")
        }
        let serverPoint = try P256Point(uncompressed: exchange.disclosure.serverPoint)
        let notarySecret = try serverPoint.multiplied(by: seed.ephemeralShare)
        let (fieldShares, hashKeyShares) = try audit(seed)
        let share = try keys.premaster.check(seed: seed, shares: fieldShares, notaryPoint: notarySecret)
        let shared = try serverPoint.multiplied(by: exchange.ephemeralShare).adding(notarySecret)
        let premaster = keys.premaster.share + share
        guard constantTimeEqual(premaster.bytes, shared.x) else {
            throw refuse("the shares of the key exchange do not add up")
        }
        let expected = try LocalKeySchedule(premaster: premaster.bytes, view: keys.view)
        for value in OpenedValue.allCases {
            let (own, answered) = (expected.bits(value), keys.view.bits(value))
            guard constantTimeEqual(BitOrder.bytes(ofBits: own), BitOrder.bytes(ofBits: answered)) else {
                throw refuse("its answer for \(value) is wrong")
            }
        }
        let hashKey = xor(expected.clientHashKey, BitOrder.bytes(ofBits: garbled.hashKey.lowBits))
        try keys.tags.check(seed: seed, shares: hashKeyShares, notaryShare: GF128.fromGHASH(bytes: hashKey))
        for (sequence, record, plaintext) in [
            (
                UInt64(0), exchange.record.clientFinished,
                HandshakeMessage(
                    type: .finished,
                    body: keys.view.digest(.verifyData)
                ).encoded
            ),
            (1, exchange.record.request, exchange.request),
        ] {
            guard let opened = try? expected.client.open(record, sequence: sequence),
                constantTimeEqual(opened, plaintext)
            else {
                throw refuse("its part in protecting record \(sequence) is wrong")
            }
        }
        return share
    }

    /// The notary's share of the premaster secret, if its seed is right and it did as the seed says.
    package func notaryShare(seed: NotarySeed, _ exchange: ClosedExchange) throws -> P256FieldElement {
        let serverPoint = try P256Point(uncompressed: exchange.disclosure.serverPoint)
        return try exchange.keys.premaster.notaryShare(
            seed: seed,
            shares: try audit(seed).0,
            notaryPoint: try serverPoint.multiplied(by: seed.ephemeralShare)
        )
    }

    /// Recomputes every message of the notary's in the oblivious linear evaluations.
    private func audit(_ seed: NotarySeed) throws(MPCTLSError) -> ([P256FieldElement], [Block]) {
        do {
            return (
                try material.fieldProducts.audit(delta: seed.evaluationDelta, factors: seed.fieldInputs),
                try material.hashKeyProducts.audit(
                    delta: seed.evaluationDelta,
                    factors: seed.hashKeyInputs(count: material.hashKeyCorrelations.count)
                )
            )
        } catch {
            throw .notaryMisbehaved("its linear evaluations do not follow from its seed", evidence: nil)
        }
    }

    private func decrypt(
        _ exchange: ClosedExchange,
        seed: NotarySeed,
        notaryShare: P256FieldElement
    ) throws -> OpenedTranscript {
        let record = exchange.record
        let premaster = exchange.keys.premaster.share + notaryShare
        let keys = try LocalKeySchedule(premaster: premaster.bytes, view: record.view)
        let verifyData = keys.serverVerifyData(handshakeHash: record.serverFinishedHash)
        guard let finished = try? keys.server.open(record.serverFinished, sequence: 0),
            constantTimeEqual(finished, HandshakeMessage(type: .finished, body: verifyData).encoded)
        else {
            throw MPCTLSError.serverFailure("the server's Finished is wrong: somebody tampered with the handshake")
        }
        var received: [UInt8] = []
        var closed = false
        for (index, serverRecord) in record.serverRecords.enumerated() {
            guard let plaintext = try? keys.server.open(serverRecord, sequence: UInt64(index + 1)) else {
                throw MPCTLSError.serverFailure("record \(index + 1) of the response is not authentic")
            }
            switch serverRecord.type {
            case .applicationData: received += plaintext
            default: closed = constantTimeEqual(plaintext, TLSAlert.closeNotify.encoded)
            }
        }
        return OpenedTranscript(
            sent: exchange.request,
            received: received,
            endedWithCloseNotify: closed,
            notaryShare: notaryShare,
            disclosureSalt: seed.disclosureSalt
        )
    }

    /// Proves the session and what `plan` discloses of it.
    ///
    /// - Returns: the facts as the notary now knows them, and what only the prover keeps.
    /// - Throws: ``MPCTLSError/invalidRequest(_:)`` for a plan that does not fit the transcript.
    package func prove(
        _ exchange: ClosedExchange,
        _ opened: OpenedTranscript,
        plan: DisclosurePlan
    ) throws -> (facts: SessionFacts, secrets: ProverSecrets) {
        try plan.sent.validate(byteCount: opened.sent.count)
        try plan.received.validate(byteCount: opened.received.count)
        try begin(.opened)
        try channel.send(SessionFrame.plan, plan.wireBytes)
        let committedCount = (plan.sent.segments + plan.received.segments).count { $0.treatment == .committed }
        let blinders = (0..<committedCount).map { _ in random.bytes(16) }
        let backend = try ProvingBackend(
            proof: material.proof,
            channel: channel,
            meter: material.meter,
            budget: try ProofStatement<CountingProofBackend>.budget(record: exchange.record, plan: plan),
            witnessBits: blinders.flatMap { BitOrder.bits(ofBytes: $0) },
            reserve: { [material] in try material.correlations.reserve($0) }
        )
        var statement = ProofStatement(backend: backend, record: exchange.record, plan: plan)
        try statement.run(
            proverShare: exchange.keys.shareWires,
            notaryShare: FieldCoding.integerBits(opened.notaryShare),
            masks: maskWires,
            colours: []
        )
        try backend.finish()
        let facts = SessionFacts(
            sessionID: context.sessionID,
            parameters: parameters,
            handshake: exchange.disclosure,
            serverFinishedHash: exchange.record.serverFinishedHash,
            sentByteCount: opened.sent.count,
            receivedByteCount: opened.received.count,
            endedWithCloseNotify: opened.endedWithCloseNotify,
            disclosureSalt: opened.disclosureSalt,
            segments: try ProvenSegments.complete(
                statement.values.segments,
                plan: plan,
                sent: opened.sent,
                received: opened.received
            )
        )
        let secrets = ProverSecrets(
            handshake: exchange.handshake,
            handshakeBlinder: exchange.handshakeBlinder,
            sent: opened.sent,
            received: opened.received,
            blinders: blinders
        )
        return (facts, secrets)
    }
}
