package import WireFormat

/// Records of a keyspace in the order of a scan, and what is left of the range.
package struct RecordPage<Key: OrderedKey, Value: WireCodable> {
    /// A key and its value.
    package struct Record {
        /// The key.
        package let key: Key
        /// The value.
        package let value: Value
    }

    /// The records.
    package let records: [Record]
    /// The range that continues the scan; `nil`: this was all.
    package let rest: KeyRange?
}

extension KeyValueReader {
    /// The value of a key in a keyspace.
    package func value<Key, Value>(
        in keyspace: Keyspace<Key, Value>,
        for key: Key
    ) throws(StorageError) -> Value? {
        let storedKey = keyspace.storedKey(key)
        guard let stored = try value(forKey: storedKey) else { return nil }
        return try keyspace.value(ofStored: stored, storedKey: storedKey)
    }

    /// Whether a keyspace has a record for a key; the record is not decoded.
    package func contains<Key, Value>(
        in keyspace: Keyspace<Key, Value>,
        _ key: Key
    ) throws(StorageError) -> Bool {
        try value(forKey: keyspace.storedKey(key)) != nil
    }

    /// One page of a keyspace's records.
    ///
    /// - Parameters:
    ///   - keyspace: Which records.
    ///   - range: From ``Keyspace/range(from:before:)`` or an earlier page's rest; `nil`: all of the keyspace.
    ///   - order: The direction.
    ///   - limit: Of the page.
    package func records<Key, Value>(
        in keyspace: Keyspace<Key, Value>,
        range: KeyRange? = nil,
        order: ScanOrder = .ascending,
        limit: ScanLimit
    ) throws(StorageError) -> RecordPage<Key, Value> {
        let page = try scan(keyspace.clamped(range), order: order, limit: limit)
        var records: [RecordPage<Key, Value>.Record] = []
        records.reserveCapacity(page.entries.count)
        for entry in page.entries {
            records.append(
                .init(
                    key: try keyspace.key(ofStored: entry.key),
                    value: try keyspace.value(ofStored: entry.value, storedKey: entry.key)
                )
            )
        }
        return RecordPage(records: records, rest: page.rest)
    }
}

extension Keyspace {
    /// Keys at or after `lower` and before `upper`; `nil` leaves that side open.
    package func range(from lower: Key?, before upper: Key? = nil) -> KeyRange {
        let whole = self.range
        return KeyRange(
            lower: lower.map(storedKey) ?? whole.lower,
            upper: upper.map(storedKey) ?? whole.upper
        )
    }

    /// A range without what lies outside the keyspace.
    func clamped(_ range: KeyRange?) -> KeyRange {
        let whole = self.range
        guard let range else { return whole }
        let lower = KeyOrder.precedes(range.lower, whole.lower) ? whole.lower : range.lower
        guard let end = whole.upper else { return KeyRange(lower: lower, upper: range.upper) }
        guard let upper = range.upper, KeyOrder.precedes(upper, end) else { return KeyRange(lower: lower, upper: end) }
        return KeyRange(lower: lower, upper: upper)
    }
}

extension WriteBatch {
    /// Sets a record.
    package mutating func put<Key, Value>(
        in keyspace: Keyspace<Key, Value>,
        _ key: Key,
        _ value: Value
    ) throws(StorageError) {
        put(key: keyspace.storedKey(key), value: try keyspace.storedValue(value))
    }

    /// Removes a record.
    package mutating func remove<Key, Value>(in keyspace: Keyspace<Key, Value>, _ key: Key) {
        remove(key: keyspace.storedKey(key))
    }
}
