import CrashHarness
import Foundation
import KeyValueStorage
import LevelDBStorage
import StoreContract
import Testing

/// A store in a temporary folder for the contract suite.
private final class LevelDBFixture: StoreFixture {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func open(_ layout: StoreLayout) throws(StorageError) -> any KeyValueStore {
        try LevelDBStore(folder.path + "/store", layout: layout, create: true)
    }
}

@Suite("LevelDB store")
struct LevelDBStoreTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/store" }

    init() throws { folder = try TemporaryFolder() }

    private func open(_ path: String? = nil, create: Bool = true) throws(StorageError) -> LevelDBStore {
        try LevelDBStore(path ?? self.path, layout: TestKeyspaces.layout(), create: create)
    }

    private func fill(_ store: LevelDBStore, _ numbers: Range<UInt64>) throws {
        for number in numbers { try store.write(try CrashRecords.batch(0, number), sync: false) }
    }

    @Test("keeps the contract", arguments: StoreContract.promises.map(\.name))
    func contract(promise: String) throws {
        let promise = try #require(StoreContract.promises.first { $0.name == promise })
        try promise.check(try LevelDBFixture())
    }

    @Test("is made only where nothing is, and only when asked")
    func creation() throws {
        #expect(throws: StorageError.missing(path: path)) { try open(create: false) }
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(throws: StorageError.occupied(path: "/usr")) { try open("/usr") }
        #expect(throws: StorageError.self) { try open(path + "/deeper/store") }
        // What an interrupted making leaves is not in the way.
        try FileManager.default.createDirectory(atPath: path + "/creating", withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(fileURLWithPath: path + "/creating/CURRENT"))
        let store = try open()
        try fill(store, 0..<3)
        store.close()
        #expect(try CrashRecords.verify(0, in: try open(create: false)) == 3)
        let mode = try FileManager.default.attributesOfItem(atPath: path + "/leveldb")[.posixPermissions] as? Int
        #expect(mode.map { $0 & 0o077 } == 0 || mode == 0o755)
    }

    @Test("an opening that was interrupted is taken back")
    func interruptedOpening() throws {
        let store = try open()
        try fill(store, 0..<10)
        try store.write(WriteBatch(), sync: true)
        store.close()
        // As if the process died after LevelDB's opening began to replace files.
        try FileManager.default.copyItem(atPath: path + "/leveldb", toPath: path + "/before")
        for name in try FileManager.default.contentsOfDirectory(atPath: path + "/leveldb") where name.hasSuffix(".log")
        {
            try FileManager.default.removeItem(atPath: path + "/leveldb/" + name)
        }
        let again = try open(create: false)
        #expect(try CrashRecords.verify(0, in: again) == 10)
        #expect(!FileManager.default.fileExists(atPath: path + "/before"))
    }

    @Test("writers at the same time share waits, and each batch stays whole")
    func concurrentWriters() throws {
        let store = try open()
        DispatchQueue.concurrentPerform(iterations: 8) { writer in
            for number in 0..<40 as Range<UInt64> {
                do {
                    try store.write(try CrashRecords.batch(UInt32(writer), number), sync: number % 4 == 0)
                } catch {
                    Issue.record(error)
                }
            }
        }
        for writer in 0..<8 as Range<UInt32> { #expect(try CrashRecords.verify(writer, in: store) == 40) }
        store.close()
        let again = try open(create: false)
        for writer in 0..<8 as Range<UInt32> { #expect(try CrashRecords.verify(writer, in: again) == 40) }
    }

    @Test("closing waits for calls under way, and ends later ones")
    func closingUnderLoad() throws {
        let store = try open()
        let writers = DispatchGroup()
        for writer in 0..<4 as Range<UInt32> {
            DispatchQueue.global().async(group: writers) {
                var number: UInt64 = 0
                while true {
                    do throws(StorageError) {
                        try store.write(try CrashRecords.batch(writer, number), sync: false)
                        _ = try store.scan(.all, order: .ascending, limit: ScanLimit(count: 50))
                        number += 1
                    } catch {
                        #expect(error == .closed)
                        return
                    }
                }
            }
        }
        usleep(100_000)
        store.close()
        writers.wait()
        let again = try open(create: false)
        for writer in 0..<4 as Range<UInt32> { _ = try CrashRecords.verify(writer, in: again) }
    }

    @Test("a backup of a store in use is the store of one moment")
    func backup() throws {
        let store = try open()
        try fill(store, 0..<500)
        try store.write(WriteBatch(), sync: true)
        // Folders on the way to it are made, too.
        let copy = folder.path + "/backups/of/monday"
        let writing = DispatchGroup()
        DispatchQueue.global().async(group: writing) {
            for number in 500..<1_000 as Range<UInt64> {
                do {
                    try store.write(try CrashRecords.batch(0, number), sync: false)
                } catch {
                    Issue.record(error)
                }
            }
        }
        try store.backUp(to: copy)
        writing.wait()
        #expect(throws: StorageError.occupied(path: copy)) { try store.backUp(to: copy) }
        #expect(throws: StorageError.occupied(path: path)) { try store.backUp(to: path) }
        #expect(throws: StorageError.occupied(path: "/usr")) { try store.backUp(to: "/usr") }
        store.close()

        let restored = folder.path + "/restored"
        let check = try LevelDBStore.restore(backup: copy, to: restored, layout: TestKeyspaces.layout())
        #expect(check.isSound)
        #expect(throws: StorageError.occupied(path: restored)) {
            try LevelDBStore.restore(backup: copy, to: restored, layout: TestKeyspaces.layout())
        }
        #expect(throws: StorageError.missing(path: folder.path + "/nothing")) {
            try LevelDBStore.restore(
                backup: folder.path + "/nothing",
                to: folder.path + "/new",
                layout: TestKeyspaces.layout()
            )
        }
        let again = try open(restored, create: false)
        let count = try CrashRecords.verify(0, in: again)
        #expect((500...1_000).contains(count))
        #expect(check.counts[0].recordCount == Int(count))
        // The restored store goes on as any other.
        try fill(again, count..<count + 10)
        again.close()
        #expect(try CrashRecords.verify(0, in: try open(restored, create: false)) == count + 10)
    }

    @Test("a backup takes the place of a store, which is moved aside or removed when the copy is complete")
    func restoringOverAStore() throws {
        let layout = TestKeyspaces.layout()
        let copy = folder.path + "/backup"
        let aside = folder.path + "/aside"
        var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? [] }
        let store = try open()
        try fill(store, 0..<20)
        try store.backUp(to: copy)
        try fill(store, 20..<30)
        // Somebody uses it: nothing happens.
        for replacement in [LevelDBStore.Replacement.removed, .movedAside(path: aside)] {
            #expect(throws: StorageError.locked(path: path, holder: getpid())) {
                try LevelDBStore.restore(backup: copy, to: path, layout: layout, replacing: replacement)
            }
        }
        store.close()
        let before = names

        // A damaged backup, or a name that is taken: nothing happens either.
        let damaged = folder.path + "/damaged"
        try FileManager.default.copyItem(atPath: copy, toPath: damaged)
        try FileManager.default.removeItem(atPath: damaged + "/leveldb/CURRENT")
        #expect(throws: StorageError.self) {
            try LevelDBStore.restore(backup: damaged, to: path, layout: layout, replacing: .movedAside(path: aside))
        }
        #expect(throws: StorageError.occupied(path: damaged)) {
            try LevelDBStore.restore(backup: copy, to: path, layout: layout, replacing: .movedAside(path: damaged))
        }
        try FileManager.default.removeItem(atPath: damaged)
        #expect(names == before)
        let unchanged = try open(create: false)
        #expect(try CrashRecords.verify(0, in: unchanged) == 30)
        unchanged.close()

        // What an interrupted attempt left is in nobody's way.
        try FileManager.default.copyItem(atPath: copy, toPath: path + ".restoring")
        try FileManager.default.removeItem(atPath: path + ".restoring/leveldb/CURRENT")
        _ = try LevelDBStore.restore(backup: copy, to: path, layout: layout, replacing: .movedAside(path: aside))
        for (store, count) in [(path, 20), (aside, 30)] as [(String, UInt64)] {
            let opened = try open(store, create: false)
            #expect(try CrashRecords.verify(0, in: opened) == count)
            opened.close()
        }
        _ = try LevelDBStore.restore(backup: copy, to: aside, layout: layout, replacing: .removed)
        let replaced = try open(aside, create: false)
        #expect(try CrashRecords.verify(0, in: replaced) == 20)
        replaced.close()
        #expect(names == (before + ["aside"]).sorted())
    }

    @Test("a backup that fails leaves an empty place")
    func failedBackup() throws {
        let store = try open()
        try fill(store, 0..<10)
        #expect(throws: StorageError.self) { try store.backUp(to: "/proc/tabellion") }
        let copy = folder.path + "/backup"
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try store.backUp(to: copy)
        let backup = try open(copy, create: false)
        #expect(try CrashRecords.verify(0, in: backup) == 10)
    }

    @Test("compacting gives back space; sizes follow")
    func compaction() throws {
        let store = try open()
        try fill(store, 0..<3_000)
        try store.compact()
        let full = try store.approximateByteCount(of: TestKeyspaces.records.range)
        // Three thousand records of a thousand random bytes on average.
        #expect((2_000_000...4_500_000).contains(full))
        #expect(try store.approximateByteCount(of: TestKeyspaces.signatures.range) < 100_000)
        #expect(try store.fileByteCount() > 2_000_000)
        var rest: KeyRange?
        repeat {
            rest = try store.prune(TestKeyspaces.records, range: rest) { key, _ in
                key.second < 2_900 ? .remove : .keep
            }.rest
        } while rest != nil
        try store.compact()
        #expect(try store.approximateByteCount(of: TestKeyspaces.records.range) < full / 10)
        #expect(try store.fileByteCount() < 1_000_000)
        #expect(try store.records(in: TestKeyspaces.records, limit: ScanLimit(count: 1_000)).records.count == 100)
    }

    @Test("memory and open files stay within the configuration")
    func bounds() throws {
        let store = try open()
        var random = SeededGenerator(seed: 5)
        for number in 0..<40_000 as Range<UInt64> {
            var batch = WriteBatch()
            let bytes = (0..<100).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
            try batch.put(in: TestKeyspaces.records, TestKey(1, number), TestRecord(number: number, bytes: bytes))
            try store.write(batch, sync: false)
        }
        let check = try store.check()
        #expect(check.isSound && check.recordCount == 40_000)
        #expect(try store.fileByteCount() > 25_000_000)
        // A cache of 8 MiB, two write buffers of 4 MiB, and the blocks between.
        let memory = try #require(try store.memoryByteCount())
        #expect(memory < 20 << 20)
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            .compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0) }
        #expect(open.filter { $0.hasPrefix(path) }.count <= 100)
    }
}
