import KeyValueStorage
import StoreContract
import Testing
import WireFormat

@Suite("Keyspaces")
struct KeyspaceTests {
    private func store() throws -> MemoryStore {
        try MemoryStore(MemoryDisk(), layout: TestKeyspaces.layout())
    }

    private func put(_ store: MemoryStore, _ key: [UInt8], _ value: [UInt8]) throws {
        var batch = WriteBatch()
        batch.put(key: key, value: value)
        try store.write(batch, sync: false)
    }

    @Test("a record is stored as prefix and key, version and value")
    func storedForm() throws {
        let space = Keyspace<UInt32, TestRecord>("things", prefix: 0x42, version: 9, valueByteCountMax: 100)
        #expect(space.storedKey(0x0102_0304) == [0x42, 1, 2, 3, 4])
        #expect(
            try space.storedValue(TestRecord(number: 1, bytes: [7])) == [9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 7]
        )
        let error = #expect(throws: StorageError.self) {
            try space.storedValue(TestRecord(number: 1, bytes: [UInt8](repeating: 0, count: 100)))
        }
        #expect(error == .tooLarge(what: "record of things", limit: 100, count: 112))
    }

    @Test("older versions are upgraded, newer ones refused, damaged ones named")
    func versions() throws {
        let space = Keyspace<UInt64, TestRecord>("things", prefix: 0x20, version: 3, valueByteCountMax: 100) {
            (version, bytes) throws(WireError) in
            guard version == 2, bytes.count == 1 else { throw .invalid("version") }
            return TestRecord(number: UInt64(bytes[0]))
        }
        let store = try store()
        try put(store, space.storedKey(1), [2, 5])
        #expect(try store.value(in: space, for: 1) == TestRecord(number: 5))
        try put(store, space.storedKey(2), [4, 5])
        #expect(
            throws: StorageError.newerRecord(keyspace: "things", key: "200000000000000002", found: 4, known: 3)
        ) { try store.value(in: space, for: 2) }
        for bytes: [UInt8] in [[], [1, 5], [3], [3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 9]] {
            try put(store, space.storedKey(3), bytes)
            let error = #expect(throws: StorageError.self) { try store.value(in: space, for: 3) }
            #expect(error?.blame == .storedData)
        }
    }

    @Test("a check counts records and finds what does not belong")
    func check() throws {
        let store = try store()
        var batch = WriteBatch()
        for number in 0..<2_500 as Range<UInt64> {
            try batch.put(in: TestKeyspaces.signatures, number, TestRecord(number: number))
        }
        try store.write(batch, sync: false)
        let sound = StoreCheck(of: store, layout: TestKeyspaces.layout())
        #expect(sound.isSound && sound.recordCount == 2_500)
        #expect(sound.counts.map(\.recordCount) == [0, 0, 2_500])
        try put(store, TestKeyspaces.signatures.storedKey(7), [1, 2])
        try put(store, [0x33], [])
        try put(store, [0x20, 1], [])
        let unsound = StoreCheck(of: store, layout: TestKeyspaces.layout())
        #expect(!unsound.isSound && unsound.strangerCount == 1)
        #expect(unsound.counts[2].faultCount == 2 && unsound.faults.count == 2)
    }

    @Test("pruning removes what is final and old, and for space no more than needed")
    func pruning() throws {
        let store = try store()
        var batch = WriteBatch()
        for number in 0..<100 as Range<UInt64> {
            try batch.put(in: TestKeyspaces.records, TestKey(UInt32(number), 0), TestRecord(number: number))
        }
        try store.write(batch, sync: false)
        // Multiples of ten are not final; before 30 is old; one record has 13 + 13 bytes.
        func verdict(_ key: TestKey, _ record: TestRecord) -> PruningVerdict {
            if record.number % 10 == 0 { return .keep }
            return key.first < 30 ? .remove : .removeForSpace
        }
        func left() throws -> [UInt64] {
            try store.records(in: TestKeyspaces.records, limit: ScanLimit(count: 1_000)).records.map(\.value.number)
        }
        var rest: KeyRange?
        var steps = 0
        repeat {
            let step = try store.prune(
                TestKeyspaces.records,
                range: rest,
                limit: ScanLimit(count: 30),
                verdict: verdict
            )
            rest = step.rest
            steps += 1
        } while rest != nil
        #expect(steps == 4)
        #expect(try left() == [0, 10, 20] + Array(30..<100))
        let step = try store.prune(TestKeyspaces.records, excessByteCount: 100, verdict: verdict)
        #expect(step.removedCount == 4 && step.removedByteCount == 4 * 26)
        #expect(try left() == [0, 10, 20, 30] + Array(35..<100))
    }

    @Test("every error says whose business it is and what to do")
    func errors() {
        let errors: [StorageError] = [
            .locked(path: "/d", holder: 5), .missing(path: "/d"), .occupied(path: "/d"),
            .corrupt(path: "/d", detail: "x"), .lostSyncedData(path: "/d", found: 1, confirmed: 2),
            .newerSchema(path: "/d", found: 2, known: 1), .olderSchema(path: "/d", found: 1, oldestReadable: 2),
            .otherOwner(path: "/d", found: "a", expected: "b"), .diskFull(path: "/d"),
            .environment(path: "/d", detail: "x"), .writesStopped(path: "/d", detail: "x"),
        ]
        for error in errors {
            #expect(error.description.contains("/d"))
            #expect(error.advice.hasSuffix("."))
            #expect(error.blame != .caller)
        }
        #expect(StorageError.locked(path: "/d", holder: 5).description == "the store /d is in use by process 5")
    }
}
