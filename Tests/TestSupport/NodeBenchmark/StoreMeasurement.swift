import Attestations
import Foundation
import KeyValueStorage
import LevelDBStorage
import NodeCore
import NodeHarness
import RecordSamples
import Records

/// How fast LevelDB alone takes records with one index entry each, on the disk that temporary files are on.
struct StoreMeasurement {
    func run(_ report: inout BenchmarkReport) throws {
        let time = TestNode.now
        let records = try (0..<4_000).map { try RecordSamples().record(notary: 1 + $0 % 16, session: $0, at: time) }
        var figures = [("record_bytes", Double(records[0].bytes.count))]
        figures.append(("one_record_a_sync_per_second", try rate(records.prefix(400), perBatch: 1, sync: true)))
        figures.append(("hundred_records_a_sync_per_second", try rate(records[...], perBatch: 100, sync: true)))
        figures.append(("without_sync_per_second", try rate(records[...], perBatch: 1, sync: false)))
        report.add("leveldb", figures)
    }

    /// Records a second.
    private func rate(_ records: ArraySlice<Notarization>, perBatch: Int, sync: Bool) throws -> Double {
        let path = NSTemporaryDirectory() + "tabellion-benchmark-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try LevelDBStore(path, layout: NodeStore.layout(network: RecordSamples().network), create: true)
        defer { store.close() }
        let start = ContinuousClock.now
        for first in stride(from: records.startIndex, to: records.endIndex, by: perBatch) {
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
            try store.write(batch, sync: sync)
        }
        return Double(records.count) / (start.duration(to: .now) / .seconds(1))
    }
}
