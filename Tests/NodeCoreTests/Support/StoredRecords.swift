import Attestations
import KeyValueStorage
import NodeCore
import RecordSamples
import Records

extension MemoryDisk {
    /// Puts records on a disk, as a node would have over time; of a session one or two.
    func fill(_ records: [Notarization]) throws {
        let store = try MemoryStore(self, layout: NodeStore.layout(network: RecordSamples().network))
        var digests: [DigestKey: SetDigest] = [:]
        var batch = WriteBatch()
        var sessions: Set<SessionKey> = []
        for record in records {
            let time = record.header.endTime
            let stored = StoredNotarization(windowEnd: time + 86_400_000, record: record.unverified)
            let entries = try NotarizationEntries(stored, id: record.id)
            batch.append(entries.batch)
            let session = SessionKey(notary: record.header.notary, sessionID: record.header.sessionID)
            let keyspace = sessions.insert(session).inserted ? NodeStore.sessions : NodeStore.doubleSignings
            try batch.put(in: keyspace, session, AttestationReference(record.id))
            for level in DigestLevel.allCases {
                digests[DigestKey(level: level, index: level.index(of: time)), default: SetDigest()]
                    .insert(record.id, byteCount: entries.byteCount)
            }
        }
        for (key, digest) in digests { try batch.put(in: NodeStore.digests, key, digest) }
        try store.write(batch, sync: true)
        store.close()
    }
}

extension RecordSamples {
    /// Records of one notary at regular times.
    func series(_ count: Int, from start: UInt64, every milliseconds: UInt64, notary: Int = 7) throws -> [Notarization]
    {
        try (0..<count).map { number in
            try record(notary: notary, session: number, at: start + UInt64(number) * milliseconds)
        }
    }
}
