internal import Attestations
internal import KeyValueStorage

/// The digests of spans as they will be once all commits are done: what was touched lately, the rest in the store.
struct DigestTable: Sendable {
    /// Digests that are remembered while nothing waits for the store.
    private static let cachedCountMax = 256

    private var cached: [DigestKey: SetDigest] = [:]
    /// Changed since the last batch was closed.
    private var dirty: Set<DigestKey> = []

    /// The digest of a span.
    mutating func digest(_ key: DigestKey, in store: any KeyValueReader) throws(StorageError) -> SetDigest {
        if let known = cached[key] { return known }
        let stored = try store.value(in: NodeStore.digests, for: key) ?? SetDigest()
        cached[key] = stored
        return stored
    }

    /// Changes the digests of all spans that hold `time`.
    mutating func change(
        at time: UInt64,
        in store: any KeyValueReader,
        _ change: (inout SetDigest) -> Void
    ) throws(StorageError) {
        for level in DigestLevel.allCases {
            let key = DigestKey(level: level, index: level.index(of: time))
            var digest = try digest(key, in: store)
            change(&digest)
            cached[key] = digest
            dirty.insert(key)
        }
    }

    /// Writes what changed to a batch that is closed now.
    mutating func write(to batch: inout WriteBatch) throws(StorageError) {
        guard !dirty.isEmpty else { return }
        for key in dirty.sorted() {
            let digest = cached[key] ?? SetDigest()
            if digest.count == 0 {
                batch.remove(in: NodeStore.digests, key)
            } else {
                try batch.put(in: NodeStore.digests, key, digest)
            }
        }
        dirty = []
    }

    /// All commits are done: what the store has need not be remembered.
    mutating func settle() {
        if dirty.isEmpty, cached.count > Self.cachedCountMax { cached = [:] }
    }

    /// All that is stored.
    static func total(in store: any KeyValueReader) throws(StorageError) -> StoredTotal {
        var total = StoredTotal()
        var range: KeyRange? = NodeStore.digests.range(from: DigestKey(level: .day, index: 0))
        while let rest = range {
            let page = try store.records(in: NodeStore.digests, range: rest, limit: ScanLimit(count: 1_000))
            for record in page.records { total.add(record.value) }
            range = page.rest
        }
        return total
    }

    /// The digests of a level from `first` on, at most `count` spans that are not empty, of those in `range`.
    func page(
        _ level: DigestLevel,
        _ range: Range<UInt64>,
        limit: Int,
        in store: any KeyValueReader
    ) throws(StorageError) -> (digests: [(index: UInt64, digest: SetDigest)], next: UInt64?) {
        let keys = NodeStore.digests.range(
            from: DigestKey(level: level, index: range.lowerBound),
            before: DigestKey(level: level, index: range.upperBound)
        )
        let page = try store.records(in: NodeStore.digests, range: keys, limit: ScanLimit(count: limit))
        let digests = page.records.map { ($0.key.index, $0.value) }
        return (digests, page.rest == nil ? nil : digests.last.map { $0.0 + 1 })
    }
}
