internal import KeyValueStorage

/// Looks at a LevelDB folder before LevelDB does, without changing it, and plans what to cut off.
///
/// LevelDB, told to be strict, refuses a log whose last write was torn by a loss of power; told not to be, it skips
/// damage and applies what comes after it. Here the log ends at the first damage, if everything that was confirmed as
/// synced lies before it; otherwise the store is refused.
struct LogRecovery {
    /// A log to be shortened, to nothing if `keptByteCount` is 0.
    struct Cut: Equatable {
        let log: String
        let keptByteCount: Int
        let byteCount: Int
        let isZeros: Bool
    }

    /// The logs to be shortened; mostly none.
    private(set) var cuts: [Cut] = []

    /// - Parameters:
    ///   - folder: LevelDB's folder.
    ///   - store: The store's folder, for messages.
    ///   - confirmed: The number of the last batch that was confirmed as synced.
    init(folder: String, store: String, confirmed: UInt64) throws(StorageError) {
        let manifest = try Self.manifest(folder: folder, store: store)
        for (number, byteCount) in manifest.tables {
            let isThere = ["ldb", "sst"].contains { suffix in
                FileCalls.byteCount(of: folder + "/" + Self.fileName(number, suffix)).map(UInt64.init) == byteCount
            }
            guard isThere else {
                throw .corrupt(path: store, detail: "table \(number) is missing or has the wrong length")
            }
        }
        var last: UInt64?
        var isCut = false
        for log in try Self.logs(folder: folder, manifest: manifest) {
            let bytes = try FileCalls.read(folder + "/" + log)
            var reader = LevelDBLog(bytes)
            var kept = 0
            while !isCut, let record = reader.next() {
                guard let batch = LoggedBatch(record), last.map({ batch.number == $0 &+ 1 }) ?? true else {
                    isCut = true
                    break
                }
                guard last != nil || batch.sequence <= manifest.lastSequence &+ 1 else {
                    throw .corrupt(path: store, detail: "LevelDB's manifest ends before \(log) begins")
                }
                last = batch.number
                kept = reader.intactByteCount
            }
            switch reader.ending {
            case .clean where !isCut: continue
            // LevelDB ends a log there, too; a gap to the next log is noticed above.
            case .partial where !isCut: continue
            default: isCut = true
            }
            if bytes.isEmpty { continue }
            cuts.append(
                Cut(
                    log: log,
                    keptByteCount: kept,
                    byteCount: bytes.count,
                    isZeros: bytes[kept...].allSatisfy { $0 == 0 }
                )
            )
        }
        if !cuts.isEmpty, let last, last < confirmed {
            throw .lostSyncedData(path: store, found: last, confirmed: confirmed)
        }
    }

    private static func manifest(folder: String, store: String) throws(StorageError) -> LevelDBManifest {
        let current = folder + "/CURRENT"
        guard FileCalls.byteCount(of: current) != nil else {
            throw .corrupt(path: store, detail: "LevelDB's file CURRENT is missing")
        }
        let text = String(decoding: try FileCalls.read(current), as: UTF8.self)
        guard text.hasPrefix("MANIFEST-"), text.hasSuffix("\n"), !text.contains("/") else {
            throw .corrupt(path: store, detail: "LevelDB's file CURRENT does not name a manifest")
        }
        let name = String(text.dropLast())
        guard FileCalls.byteCount(of: folder + "/" + name) != nil else {
            throw .corrupt(path: store, detail: "LevelDB's file \(name) is missing")
        }
        var reader = LevelDBLog(try FileCalls.read(folder + "/" + name))
        var edits: [[UInt8]] = []
        while let edit = reader.next() { edits.append(edit) }
        if case .damaged(let what) = reader.ending {
            throw .corrupt(path: store, detail: "LevelDB's file \(name) is damaged: \(what)")
        }
        guard !edits.isEmpty, let manifest = LevelDBManifest(edits: edits) else {
            throw .corrupt(path: store, detail: "LevelDB's file \(name) cannot be read")
        }
        return manifest
    }

    /// The logs that are not in tables yet, oldest first.
    private static func logs(folder: String, manifest: LevelDBManifest) throws(StorageError) -> [String] {
        let numbered = (try FileCalls.names(in: folder) ?? []).compactMap { name -> (UInt64, String)? in
            guard name.hasSuffix(".log"), let number = UInt64(name.dropLast(4)) else { return nil }
            guard number >= manifest.logNumber || number == manifest.previousLogNumber else { return nil }
            return (number, name)
        }
        return numbered.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private static func fileName(_ number: UInt64, _ suffix: String) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "." + suffix
    }
}
