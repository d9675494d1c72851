import CrashHarness
import Foundation
import KeyValueStorage
import LevelDBStorage
import StoreContract
import Testing

/// Stores whose files were changed behind their back: refused without a change, or opened with everything there.
@Suite("Damaged LevelDB stores")
struct DamageTests {
    private static let records: UInt64 = 150
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/store" }
    private var sound: String { folder.path + "/sound" }

    /// A store with three tables, a manifest with edits, and a log; too few tables for LevelDB to compact meanwhile.
    init() throws {
        folder = try TemporaryFolder()
        for first in stride(from: 0, to: Self.records, by: 50) {
            let store = try LevelDBStore(sound, layout: TestKeyspaces.layout(), create: true)
            for number in first..<first + 50 {
                try store.write(try CrashRecords.batch(0, number), sync: number % 10 == 9)
            }
            store.close()
        }
    }

    private enum Outcome: Equatable {
        case refused(StorageBlame)
        case reported
        case complete
    }

    /// Damages a copy of the store, and says what comes of opening and checking it; throws if something is lost silently.
    private func outcome(_ damage: (_ store: String) throws -> Void) throws -> Outcome {
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: sound, toPath: path)
        try damage(path)
        let before = try TemporaryFolder.contents(of: path)
        let store: LevelDBStore
        do throws(StorageError) {
            store = try LevelDBStore(path, layout: TestKeyspaces.layout(), create: true)
        } catch {
            guard try TemporaryFolder.contents(of: path) == before else {
                throw ContractBreach(description: "a refused store was changed: \(error)")
            }
            return .refused(error.blame)
        }
        defer { store.close() }
        guard try store.check().isSound else { return .reported }
        guard try CrashRecords.verify(0, in: store) == Self.records else {
            throw ContractBreach(description: "synced records were lost without a word")
        }
        return .complete
    }

    private func files(_ suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: sound + "/leveldb").sorted()
            .filter { $0.hasSuffix(suffix) || $0.hasPrefix(suffix) }.map { "leveldb/" + $0 }
    }

    private func change(_ file: String, _ body: (inout Data) -> Void) throws {
        let url = URL(fileURLWithPath: file)
        var data = try Data(contentsOf: url)
        body(&data)
        try data.write(to: url)
    }

    @Test("the undamaged store is complete")
    func undamaged() throws {
        #expect(try outcome { _ in } == .complete)
        #expect(try !files(".ldb").isEmpty && !files(".log").isEmpty && files("MANIFEST").count == 1)
    }

    @Test("a flipped bit is noticed", arguments: [".log", ".ldb", "MANIFEST", "CURRENT", "synced"])
    func flippedBits(kind: String) throws {
        var random = SeededGenerator(seed: 21)
        var noticed = 0
        let files = kind == "synced" ? [kind] : try files(kind)
        for round in 0..<30 {
            let file = files[round % files.count]
            let outcome = try outcome { store in
                try change(store + "/" + file) { data in
                    let place = Int.random(in: 0..<data.count, using: &random)
                    data[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            #expect(outcome != .refused(.caller) && outcome != .refused(.environment))
            if outcome != .complete { noticed += 1 }
        }
        // Some bits mean nothing: filters that LevelDB does without, a large part of the smallest table; and the mark
        // stands in two places. What counts is that nothing was lost silently.
        let least =
            switch kind {
            case "synced": 0
            case ".ldb": 15
            default: 25
            }
        #expect(noticed >= least)
    }

    @Test("a file that was cut short is noticed", arguments: [".log", ".ldb", "MANIFEST", "CURRENT", "synced"])
    func truncated(kind: String) throws {
        var random = SeededGenerator(seed: 22)
        let files = kind == "synced" ? [kind] : try files(kind)
        for round in 0..<20 {
            let file = files[round % files.count]
            let outcome = try outcome { store in
                try change(store + "/" + file) { data in
                    data = data.prefix(round < files.count ? 0 : Int.random(in: 0..<data.count, using: &random))
                }
            }
            #expect(outcome == .refused(.storedData))
        }
    }

    @Test("a missing file is noticed", arguments: [".log", ".ldb", "MANIFEST", "CURRENT", "synced"])
    func missing(kind: String) throws {
        let files = kind == "synced" ? [kind] : try files(kind)
        for file in files {
            let outcome = try outcome { try FileManager.default.removeItem(atPath: $0 + "/" + file) }
            #expect(outcome == .refused(.storedData))
        }
    }

    @Test("a store without its database is no empty place", arguments: [["leveldb"], ["leveldb", "LOCK"]])
    func withoutDatabase(removed: [String]) throws {
        // Old copies of logs change nothing.
        for extra in [[], ["damaged-000003.log"]] {
            let outcome = try outcome { store in
                for name in removed { try FileManager.default.removeItem(atPath: store + "/" + name) }
                for name in extra { try Data("x".utf8).write(to: URL(fileURLWithPath: store + "/" + name)) }
            }
            #expect(outcome == .refused(.storedData))
            let expected = StorageError.corrupt(path: path, detail: "its folder leveldb is missing")
            for create in [false, true] {
                #expect(throws: expected) { try LevelDBStore(path, layout: TestKeyspaces.layout(), create: create) }
            }
            // Nor is it a place for a copy of another one.
            let other = try LevelDBStore(sound, layout: TestKeyspaces.layout(), create: false)
            #expect(throws: StorageError.occupied(path: path)) { try other.backUp(to: path) }
            other.close()
        }
    }

    @Test(
        "what a making that was interrupted left is made anew",
        arguments: [
            ["LOCK"], ["LOCK", "creating"], ["LOCK", "creating", "synced.new"], ["LOCK", "creating", "synced"],
        ]
    )
    func interruptedMaking(names: [String]) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        for name in names {
            let file = path + "/" + name
            if name == "creating" {
                try FileManager.default.copyItem(atPath: sound + "/leveldb", toPath: file)
            } else {
                let isMark = name.hasPrefix("synced")
                let bytes = isMark ? try Data(contentsOf: URL(fileURLWithPath: sound + "/synced")) : Data()
                try bytes.write(to: URL(fileURLWithPath: file))
            }
        }
        #expect(throws: StorageError.missing(path: path)) {
            try LevelDBStore(path, layout: TestKeyspaces.layout(), create: false)
        }
        let store = try LevelDBStore(path, layout: TestKeyspaces.layout(), create: true)
        #expect(try store.check().recordCount == 0)
        store.close()
    }

    @Test("what follows the last synced batch may be torn: it is cut off, and a copy is kept")
    func tornTail() throws {
        let log = try #require(try files(".log").last)
        var random = SeededGenerator(seed: 23)
        for round in 0..<12 {
            var garbage = Data((0..<200).map { _ in round % 3 == 0 ? 0 : UInt8.random(in: 0...255, using: &random) })
            // A length that fits, so that the checksum decides.
            if round % 3 != 0 { garbage.replaceSubrange(4..<7, with: [UInt8(round), 0, 1]) }
            #expect(try outcome { store in try change(store + "/" + log) { $0 += garbage } } == .complete)
            let damaged = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix("damaged-") }
            #expect(damaged.count == (round % 3 == 0 ? 0 : 1))
        }
    }

    @Test("recovery says what was cut off, and the store goes on")
    func recoveryReport() throws {
        let log = try #require(try files(".log").last)
        try change(sound + "/" + log) { $0 += Data([1, 2, 3, 4, 5, 6, 1, 8, 9, 10]) }
        // The last length is beyond the file's end: a part that was never written, nothing to cut.
        try LevelDBStore(sound, layout: TestKeyspaces.layout(), create: false).close()
        let newLog = try #require(try files(".log").last)
        try change(sound + "/" + newLog) { $0 += Data([1, 2, 3, 4, 1, 0, 1, 8, 9, 10]) }
        let store = try LevelDBStore(sound, layout: TestKeyspaces.layout(), create: false)
        #expect(store.recovery?.cutByteCount == 10)
        #expect(store.recovery?.copies.count == 1)
        for number in Self.records..<Self.records + 10 {
            try store.write(try CrashRecords.batch(0, number), sync: true)
        }
        store.close()
        let again = try LevelDBStore(sound, layout: TestKeyspaces.layout(), create: false)
        #expect(again.recovery == nil)
        #expect(try CrashRecords.verify(0, in: again) == Self.records + 10)
    }

    @Test("a store of a newer schema is refused before anything is touched")
    func newerSchema() throws {
        try LevelDBStore(sound, layout: TestKeyspaces.layout(schema: 4, oldest: 3), create: false).close()
        #expect(try outcome { _ in } == .refused(.operator))
        #expect(throws: StorageError.newerSchema(path: sound, found: 4, known: 3)) {
            try LevelDBStore(sound, layout: TestKeyspaces.layout(), create: true)
        }
    }
}
