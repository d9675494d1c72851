/// What a check of a whole store found.
package struct StoreCheck: Equatable, Sendable {
    /// Records and bytes of one keyspace.
    package struct Count: Equatable, Sendable {
        /// The keyspace's name.
        package let keyspace: String
        /// Its records.
        package fileprivate(set) var recordCount = 0
        /// Bytes of their keys and values, before compression.
        package fileprivate(set) var byteCount = 0
        /// Records that cannot be decoded.
        package fileprivate(set) var faultCount = 0
    }

    /// Most faults that are kept; all are counted.
    package static let faultsMax = 100

    /// One count for each keyspace of the layout, in its order.
    package private(set) var counts: [Count]
    /// Records that belong to no keyspace.
    package private(set) var strangerCount = 0
    /// The first faults, at most ``faultsMax``.
    package private(set) var faults: [StorageError] = []
    /// Records read.
    package private(set) var recordCount = 0

    /// Whether everything that is stored was read, and belongs where it is.
    package var isSound: Bool { faults.isEmpty && strangerCount == 0 }

    /// Reads and decodes every record of a store, in pages; checksums are verified by the store on the way.
    ///
    /// A damaged block ends the check, because nobody knows which records it had: the error is among the faults.
    package init(of reader: some KeyValueReader, layout: StoreLayout) {
        counts = layout.keyspaces.map { Count(keyspace: $0.name) }
        var rest: KeyRange? = StoreRecords.keyspaces
        do throws(StorageError) {
            _ = try StoreRecords.schema(in: reader, path: "")
            while let range = rest {
                let page = try reader.scan(range, order: .ascending, limit: ScanLimit(count: 1_000))
                for entry in page.entries { take(entry, layout: layout) }
                rest = page.rest
            }
        } catch {
            note(error)
        }
    }

    private mutating func take(_ entry: StoredEntry, layout: StoreLayout) {
        recordCount += 1
        guard let index = layout.keyspaces.firstIndex(where: { $0.prefix == entry.key.first }) else {
            strangerCount += 1
            return
        }
        counts[index].recordCount += 1
        counts[index].byteCount += entry.key.count + entry.value.count
        do throws(StorageError) {
            try layout.keyspaces[index].checkStored(entry)
        } catch {
            counts[index].faultCount += 1
            note(error)
        }
    }

    private mutating func note(_ fault: StorageError) {
        if faults.count < Self.faultsMax { faults.append(fault) }
    }
}
