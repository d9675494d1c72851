/// Keys and values in the order of the keys.
///
/// An array: finding takes logarithmic time, inserting in the middle moves what follows. Keys that begin with a time
/// arrive in order, so that inserting is mostly appending.
struct SortedRecords: Sendable {
    private(set) var entries: [StoredEntry] = []
    private(set) var byteCount = 0

    /// The place of the first key that is not before `key`.
    func place(of key: [UInt8]) -> Int {
        if let last = entries.last, KeyOrder.precedes(last.key, key) { return entries.count }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if KeyOrder.precedes(entries[middle].key, key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func value(forKey key: [UInt8]) -> [UInt8]? {
        let place = place(of: key)
        guard place < entries.count, entries[place].key == key else { return nil }
        return entries[place].value
    }

    func indices(of range: KeyRange) -> Range<Int> {
        let lower = place(of: range.lower)
        let upper = range.upper.map(place(of:)) ?? entries.count
        return lower..<max(lower, upper)
    }

    func scan(_ range: KeyRange, order: ScanOrder, limit: ScanLimit) -> ScanPage {
        var builder = ScanPageBuilder(range: range, order: order, limit: limit)
        let indices = indices(of: range)
        var index = order == .ascending ? indices.lowerBound : indices.upperBound - 1
        while indices.contains(index) {
            guard builder.append(entries[index]) else { return builder.interrupted() }
            index += order == .ascending ? 1 : -1
        }
        return builder.finished()
    }

    mutating func apply(_ change: WriteBatch.Change) {
        let place = place(of: change.key)
        let isThere = place < entries.count && entries[place].key == change.key
        if isThere { byteCount -= entries[place].key.count + entries[place].value.count }
        switch change {
        case .put(let key, let value):
            byteCount += key.count + value.count
            let entry = StoredEntry(key: key, value: value)
            if isThere { entries[place] = entry } else { entries.insert(entry, at: place) }
        case .remove:
            if isThere { entries.remove(at: place) }
        }
    }

    mutating func apply(_ batch: WriteBatch) {
        for change in batch.changes { apply(change) }
    }
}
