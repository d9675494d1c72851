import Attestations
import CryptoCore
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records

/// One node on a disk in memory, whose commits are done at once; what it wants of the network is the caller's affair.
struct FuzzNode {
    private(set) var machine: NodeMachine
    let store: MemoryStore
    private(set) var now: NodeInstant

    static let start = NodeInstant(monotonic: FuzzIdentities.start, unixMilliseconds: RecordFuzz.now)

    /// Records of a notary, some in one minute, some days apart.
    static let records: [Notarization] = (0..<14).compactMap { number in
        let age = UInt64(number < 6 ? 20_000 + number * 3_000 : (number - 5) * 40_000_000)
        return try? RecordSamples().record(notary: 1 + number % 2, session: number, at: RecordFuzz.now - age)
    }.sorted { SyncPosition($0) < SyncPosition($1) }

    /// A node that has some records, from an earlier life.
    init(having records: [Notarization] = []) throws {
        var configuration = NodeConfiguration(network: RecordSamples().network)
        configuration.discovery = nil
        configuration.sync.exchangeRequestCountMax = 200
        store = try MemoryStore(MemoryDisk(), layout: NodeStore.layout(network: configuration.network))
        try Self.fill(store, with: records)
        now = Self.start
        let key = try RecordSamples.key(0)
        machine = try NodeMachine(configuration: configuration, key: key, store: store, seed: Block(5, 6), now: now)
        _ = try bring(.started(listening: []))
    }

    /// A node that is asked for its records.
    static func keeper() throws -> FuzzNode {
        var node = try FuzzNode(having: records)
        try node.connect(FuzzIdentities.all[7].id, answers: false)
        return node
    }

    /// Writes what a node that took these records in has of them.
    private static func fill(_ store: MemoryStore, with records: [Notarization]) throws {
        guard !records.isEmpty else { return }
        var digests: [DigestKey: SetDigest] = [:]
        var batch = WriteBatch()
        for record in records {
            let time = record.header.endTime
            let entries = try FreshEntries().entries(of: record, windowEnd: time + 86_400_000)
            batch.append(entries.batch)
            let session = SessionKey(notary: record.header.notary, sessionID: record.header.sessionID)
            try batch.put(in: NodeStore.sessions, session, AttestationReference(record.id))
            for level in DigestLevel.allCases {
                digests[DigestKey(level: level, index: level.index(of: time)), default: SetDigest()]
                    .insert(record.id, byteCount: entries.byteCount)
            }
        }
        for (key, digest) in digests { try batch.put(in: NodeStore.digests, key, digest) }
        try store.write(batch, sync: true)
    }

    /// Brings an event, and does the commits that follow.
    mutating func bring(_ event: NodeEvent) throws -> [NodeEffect] {
        var effects = machine.handle(event, now: now)
        var looked = 0
        while looked < effects.count {
            if case .commit(let batch, let sync, let token) = effects[looked] {
                try store.write(batch, sync: sync)
                effects += machine.handle(.committed(through: token), now: now)
            }
            looked += 1
        }
        return effects
    }

    /// Lets time pass at once: a node that was asleep.
    mutating func pass(_ duration: Duration) throws -> [NodeEffect] {
        now = now.advanced(by: duration)
        return try bring(.timeReached)
    }

    /// A peer is there.
    ///
    /// - Parameter answers: Whether it says that it answers questions.
    mutating func connect(_ peer: PeerID, answers: Bool = true) throws {
        _ = try bring(.connected(peer, PeerLink(address: nil, isOutbound: true)))
        let protocols: Set<ProtocolName> = answers ? [FramedProtocol.sync.name] : []
        _ = try bring(.identified(peer, PeerIdentification(protocols: protocols)))
    }

    /// What is stored, by time.
    func stored() throws -> [StoredNotarization] {
        let keys = try store.records(in: NodeStore.notarizationsByTime, limit: ScanLimit(count: 1_000)).records.map(
            \.key
        )
        return try keys.compactMap { try store.value(in: NodeStore.notarizations, for: AttestationKey($0.id)) }
    }
}

extension SyncPosition {
    /// Where a record stands.
    init(_ record: Notarization) {
        self.init(time: record.header.endTime, id: record.id)
    }
}
