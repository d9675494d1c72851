package import Attestations
package import KeyValueStorage
internal import Records
internal import WireFormat

/// What is stored of notarizations, to be looked at; usable on any thread.
package struct NotarizationArchive: Sendable {
    private let store: any KeyValueReader & Sendable

    /// The notarizations of a store.
    package init(store: any KeyValueReader & Sendable) {
        self.store = store
    }

    /// One notarization with its signature checked again; nil if it is not here.
    ///
    /// - Parameter now: The present time in Unix milliseconds.
    /// - Throws: The store's errors; a stored record whose signature is not good is damaged.
    package func show(_ id: AttestationID, now: UInt64) throws(StorageError) -> NotarizationDetails? {
        guard let stored = try store.value(in: NodeStore.notarizations, for: AttestationKey(id)) else { return nil }
        guard let record = try? stored.record.verified(), record.id == id else {
            throw .undecodable(
                keyspace: NodeStore.notarizations.name,
                key: id.description,
                reason: .invalid("signature")
            )
        }
        let session = SessionKey(notary: record.header.notary, sessionID: record.header.sessionID)
        let first = try store.value(in: NodeStore.sessions, for: session)?.id
        let second = try store.value(in: NodeStore.doubleSignings, for: session)?.id
        let isFirst = first == id
        return NotarizationDetails(
            record: record,
            window: NotarizationWindow(end: stored.windowEnd, now: now),
            contradiction: isFirst ? second : first
        )
    }

    /// The attestation that a notary signed for a session; nil if none is here.
    package func attestation(of sessionID: Bytes32, by notary: EthereumAddress) throws(StorageError) -> AttestationID? {
        try store.value(in: NodeStore.sessions, for: SessionKey(notary: notary, sessionID: sessionID))?.id
    }

    /// A page of notarizations.
    ///
    /// - Parameter now: The present time in Unix milliseconds.
    package func list(_ query: NotarizationQuery, now: UInt64) throws(StorageError) -> NotarizationPage {
        let times = query.from..<max(query.from, query.before)
        let limit = ScanLimit(count: min(max(query.limit, 1), NotarizationQuery.limitMax))
        let keys: [TimeKey]
        let rest: KeyRange?
        switch query.filter {
        case .all:
            (keys, rest) = try scan(NodeStore.notarizationsByTime, query, times, limit, { $0 }, { $0 })
        case .notary(let account):
            (keys, rest) = try scan(
                NodeStore.notarizationsByNotary,
                query,
                times,
                limit,
                { AccountTimeKey(account: account, time: $0) },
                \.time
            )
        case .owner(let account):
            (keys, rest) = try scan(
                NodeStore.notarizationsByOwner,
                query,
                times,
                limit,
                { AccountTimeKey(account: account, time: $0) },
                \.time
            )
        case .server(let name):
            let server = name.lowercased()
            guard server.utf8.count <= RevealedServer.nameByteCountMax else { return .empty }
            (keys, rest) = try scan(
                NodeStore.notarizationsByServer,
                query,
                times,
                limit,
                { ServerTimeKey(server: server, time: $0) },
                \.time
            )
        }
        var entries: [NotarizationSummary] = []
        for key in keys {
            // A record may be pruned between both reads.
            guard let stored = try store.value(in: NodeStore.notarizations, for: AttestationKey(key.id)) else {
                continue
            }
            entries.append(
                NotarizationSummary(
                    id: key.id,
                    header: stored.record.header,
                    window: NotarizationWindow(end: stored.windowEnd, now: now)
                )
            )
        }
        return NotarizationPage(
            entries: entries,
            next: rest.flatMap { _ in keys.last.map { NotarizationCursor(time: $0.time, id: $0.id) } }
        )
    }

    private func scan<Key>(
        _ keyspace: Keyspace<Key, NoValue>,
        _ query: NotarizationQuery,
        _ times: Range<UInt64>,
        _ limit: ScanLimit,
        _ key: (TimeKey) -> Key,
        _ time: (Key) -> TimeKey
    ) throws(StorageError) -> (keys: [TimeKey], rest: KeyRange?) {
        var range = keyspace.range(
            from: key(TimeKey(time: times.lowerBound)),
            before: key(TimeKey(time: times.upperBound))
        )
        if let cursor = query.cursor {
            let stored = keyspace.storedKey(key(TimeKey(time: cursor.time, id: cursor.id)))
            switch query.order {
            case .ascending: range.lower = KeyOrder.precedes(range.lower, stored) ? stored + [0] : range.lower
            case .descending:
                if let upper = range.upper, KeyOrder.precedes(stored, upper) { range.upper = stored }
            }
        }
        guard !range.isEmpty else { return ([], nil) }
        let page = try store.records(in: keyspace, range: range, order: query.order, limit: limit)
        return (page.records.map { time($0.key) }, page.rest)
    }
}
