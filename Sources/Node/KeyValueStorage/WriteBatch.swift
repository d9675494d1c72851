/// Changes that a store applies all or not at all: the effects of one event.
///
/// Later changes of the same key win. Use the typed forms of ``Keyspace``; raw bytes are for stores and tools.
package struct WriteBatch: Equatable, Sendable {
    /// One change.
    package enum Change: Equatable, Sendable {
        /// Sets a key's value.
        case put(key: [UInt8], value: [UInt8])
        /// Removes a key, whether it is there or not.
        case remove(key: [UInt8])

        /// The key that changes.
        package var key: [UInt8] {
            switch self {
            case .put(let key, _), .remove(let key): key
            }
        }
    }

    /// Most bytes of a key.
    package static let keyByteCountMax = 1 << 10
    /// Most bytes of a value.
    package static let valueByteCountMax = 4 << 20
    /// Most bytes of all keys and values in a batch.
    package static let byteCountMax = 16 << 20

    /// The changes in order.
    package private(set) var changes: [Change] = []
    /// Bytes of all keys and values.
    package private(set) var byteCount = 0

    /// A batch without changes.
    package init() {}

    /// Whether the batch changes nothing.
    package var isEmpty: Bool { changes.isEmpty }

    /// Sets the value of a raw key.
    package mutating func put(key: [UInt8], value: [UInt8]) {
        changes.append(.put(key: key, value: value))
        byteCount += key.count + value.count
    }

    /// Removes a raw key.
    package mutating func remove(key: [UInt8]) {
        changes.append(.remove(key: key))
        byteCount += key.count
    }

    /// Adds the changes of `other` after those here.
    package mutating func append(_ other: WriteBatch) {
        changes += other.changes
        byteCount += other.byteCount
    }

    /// Refuses keys, values and batches above the limits.
    package func checkLimits() throws(StorageError) {
        guard byteCount <= Self.byteCountMax else {
            throw .tooLarge(what: "batch", limit: Self.byteCountMax, count: byteCount)
        }
        for change in changes {
            guard change.key.count <= Self.keyByteCountMax else {
                throw .tooLarge(what: "key", limit: Self.keyByteCountMax, count: change.key.count)
            }
            if case .put(_, let value) = change, value.count > Self.valueByteCountMax {
                throw .tooLarge(what: "value", limit: Self.valueByteCountMax, count: value.count)
            }
        }
    }
}
