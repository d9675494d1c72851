internal import Attestations
internal import Gossip
internal import KeyValueStorage
internal import Records

extension NodeMachine {
    /// Hands over the next batch if one may go.
    mutating func flushCommits(now: NodeInstant) {
        while storeFailure == nil {
            let next = attempt(now: now) { (machine) throws(StorageError) in
                try machine.commits.takeNext(writing: &machine.digests)
            }
            guard let next, let (batch, sync, token) = next else { return }
            statistics.commits += 1
            effects.append(.commit(batch, sync: sync, token))
        }
    }

    /// Ends the batch that is added to, if it is full.
    mutating func closeFullBatch(now: NodeInstant) {
        guard commits.isFull else { return }
        _ = attempt(now: now) { (machine) throws(StorageError) in
            try machine.commits.close(writing: &machine.digests)
        }
    }

    /// Commits are safe: what waited for that happens.
    mutating func finishCommits(through token: CommitToken, now: NodeInstant) {
        guard storeFailure == nil else { return }
        for completion in commits.finish(through: token) {
            switch completion {
            case .accept(let id): perform(router.report(.accept, of: id, now: now.monotonic), now: now)
            case .answer(let request, let answer, let key):
                pending.remove(key)
                effects.append(.answer(request, answer))
            case .recorded(let id, let session, let origin): finish(id, session, origin)
            case .publish(let key, let bytes): outbox.insert(key, bytes: bytes)
            case .reserved(let through): outbox.reserved(through: through)
            case .continueExchange(let stream): askNext(on: stream, now: now)
            case .pruned(let recordCount, let byteCount): finishPruning(recordCount, byteCount)
            }
        }
        if commits.isIdle {
            digests.settle()
            quotas.settle()
        }
    }

    private mutating func finish(_ id: AttestationID, _ session: SessionKey, _ origin: RecordOrigin) {
        pending.remove(id, session: session)
        switch origin {
        case .own: statistics.recordsSigned += 1
        case .gossip: statistics.recordsReceived += 1
        case .sync(let peer):
            statistics.recordsSynced += 1
            if let stream = schedule.stream(with: peer) { schedule.exchanges[stream]?.recordCount += 1 }
        }
        effects.append(.notify(.recorded(id, origin)))
    }

    /// The store failed: nothing is signed, accepted or passed on any more.
    mutating func fail(_ error: StorageError, now: NodeInstant) {
        guard storeFailure == nil else { return }
        storeFailure = error
        // Nothing is pruned any more, so nothing is to be woken for.
        pruning.isBehind = false
        effects.append(.notify(.storeFailed(error)))
        for completion in commits.failAll() {
            switch completion {
            case .accept(let id): perform(router.report(.ignore, of: id, now: now.monotonic), now: now)
            case .answer(let request, _, _): effects.append(.answer(request, .refused(.storeUnavailable)))
            case .recorded, .publish, .reserved, .continueExchange, .pruned: break
            }
        }
        for stream in schedule.exchanges.keys.sorted() {
            effects.append(.closeStream(stream, .reset))
            if let exchange = schedule.exchanges.removeValue(forKey: stream) { end(exchange, .interrupted, now: now) }
        }
    }

    /// Does what reads the store and changes this node; nil, and the end of all that needs the store, if it fails.
    mutating func attempt<Value>(
        now: NodeInstant,
        _ body: (inout NodeMachine) throws(StorageError) -> Value
    ) -> Value? {
        guard storeFailure == nil else { return nil }
        do throws(StorageError) {
            return try body(&self)
        } catch {
            fail(error, now: now)
            return nil
        }
    }
}
