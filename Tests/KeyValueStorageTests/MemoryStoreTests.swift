import KeyValueStorage
import StoreContract
import Testing

/// A store in memory for the contract suite.
private final class MemoryFixture: StoreFixture {
    private let disk = MemoryDisk()

    func open(_ layout: StoreLayout) throws(StorageError) -> any KeyValueStore {
        try MemoryStore(disk, layout: layout)
    }
}

@Suite("In-memory store")
struct MemoryStoreTests {
    private let layout = TestKeyspaces.layout()

    private func batch(_ number: UInt64) throws -> WriteBatch {
        var batch = WriteBatch()
        try batch.put(in: TestKeyspaces.records, TestKey(0, number), TestRecord(number: number, bytes: [1, 2, 3]))
        try batch.put(in: TestKeyspaces.twins, TestKey(0, number), TestRecord(number: number))
        return batch
    }

    /// Numbers of the records; a record without its twin, or a gap, is a failure.
    private func numbers(_ store: MemoryStore) throws -> Int {
        let limit = ScanLimit(count: 10_000)
        let records = try store.records(in: TestKeyspaces.records, limit: limit).records.map(\.value.number)
        let twins = try store.records(in: TestKeyspaces.twins, limit: limit).records.map(\.value.number)
        #expect(records == twins)
        #expect(records == Array(0..<UInt64(records.count)))
        return records.count
    }

    @Test("keeps the contract", arguments: StoreContract.promises.map(\.name))
    func contract(promise: String) throws {
        let promise = try #require(StoreContract.promises.first { $0.name == promise })
        try promise.check(MemoryFixture())
    }

    @Test("a power failure leaves whole batches, in order, and every synced one")
    func losesPower() throws {
        var random = SeededGenerator(seed: 7)
        var outcomes: Set<Int> = []
        for _ in 0..<500 {
            let disk = MemoryDisk()
            let store = try MemoryStore(disk, layout: layout)
            for number in 0..<12 as Range<UInt64> { try store.write(try batch(number), sync: number == 3) }
            let survivors = disk.losePower(random: &random)
            #expect(throws: StorageError.closed) { try store.value(forKey: [1]) }
            let count = try numbers(try MemoryStore(disk, layout: layout))
            #expect(count == 4 + survivors)
            outcomes.insert(count)
        }
        // From nothing but the synced ones to all but the last: every outcome occurs.
        #expect(outcomes.isSuperset(of: 4...11))
        #expect((outcomes.min() ?? 0) >= 4)
    }

    @Test("the same seed loses the same batches")
    func repeatsWithSeed() throws {
        func run(_ seed: UInt64) throws -> [Int] {
            var random = SeededGenerator(seed: seed)
            let disk = MemoryDisk()
            return try (0..<20).map { round in
                let store = try MemoryStore(disk, layout: layout)
                let count = UInt64(try numbers(store))
                for number in count..<count + 6 { try store.write(try batch(number), sync: round % 5 == 0) }
                disk.losePower(random: &random)
                return try numbers(try MemoryStore(disk, layout: layout))
            }
        }
        #expect(try run(1) == run(1))
        #expect(try run(1) != run(2))
    }

    @Test("a killed process loses nothing")
    func killed() throws {
        let disk = MemoryDisk()
        let store = try MemoryStore(disk, layout: layout)
        for number in 0..<9 as Range<UInt64> { try store.write(try batch(number), sync: false) }
        disk.killProcess()
        #expect(throws: StorageError.closed) { try store.write(WriteBatch(), sync: true) }
        #expect(try numbers(try MemoryStore(disk, layout: layout)) == 9)
    }

