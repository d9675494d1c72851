import KeyValueStorage
import NodeCore

extension KeyValueReader {
    /// Whether the stored digests are those of the stored notarizations, on every level.
    func digestsAreTrue() throws -> Bool {
        let limit = ScanLimit(count: 100_000, byteCount: 1 << 30)
        var expected: [DigestKey: SetDigest] = [:]
        for key in try records(in: NodeStore.notarizationsByTime, limit: limit).records.map(\.key) {
            guard let stored = try value(in: NodeStore.notarizations, for: AttestationKey(key.id)) else { return false }
            let byteCount = try NotarizationEntries(stored, id: key.id).byteCount
            for level in DigestLevel.allCases {
                expected[DigestKey(level: level, index: level.index(of: key.time)), default: SetDigest()]
                    .insert(key.id, byteCount: byteCount)
            }
        }
        let stored = try records(in: NodeStore.digests, limit: limit).records
        return Dictionary(uniqueKeysWithValues: stored.map { ($0.key, $0.value) }) == expected
    }
}

extension SoloNode {
    /// Whether the stored digests are those of the stored notarizations.
    func digestsAreTrue() throws -> Bool { try store.digestsAreTrue() }
}
