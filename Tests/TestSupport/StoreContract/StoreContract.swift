package import KeyValueStorage

/// A broken promise of a store.
package struct ContractBreach: Error, CustomStringConvertible {
    /// Which promise.
    package let description: String

    /// A breach.
    package init(description: String) {
        self.description = description
    }
}

/// One place where a store lives, for the contract suite.
package protocol StoreFixture: AnyObject {
    /// Opens the store, or makes it.
    func open(_ layout: StoreLayout) throws(StorageError) -> any KeyValueStore
}

/// What every ``KeyValueStore`` promises while nothing crashes, as checks that run on any of them.
package struct StoreContract {
    /// One promise.
    package struct Promise: Sendable {
        /// Its name.
        package let name: String
        /// Throws a ``ContractBreach`` if it is broken; the fixture is fresh.
        package let check: @Sendable (any StoreFixture) throws -> Void
    }

    /// All promises.
    package static let promises: [Promise] = [
        Promise(name: "keeps what was written") { try keepsWhatWasWritten($0) },
        Promise(name: "scans like a sorted map") { try scansLikeASortedMap($0) },
        Promise(name: "resumes scans without gap or repetition") { try resumes($0) },
        Promise(name: "the last change of a key wins") { try lastChangeWins($0) },
        Promise(name: "snapshots stay as they were") { try snapshotsStay($0) },
        Promise(name: "keeps records when opened again") { try survivesReopening($0) },
        Promise(name: "admits one opener") { try admitsOneOpener($0) },
        Promise(name: "refuses other layouts") { try refusesOtherLayouts($0) },
        Promise(name: "refuses what is too large") { try refusesTooLarge($0) },
        Promise(name: "is closed after closing") { try isClosedAfterClosing($0) },
    ]

    private static func require(_ holds: Bool, _ promise: String) throws {
        guard holds else { throw ContractBreach(description: promise) }
    }

    private static func keepsWhatWasWritten(_ fixture: any StoreFixture) throws {
        let store = try fixture.open(TestKeyspaces.layout())
        let key = TestKey(1, 2)
        try require(try store.value(in: TestKeyspaces.records, for: key) == nil, "a new store is empty")
        for sync in [false, true] {
            let record = TestRecord(number: sync ? 1 : 0, bytes: [UInt8](repeating: 7, count: 10_000))
            var batch = WriteBatch()
            try batch.put(in: TestKeyspaces.records, key, record)
            try store.write(batch, sync: sync)
            try require(try store.value(in: TestKeyspaces.records, for: key) == record, "a written record is there")
            try require(try store.value(in: TestKeyspaces.twins, for: key) == nil, "keyspaces do not overlap")
        }
        var removal = WriteBatch()
        removal.remove(in: TestKeyspaces.records, key)
        removal.remove(in: TestKeyspaces.records, TestKey(9, 9))
        try store.write(removal, sync: false)
        try require(try !store.contains(in: TestKeyspaces.records, key), "a removed record is gone")
        try store.write(WriteBatch(), sync: true)
    }

    /// Random changes on the store and on a dictionary; random scans in both directions must agree.
    private static func scansLikeASortedMap(_ fixture: any StoreFixture) throws {
        let store = try fixture.open(TestKeyspaces.layout())
        var random = SeededGenerator(seed: 1)
        var model: [[UInt8]: [UInt8]] = [:]
        func randomKey() -> [UInt8] {
            // Few distinct bytes, so that prefixes, equal keys and the extremes occur.
            [0x10]
                + (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
                }
        }
        for round in 0..<60 {
            var batch = WriteBatch()
            for _ in 0..<20 {
                let key = randomKey()
                if Int.random(in: 0..<3, using: &random) == 0 {
                    batch.remove(key: key)
                    model[key] = nil
                } else {
                    let value = [UInt8](repeating: UInt8(round), count: Int.random(in: 0..<40, using: &random))
                    batch.put(key: key, value: value)
                    model[key] = value
                }
            }
            try store.write(batch, sync: false)
            if round % 20 == 19 { try store.compact() }
            for _ in 0..<6 {
                let range = KeyRange(lower: randomKey(), upper: Bool.random(using: &random) ? randomKey() : nil)
                var expected = model.filter { range.contains($0.key) }
                    .map { StoredEntry(key: $0.key, value: $0.value) }
                    .sorted { KeyOrder.precedes($0.key, $1.key) }
                let ascending = try store.scan(range, order: .ascending, limit: ScanLimit(count: 10_000))
                try require(ascending == ScanPage(entries: expected, rest: nil), "an ascending scan of \(range)")
                expected.reverse()
                let descending = try store.scan(range, order: .descending, limit: ScanLimit(count: 10_000))
                try require(descending == ScanPage(entries: expected, rest: nil), "a descending scan of \(range)")
            }
        }
    }

    private static func resumes(_ fixture: any StoreFixture) throws {
        let store = try fixture.open(TestKeyspaces.layout())
        var batch = WriteBatch()
        for number in 0..<100 as Range<UInt64> {
            try batch.put(
                in: TestKeyspaces.records,
                TestKey(UInt32(number / 10), number),
                TestRecord(number: number, bytes: [UInt8](repeating: 1, count: 100))
            )
            try batch.put(in: TestKeyspaces.twins, TestKey(0, number), TestRecord(number: number))
        }
        try store.write(batch, sync: false)
        for order in [ScanOrder.ascending, .descending] {
            for limit in [
                ScanLimit(count: 7), ScanLimit(count: 100, byteCount: 350), ScanLimit(count: 1, byteCount: 0),
            ] {
                var seen: [UInt64] = []
                var rest: KeyRange? = TestKeyspaces.records.range(from: TestKey(2, 0), before: TestKey(8, 0))
                while let range = rest {
                    let page = try store.records(in: TestKeyspaces.records, range: range, order: order, limit: limit)
                    try require(page.records.count <= limit.count, "a page keeps its limit")
                    try require(!page.records.isEmpty || page.rest == nil, "a page makes progress")
                    seen += page.records.map(\.value.number)
                    rest = page.rest
                }
                let expected = Array(20..<80 as Range<UInt64>)
                try require(seen == (order == .ascending ? expected : expected.reversed()), "pages join to the range")
            }
        }
        let all = try store.records(in: TestKeyspaces.records, range: .all, limit: ScanLimit(count: 1_000))
        try require(all.records.count == 100, "a scan of a keyspace stays in it")
        try require(
            try store.scan(KeyRange(lower: [5], upper: [4]), order: .descending, limit: ScanLimit(count: 9)).entries
                .isEmpty,
            "a range with ends exchanged is empty"
        )
    }

    private static func lastChangeWins(_ fixture: any StoreFixture) throws {
        let store = try fixture.open(TestKeyspaces.layout())
        var batch = WriteBatch()
        batch.put(key: [0x10, 1], value: [1])
        batch.put(key: [0x10, 1], value: [2])
        batch.put(key: [0x10, 2], value: [1])
        batch.remove(key: [0x10, 2])
        batch.remove(key: [0x10, 3])
        batch.put(key: [0x10, 3], value: [])
        try store.write(batch, sync: true)
        let entries = try store.scan(StoreRecords.keyspaces, order: .ascending, limit: ScanLimit(count: 9)).entries
        try require(
            entries == [StoredEntry(key: [0x10, 1], value: [2]), StoredEntry(key: [0x10, 3], value: [])],
            "within a batch, the last change of a key wins; empty values are values"
        )
    }

    private static func snapshotsStay(_ fixture: any StoreFixture) throws {
        let store = try fixture.open(TestKeyspaces.layout())
        func write(_ value: UInt8) throws(StorageError) {
            var batch = WriteBatch()
            batch.put(key: [0x10, 1], value: [value])
            batch.put(key: [0x10, value], value: [])
            try store.write(batch, sync: false)
        }
        try write(2)
        let (before, count) = try store.withSnapshot { (snapshot) throws(StorageError) in
            try write(3)
            try store.compact()
            return (
                try snapshot.value(forKey: [0x10, 1]),
                try snapshot.scan(StoreRecords.keyspaces, order: .ascending, limit: ScanLimit(count: 9)).entries.count
            )
        }
        try require(before == [2] && count == 2, "a snapshot does not see later writes")
        try require(try store.value(forKey: [0x10, 1]) == [3], "later writes are there after the snapshot")
    }

    private static func survivesReopening(_ fixture: any StoreFixture) throws {
        for round in 0..<4 as Range<UInt64> {
            let store = try fixture.open(TestKeyspaces.layout())
            for earlier in 0..<round {
                try require(
                    try store.value(in: TestKeyspaces.signatures, for: earlier) == TestRecord(number: earlier),
                    "records are there after closing and opening"
                )
            }
            var batch = WriteBatch()
            try batch.put(in: TestKeyspaces.signatures, round, TestRecord(number: round))
            try store.write(batch, sync: round % 2 == 0)
            store.close()
        }
    }

    private static func admitsOneOpener(_ fixture: any StoreFixture) throws {
        let store = try fixture.open(TestKeyspaces.layout())
        do {
            _ = try fixture.open(TestKeyspaces.layout())
            throw ContractBreach(description: "a second opener is refused")
        } catch StorageError.locked {
            store.close()
            try fixture.open(TestKeyspaces.layout()).close()
        }
    }

    private static func refusesOtherLayouts(_ fixture: any StoreFixture) throws {
        func refusal(_ layout: StoreLayout) throws -> StorageError {
            do throws(StorageError) {
                _ = try fixture.open(layout)
            } catch {
                return error
            }
            throw ContractBreach(description: "a store of another layout is refused")
        }
        let store = try fixture.open(TestKeyspaces.layout(schema: 3))
        var batch = WriteBatch()
        try batch.put(in: TestKeyspaces.signatures, 5, TestRecord(number: 5))
        try store.write(batch, sync: true)
        store.close()
        guard case .newerSchema(_, 3, 2) = try refusal(TestKeyspaces.layout(schema: 2)) else {
            throw ContractBreach(description: "a newer schema is named as such")
        }
        guard case .otherOwner(_, "testnet", "mainnet") = try refusal(TestKeyspaces.layout(owner: "mainnet")) else {
            throw ContractBreach(description: "another owner is named as such")
        }
        guard case .olderSchema(_, 3, 5) = try refusal(TestKeyspaces.layout(schema: 6, oldest: 5)) else {
            throw ContractBreach(description: "a schema that is too old is named as such")
        }
        // Raised to schema 4, so that the program of schema 3 is refused afterwards.
        try fixture.open(TestKeyspaces.layout(schema: 4, oldest: 3)).close()
        guard case .newerSchema(_, 4, 3) = try refusal(TestKeyspaces.layout(schema: 3)) else {
            throw ContractBreach(description: "opening with a later schema raises the store's")
        }
        let later = try fixture.open(TestKeyspaces.layout(schema: 4))
        try require(
            try later.value(in: TestKeyspaces.signatures, for: 5) == TestRecord(number: 5),
            "a refused store keeps its records"
        )
    }

    private static func refusesTooLarge(_ fixture: any StoreFixture) throws {
        let store = try fixture.open(TestKeyspaces.layout())
        func refuses(_ batch: WriteBatch) -> Bool {
            do throws(StorageError) {
                try store.write(batch, sync: false)
                return false
            } catch {
                if case .tooLarge = error { return error.blame == .caller }
                return false
            }
        }
        var key = WriteBatch()
        key.put(key: [UInt8](repeating: 0x10, count: WriteBatch.keyByteCountMax + 1), value: [])
        var value = WriteBatch()
        value.put(key: [0x10], value: [UInt8](repeating: 0, count: WriteBatch.valueByteCountMax + 1))
        var total = WriteBatch()
        for index in 0..<5 as Range<UInt8> {
            total.put(key: [0x10, index], value: [UInt8](repeating: 0, count: WriteBatch.valueByteCountMax))
        }
        try require(refuses(key) && refuses(value) && refuses(total), "limits are kept")
        var good = WriteBatch()
        good.put(key: [0x10], value: [UInt8](repeating: 0, count: WriteBatch.valueByteCountMax))
        try store.write(good, sync: true)
        try require(
            try store.scan(StoreRecords.keyspaces, order: .ascending, limit: ScanLimit(count: 9)).entries.map(\.key)
                == [[0x10]],
            "a refused batch changes nothing and stops nothing"
        )
    }

    private static func isClosedAfterClosing(_ fixture: any StoreFixture) throws {
        let store = try fixture.open(TestKeyspaces.layout())
        store.close()
        store.close()
        func isClosed(_ call: () throws(StorageError) -> Void) -> Bool {
            do throws(StorageError) {
                try call()
                return false
            } catch {
                return error == .closed
            }
        }
        try require(isClosed { () throws(StorageError) in _ = try store.value(forKey: [1]) }, "reading")
        try require(isClosed { () throws(StorageError) in try store.write(WriteBatch(), sync: true) }, "writing")
        try require(isClosed { () throws(StorageError) in try store.compact() }, "compacting")
        try require(
            isClosed { () throws(StorageError) in _ = try store.approximateByteCount(of: .all) },
            "measuring"
        )
    }
}
