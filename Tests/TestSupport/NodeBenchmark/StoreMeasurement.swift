import Attestations
import Foundation
import KeyValueStorage
import LevelDBStorage
import NodeCore
import NodeHarness
import RecordSamples
import Records

/// How fast records with one index entry each are written, on the disk that temporary files are on: by LevelDB alone,
/// through its C API, and by the store, the same bytes in turn.
struct StoreMeasurement {
    /// Something that writes a batch.
    private typealias Write = (WriteBatch) throws -> Void

    func run(_ report: inout BenchmarkReport) throws {
        let time = TestNode.now
        let records = try (0..<4_000).map { try RecordSamples().record(notary: 1 + $0 % 16, session: $0, at: time) }
        report.add("record", [("bytes", Double(records[0].bytes.count))])
        let kinds: [(name: String, records: ArraySlice<Notarization>, perBatch: Int, sync: Bool)] = [
            ("one_record_a_sync_per_second", records.prefix(400), 1, true),
            ("hundred_records_a_sync_per_second", records[...], 100, true),
            ("without_sync_per_second", records[...], 1, false),
        ]
        var raw: [(String, Double)] = []
        var store: [(String, Double)] = []
        for kind in kinds {
            let batches = try batches(kind.records, perBatch: kind.perBatch)
            let count = kind.records.count
            raw.append((kind.name, try rate(batches, count) { try withRawDatabase(kind.sync, at: $0, $1) }))
            store.append((kind.name, try rate(batches, count) { try withStore(kind.sync, at: $0, $1) }))
        }
        report.add("leveldb_alone", raw)
        report.add("store", store)
    }

    private func batches(_ records: ArraySlice<Notarization>, perBatch: Int) throws -> [WriteBatch] {
        try stride(from: records.startIndex, to: records.endIndex, by: perBatch).map { first in
            var batch = WriteBatch()
            for record in records[first..<min(first + perBatch, records.endIndex)] {
                let stored = StoredNotarization(
                    windowEnd: record.header.endTime + 86_400_000,
                    record: try UnverifiedNotarization(bytes: record.bytes)
                )
                try batch.put(in: NodeStore.notarizations, AttestationKey(record.id), stored)
                let key = TimeKey(time: record.header.endTime, id: record.id)
                try batch.put(in: NodeStore.notarizationsByTime, key, NoValue())
            }
            return batch
        }
    }

    /// Records a second, with a new database in a folder of its own.
    private func rate(
        _ batches: [WriteBatch],
        _ recordCount: Int,
        _ open: (String, (Write) throws -> Void) throws -> Void
    ) throws -> Double {
        let path = NSTemporaryDirectory() + "tabellion-benchmark-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var seconds = 0.0
        try open(path) { write in
            let start = ContinuousClock.now
            for batch in batches { try write(batch) }
            seconds = start.duration(to: .now) / .seconds(1)
        }
        return Double(recordCount) / seconds
    }

    private func withStore(_ sync: Bool, at path: String, _ body: (Write) throws -> Void) throws {
        let store = try LevelDBStore(path, layout: NodeStore.layout(network: RecordSamples().network), create: true)
        defer { store.close() }
        try body { try store.write($0, sync: sync) }
    }

    private func withRawDatabase(_ sync: Bool, at path: String, _ body: (Write) throws -> Void) throws {
        let database = try RawLevelDB(path)
        defer { database.close() }
        try body { try database.write($0, sync: sync) }
    }
}
