internal import Glibc
internal import KeyValueStorage
internal import WireFormat

/// Remembers, outside LevelDB, the last batch that was confirmed as synced, and the store's schema.
///
/// LevelDB takes a log that was cut short for one that ends there. With the mark, a store that lost confirmed batches
/// is noticed. The mark is written after each synced batch but not synced itself: after a loss of power it may be too
/// low, which hides a loss at worst; it is never too high, which would refuse a sound store. Disks write a sector whole
/// or not at all; the mark stands in two, written in turn, so that one damaged sector does not cost the store.
struct SyncedMark: Equatable {
    static let name = "synced"
    private static let magic = Array("tabsync1".utf8)
    private static let byteCount = 24
    /// The places are in different sectors.
    private static let places = [0, 512]

    /// The schema of the store.
    var schema: UInt32
    /// The number of the last synced batch.
    var batchNumber: UInt64

    init(schema: UInt32, batchNumber: UInt64) {
        self.schema = schema
        self.batchNumber = batchNumber
    }

    /// Reads the mark of a store.
    init(folder: String) throws(StorageError) {
        let path = folder + "/" + Self.name
        guard FileCalls.byteCount(of: path) != nil else {
            throw .corrupt(path: folder, detail: "its file \(Self.name) is missing")
        }
        let bytes = try FileCalls.read(path)
        guard bytes.count == Self.places[1] + Self.byteCount else {
            throw .corrupt(path: folder, detail: "its file \(Self.name) has the wrong length")
        }
        let marks = Self.places.compactMap { Self(bytes: Array(bytes[$0..<$0 + Self.byteCount])) }
        guard let mark = marks.max(by: { $0.batchNumber < $1.batchNumber }) else {
            throw .corrupt(path: folder, detail: "its file \(Self.name) cannot be read")
        }
        self = mark
    }

    private init?(bytes: [UInt8]) {
        do throws(WireError) {
            var reader = try WireReader(bytes, limit: Self.byteCount)
            guard try reader.fixed(8) == Self.magic else { return nil }
            schema = try reader.uint32()
            batchNumber = try reader.uint64()
            guard try reader.uint32() == CRC32C.checksum(Array(bytes.prefix(20))) else { return nil }
            try reader.finish()
        } catch {
            return nil
        }
    }

    private var bytes: [UInt8] {
        var writer = WireWriter()
        writer.fixed(Self.magic)
        writer.uint32(schema)
        writer.uint64(batchNumber)
        writer.uint32(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    /// The content of a new file, with the mark in both places.
    var fileBytes: [UInt8] {
        let gap = [UInt8](repeating: 0, count: Self.places[1] - Self.byteCount)
        return bytes + gap + bytes
    }

    /// Writes the mark in its place, without waiting for the disk.
    func put(_ descriptor: Int32, folder: String) throws(StorageError) {
        let bytes = bytes
        let place = Self.places[Int(batchNumber % 2)]
        guard pwrite(descriptor, bytes, bytes.count, off_t(place)) == bytes.count else {
            throw FileCalls.failure(folder + "/" + Self.name)
        }
    }
}
