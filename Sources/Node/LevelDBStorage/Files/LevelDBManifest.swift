/// What a LevelDB manifest says: which tables and which logs are the store.
///
/// The format (LevelDB, db/version_edit.cc): records of tagged fields, each an edit of the state before.
struct LevelDBManifest: Equatable {
    /// Tables by number, with their bytes.
    private(set) var tables: [UInt64: UInt64] = [:]
    /// Logs of lower numbers are in tables already.
    private(set) var logNumber: UInt64 = 0
    /// A lower log that is needed, too; 0: none.
    private(set) var previousLogNumber: UInt64 = 0

    /// The last change, counted by LevelDB, that was done when the manifest was written to; the tables hold all changes
    /// up to the first log, so that this is at least the last of them.
    private(set) var lastSequence: UInt64 = 0

    /// The state after all edits; `nil` if one cannot be read.
    init?(edits: [[UInt8]]) {
        for edit in edits {
            var reader = VarintReader(bytes: edit)
            while !reader.isAtEnd {
                guard let tag = reader.varint(), apply(tag, &reader) != nil else { return nil }
            }
        }
    }

    private mutating func apply(_ tag: UInt64, _ reader: inout VarintReader) -> Void? {
        switch tag {
        case 1: return reader.skipBytes()
        case 2:
            guard let number = reader.varint() else { return nil }
            logNumber = number
        case 3: return reader.varint().map { _ in }
        case 4:
            guard let number = reader.varint() else { return nil }
            lastSequence = number
        case 5: return reader.varint().flatMap { _ in reader.skipBytes() }
        case 6:
            guard reader.varint() != nil, let number = reader.varint() else { return nil }
            tables[number] = nil
        case 7:
            guard
                reader.varint() != nil, let number = reader.varint(), let byteCount = reader.varint(),
                reader.skipBytes() != nil, reader.skipBytes() != nil
            else { return nil }
            tables[number] = byteCount
        case 9:
            guard let number = reader.varint() else { return nil }
            previousLogNumber = number
        default: return nil
        }
        return ()
    }
}

/// Reads variable-length integers (seven bits a byte, lowest first) and byte strings behind them.
private struct VarintReader {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position >= bytes.count }

    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard position < bytes.count else { return nil }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    mutating func skipBytes() -> Void? {
        guard let count = varint(), count <= UInt64(bytes.count - position) else { return nil }
        position += Int(count)
        return ()
    }
}
