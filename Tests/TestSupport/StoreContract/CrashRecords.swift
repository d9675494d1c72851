package import KeyValueStorage

/// What the crash writer writes: each event is one batch with a record and its twin, numbered without gaps.
package enum CrashRecords {
    /// The batch of a writer's event; the same whenever it is made.
    package static func batch(_ writer: UInt32, _ number: UInt64) throws(StorageError) -> WriteBatch {
        var batch = WriteBatch()
        try batch.put(in: TestKeyspaces.records, TestKey(writer, number), record(writer, number))
        try batch.put(in: TestKeyspaces.twins, TestKey(writer, number), TestRecord(number: number))
        return batch
    }

    /// How many events of a writer the store has, by the last one.
    package static func count(of writer: UInt32, in store: some KeyValueReader) throws(StorageError) -> UInt64 {
        let range = TestKeyspaces.records.range(from: TestKey(writer, 0), before: TestKey(writer + 1, 0))
        let page = try store.records(
            in: TestKeyspaces.records,
            range: range,
            order: .descending,
            limit: ScanLimit(count: 1)
        )
        return page.records.first.map { $0.key.second + 1 } ?? 0
    }

    /// The first slot that was not signed.
    package static func nextSlot(in store: some KeyValueReader) throws(StorageError) -> UInt64 {
        let page = try store.records(in: TestKeyspaces.signatures, order: .descending, limit: ScanLimit(count: 1))
        return page.records.first.map { $0.key + 1 } ?? 0
    }

    /// Reads all of a writer's events: throws unless there are `0..<n`, each whole; returns n.
    package static func verify(_ writer: UInt32, in store: some KeyValueReader) throws -> UInt64 {
        let whole = TestKeyspaces.records.range(from: TestKey(writer, 0), before: TestKey(writer + 1, 0))
        var rest: KeyRange? = whole
        var count: UInt64 = 0
        while let range = rest {
            let page = try store.records(in: TestKeyspaces.records, range: range, limit: ScanLimit(count: 500))
            for entry in page.records {
                guard entry.key == TestKey(writer, count), entry.value == record(writer, count) else {
                    throw ContractBreach(description: "writer \(writer): \(entry.key) follows \(count) records")
                }
                guard try store.value(in: TestKeyspaces.twins, for: entry.key) == TestRecord(number: count) else {
                    throw ContractBreach(description: "writer \(writer): half of batch \(count)")
                }
                count += 1
            }
            rest = page.rest
        }
        guard try !store.contains(in: TestKeyspaces.twins, TestKey(writer, count)) else {
            throw ContractBreach(description: "writer \(writer): the other half of batch \(count)")
        }
        return count
    }

    private static func record(_ writer: UInt32, _ number: UInt64) -> TestRecord {
        var random = SeededGenerator(seed: number << 8 | UInt64(writer))
        let count = Int.random(in: 0..<2_000, using: &random)
        return TestRecord(number: number, bytes: (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }
}
