/// A stored key and its value.
package struct StoredEntry: Equatable, Sendable {
    /// The key.
    package let key: [UInt8]
    /// The value.
    package let value: [UInt8]

    /// An entry.
    package init(key: [UInt8], value: [UInt8]) {
        self.key = key
        self.value = value
    }
}

/// How much one page of a scan may hold: always one entry, if there is one.
package struct ScanLimit: Equatable, Sendable {
    /// Most entries.
    package let count: Int
    /// Bytes of keys and values after which a page ends.
    package let byteCount: Int

    /// A limit of at least one entry.
    package init(count: Int, byteCount: Int = 1 << 20) {
        self.count = max(count, 1)
        self.byteCount = byteCount
    }
}

/// In which direction a scan goes through its range.
package enum ScanOrder: Equatable, Sendable {
    /// From the first key to the last.
    case ascending
    /// From the last key to the first.
    case descending
}

/// A part of a range, and what is left of it.
package struct ScanPage: Equatable, Sendable {
    /// The entries in the order of the scan.
    package let entries: [StoredEntry]
    /// The range that continues the scan; `nil`: this was all.
    package let rest: KeyRange?

    /// A page.
    package init(entries: [StoredEntry], rest: KeyRange?) {
        self.entries = entries
        self.rest = rest
    }
}

/// Collects a page from entries in the order of the scan: the one place that knows limits and resumption.
package struct ScanPageBuilder {
    private let range: KeyRange
    private let order: ScanOrder
    private let limit: ScanLimit
    private var entries: [StoredEntry] = []
    private var byteCount = 0

    /// An empty page of a scan of `range`.
    package init(range: KeyRange, order: ScanOrder, limit: ScanLimit) {
        self.range = range
        self.order = order
        self.limit = limit
    }

    /// Takes the next entry; `false`: the page is full, and the entry begins the rest.
    package mutating func append(_ entry: StoredEntry) -> Bool {
        guard entries.count < limit.count, entries.isEmpty || byteCount < limit.byteCount else { return false }
        entries.append(entry)
        byteCount += entry.key.count + entry.value.count
        return true
    }

    /// The page, when the range has no further entry.
    package func finished() -> ScanPage { ScanPage(entries: entries, rest: nil) }

    /// The page, when `append` refused an entry.
    package func interrupted() -> ScanPage {
        guard let last = entries.last else { return ScanPage(entries: [], rest: range) }
        switch order {
        case .ascending:
            // The shortest key after the last one.
            return ScanPage(entries: entries, rest: KeyRange(lower: last.key + [0], upper: range.upper))
        case .descending:
            return ScanPage(entries: entries, rest: KeyRange(lower: range.lower, upper: last.key))
        }
    }
}
