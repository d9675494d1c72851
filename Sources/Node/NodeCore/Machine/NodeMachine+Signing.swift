internal import Attestations
internal import KeyValueStorage
internal import Records

extension NodeMachine {
    /// Signs an attestation, unless something else was signed for its session; it leaves when it is safe.
    ///
    /// Signature, record, indexes and the intent to publish are one batch.
    mutating func attest(_ request: SigningRequestID, _ header: AttestationHeader, _ text: String?, now: NodeInstant) {
        do throws(SigningRefusal) {
            guard header.network == configuration.network else { throw .unfitting("network") }
            guard header.notary == account else { throw .unfitting("notary") }
            let intent = SigningIntent(attesting: header)
            // Others may know what a node that goes on from a backup has forgotten.
            let session = SessionKey(notary: account, sessionID: header.sessionID)
            let other = attestations(of: session, now: now).first { $0.value != intent.digest }
            if let other { throw .conflict(other.value) }
            let changes = try remember(intent, now: now)
            let attestation: Attestation
            do { attestation = try Attestation(signing: header, contextText: text, with: key) } catch {
                throw .unfitting(error.code)
            }
            let answer = Completion.answer(request, .attested(attestation), SignatureKey(intent))
            let record = Notarization(attestation)
            guard !isKept(record, now: now) else {
                commits.add(changes.batch, sync: true, [answer])
                pending.insert(changes.signature, SignatureKey(intent))
                return
            }
            try publish(record, changes.batch, answer, now: now)
            pending.insert(changes.signature, SignatureKey(intent))
        } catch {
            refuse(request, error)
        }
    }

    /// Permits another signature, unless something else was signed for its subject.
    mutating func permit(_ request: SigningRequestID, _ intent: SigningIntent, now: NodeInstant) {
        do throws(SigningRefusal) {
            // Attestations are signed here, with all that follows.
            guard intent.kind != .attestation else { throw .unfitting("kind") }
            let changes = try remember(intent, now: now)
            closeFullBatch(now: now)
            commits.add(changes.batch, sync: true, [.answer(request, .permitted(intent), SignatureKey(intent))])
            pending.insert(changes.signature, SignatureKey(intent))
        } catch {
            refuse(request, error)
        }
    }

    private mutating func refuse(_ request: SigningRequestID, _ refusal: SigningRefusal) {
        statistics.signaturesRefused += 1
        effects.append(.answer(request, .refused(refusal)))
    }

    /// What has to be written before an intent may become a signature.
    private mutating func remember(
        _ intent: SigningIntent,
        now: NodeInstant
    ) throws(SigningRefusal) -> (signature: OwnSignature, batch: WriteBatch) {
        guard storeFailure == nil else { throw .storeUnavailable }
        guard commits.hasRoomForSignature else { throw .busy }
        let key = SignatureKey(intent)
        let waiting = pending.signature(key)
        let prepared = attempt(now: now) { (machine) throws(StorageError) -> (OwnSignature, WriteBatch) in
            var known = waiting
            if known == nil { known = try machine.store.value(in: NodeStore.ownSignatures, for: key) }
            let signature = known ?? OwnSignature(digest: intent.digest, time: now.unixMilliseconds)
            var batch = WriteBatch()
            try batch.put(in: NodeStore.ownSignatures, key, signature)
            try batch.put(
                in: NodeStore.ownSignaturesByTime,
                SignatureTimeKey(time: signature.time, key: key),
                NoValue()
            )
            return (signature, batch)
        }
        guard let (signature, batch) = prepared else { throw .storeUnavailable }
        guard !signature.conflicts(with: intent) else { throw .conflict(signature.digest) }
        return (signature, batch)
    }

    /// Whether an own attestation is stored or on its way, from an earlier request.
    private mutating func isKept(_ record: Notarization, now: NodeInstant) -> Bool {
        if pending.bytes(of: record.id) != nil { return true }
        return read(now: now) { (store) throws(StorageError) in
            try store.contains(in: NodeStore.notarizations, AttestationKey(record.id))
        } ?? false
    }

    /// Stores an own record together with its signature, to be published when both are safe.
    private mutating func publish(
        _ record: Notarization,
        _ changes: WriteBatch,
        _ answer: Completion,
        now: NodeInstant
    ) throws(SigningRefusal) {
        let keys = NotarizationKeys(record.header, id: record.id)
        let listed = attempt(now: now) { (_) throws(StorageError) -> WriteBatch in
            var batch = changes
            try batch.put(in: NodeStore.outbox, keys.time, NoValue())
            return batch
        }
        let completions = [answer, .publish(keys.time, bytes: record.bytes)]
        guard let listed,
            keep(record, keys, contradicting: nil, origin: .own, completions, with: listed, now: now)
        else { throw .storeUnavailable }
    }
}
