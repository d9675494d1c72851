internal import KeyValueStorage

/// Reads the records of a LevelDB log or manifest file, and says how the file ends.
///
/// The format (LevelDB, doc/log_format.md): blocks of 32 KiB with fragments of records, each behind a masked CRC-32C,
/// its length and its type. Any bytes are accepted; nothing traps.
struct LevelDBLog {
    /// How a file ends.
    enum Ending: Equatable {
        /// After a whole record.
        case clean
        /// Within a record: the rest was never written.
        case partial
        /// In bytes that are not a record.
        case damaged(String)
    }

    private static let blockByteCount = 32 << 10
    private static let headerByteCount = 7

    private let bytes: [UInt8]
    private var position = 0
    /// Where the last whole record ends.
    private(set) var intactByteCount = 0
    /// Set once `next` has returned `nil`.
    private(set) var ending = Ending.clean

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next record; `nil` at the end, whatever that is like.
    mutating func next() -> [UInt8]? {
        guard ending == .clean else { return nil }
        var record: [UInt8]?
        while true {
            let left = bytes.count - position
            guard left > 0 else { return end(record == nil ? .clean : .partial) }
            let blockLeft = Self.blockByteCount - position % Self.blockByteCount
            if blockLeft < Self.headerByteCount {
                // A block's trailer, zeros; a file may end in it.
                position = min(position + blockLeft, bytes.count)
                continue
            }
            guard left >= Self.headerByteCount else { return end(.partial) }
            let count = Int(bytes[position + 4]) | Int(bytes[position + 5]) << 8
            let type = bytes[position + 6]
            let start = position + Self.headerByteCount
            if type == 0, count == 0 { return end(.damaged("zeros in place of a record")) }
            guard Self.headerByteCount + count <= blockLeft else { return end(.damaged("a record's length")) }
            guard start + count <= bytes.count else { return end(.partial) }
            let payload = bytes[start..<start + count]
            guard checksum(at: position) == Self.masked(type, payload) else {
                return end(.damaged("a record's checksum"))
            }
            position = start + count
            switch (type, record) {
            case (1, nil):
                intactByteCount = position
                return Array(payload)
            case (2, nil): record = Array(payload)
            case (3, .some(let begun)): record = begun + payload
            case (4, .some(let begun)):
                intactByteCount = position
                return begun + payload
            default: return end(.damaged("the order of a record's fragments"))
            }
        }
    }

    private mutating func end(_ ending: Ending) -> [UInt8]? {
        if ending != .clean { self.ending = ending }
        return nil
    }

    private func checksum(at position: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[position + $1]) << UInt32(8 * $1) }
    }

    private static func masked(_ type: UInt8, _ payload: ArraySlice<UInt8>) -> UInt32 {
        var sum = CRC32C()
        sum.update([type])
        sum.update(payload)
        return (sum.value >> 15 | sum.value << 17) &+ 0xa282_ead8
    }
}

/// A batch in a log, as far as recovery needs to know it.
struct LoggedBatch {
    /// LevelDB's count of changes, at the batch's first one.
    let sequence: UInt64
    /// The store's number of the batch, which is its first change.
    let number: UInt64

    /// `nil`: not a batch of ours.
    init?(_ record: [UInt8]) {
        // Sequence number and count, the tag of a put, the key behind its length, the value behind its length.
        let expected = [1, UInt8(StoreRecords.batchNumberKey.count)] + StoreRecords.batchNumberKey + [8]
        let start = 12 + expected.count
        guard record.count >= start + 8, Array(record[12..<start]) == expected else { return nil }
        sequence = record[..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        number = record[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