    @Test("a full disk refuses the batch whole and stops writes until the store is opened again")
    func fullDisk() throws {
        let disk = MemoryDisk(capacity: 400)
        let store = try MemoryStore(disk, layout: layout)
        var written: UInt64 = 0
        let failure = #expect(throws: StorageError.self) {
            while written < 100 {
                try store.write(try batch(written), sync: true)
                written += 1
            }
        }
        #expect(failure == .diskFull(path: "memory"))
        #expect(written > 0)
        disk.setCapacity(nil)
        let later = #expect(throws: StorageError.self) { try store.write(try batch(written), sync: true) }
        #expect(later?.blame == .environment)
        store.close()
        let again = try MemoryStore(disk, layout: layout)
        #expect(try numbers(again) == Int(written))
        try again.write(try batch(written), sync: true)
    }

    @Test("a failing write has no effect")
    func failingWrite() throws {
        let disk = MemoryDisk()
        let store = try MemoryStore(disk, layout: layout)
        disk.failWrite(after: 2)
        try store.write(try batch(0), sync: false)
        try store.write(try batch(1), sync: false)
        #expect(throws: StorageError.self) { try store.write(try batch(2), sync: true) }
        store.close()
        #expect(try numbers(try MemoryStore(disk, layout: layout)) == 2)
    }
}

/// A store that says "synced" without waiting.
private final class ForgetfulStore {
    let store: MemoryStore

    init(_ store: MemoryStore) { self.store = store }

    func write(_ batch: WriteBatch, sync: Bool) throws(StorageError) { try store.write(batch, sync: false) }
}

@Suite("Cheating stores")
struct CheatingStoreTests {
    @Test("a store that does not sync is found out")
    func forgetful() throws {
        var random = SeededGenerator(seed: 3)
        var lost = 0
        for _ in 0..<50 {
            let disk = MemoryDisk()
            let store = ForgetfulStore(try MemoryStore(disk, layout: TestKeyspaces.layout()))
            var batch = WriteBatch()
            batch.put(key: [0x10, 1], value: [1])
            try store.write(batch, sync: true)
            disk.losePower(random: &random)
            let again = try MemoryStore(disk, layout: TestKeyspaces.layout())
            if try again.value(forKey: [0x10, 1]) == nil { lost += 1 }
        }
        #expect(lost > 10)
    }

    /// Every promise must be able to fail: stores that break one each.
    @Test("the contract suite finds a store that breaks it", arguments: Cheat.allCases)
    func contractFinds(cheat: Cheat) {
        var breaches = 0
        for promise in StoreContract.promises {
            do {
                try promise.check(CheatingFixture(cheat))
            } catch {
                breaches += 1
            }
        }
        #expect(breaches > 0)
    }

    enum Cheat: CaseIterable {
        case forgetsRemovals, ignoresUpperBound, dropsRest, liveSnapshots, reversedWrong
    }
}

private final class CheatingFixture: StoreFixture {
    private let disk = MemoryDisk()
    private let cheat: CheatingStoreTests.Cheat

    init(_ cheat: CheatingStoreTests.Cheat) { self.cheat = cheat }

    func open(_ layout: StoreLayout) throws(StorageError) -> any KeyValueStore {
        CheatingStore(try MemoryStore(disk, layout: layout), cheat)
    }
}

private final class CheatingStore: KeyValueStore {
    private let store: MemoryStore
    private let cheat: CheatingStoreTests.Cheat

    init(_ store: MemoryStore, _ cheat: CheatingStoreTests.Cheat) {
        self.store = store
        self.cheat = cheat
    }

    func value(forKey key: [UInt8]) throws(StorageError) -> [UInt8]? { try store.value(forKey: key) }

    func scan(_ range: KeyRange, order: ScanOrder, limit: ScanLimit) throws(StorageError) -> ScanPage {
        let asked = cheat == .ignoresUpperBound ? KeyRange(lower: range.lower, upper: nil) : range
        let page = try store.scan(asked, order: cheat == .reversedWrong ? .ascending : order, limit: limit)
        return cheat == .dropsRest ? ScanPage(entries: page.entries, rest: nil) : page
    }

    func write(_ batch: WriteBatch, sync: Bool) throws(StorageError) {
        guard cheat == .forgetsRemovals else { return try store.write(batch, sync: sync) }
        var kept = WriteBatch()
        for case .put(let key, let value) in batch.changes { kept.put(key: key, value: value) }
        try store.write(kept, sync: sync)
    }

    func withSnapshot<Result>(
        _ body: (any KeyValueReader) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        cheat == .liveSnapshots ? try body(store) : try store.withSnapshot(body)
    }

    func approximateByteCount(of range: KeyRange) throws(StorageError) -> UInt64 {
        try store.approximateByteCount(of: range)
    }

    func compact() throws(StorageError) { try store.compact() }
    func close() { store.close() }
}
