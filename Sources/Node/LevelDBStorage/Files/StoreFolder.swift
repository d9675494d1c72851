internal import KeyValueStorage

/// The files of a store, and the steps of making and opening one, each of which may be the last before a crash.
///
///     LOCK       held while the store is open
///     synced     the last batch confirmed as synced
///     leveldb/   LevelDB's files
///     before/    during an opening: the same files under second names, to go back to
///     damaged-*  parts of logs that were cut off after a loss of power, for inspection
struct StoreFolder {
    private static let creating = "creating"
    private static let linking = "linking"
    private static let before = "before"
    private static let discard = "discard"
    private static let database = "leveldb"
    private static let newMark = "synced.new"
    private static let damagedPrefix = "damaged-"
    /// Most cut-off parts of logs that are kept.
    static let damagedMax = 4

    let path: String

    /// LevelDB's folder.
    var database: String { path + "/" + Self.database }
    /// The folder of LevelDB's files while a store is made.
    var creating: String { path + "/" + Self.creating }

    /// What is at the path.
    enum Content: Equatable {
        case missing
        case empty
        case store
        /// A store whose database somebody took away: it is not taken for an empty place.
        case beheaded
        case other
    }

    func content() throws(StorageError) -> Content {
        guard let names = try FileCalls.names(in: path) else { return .missing }
        if names.contains(Self.database) || names.contains(Self.before) { return .store }
        // A making writes the mark while `creating` is there, and removes it before.
        if names.contains(SyncedMark.name), !names.contains(Self.creating) { return .beheaded }
        let unfinished = [DirectoryLock.name, SyncedMark.name, Self.newMark, Self.creating]
        return names.allSatisfy(unfinished.contains) ? .empty : .other
    }

    /// The folder that holds the store's folder.
    private var parent: String {
        var end = path[...]
        while end.count > 1, end.hasSuffix("/") { end = end.dropLast() }
        guard let slash = end.lastIndex(of: "/") else { return "." }
        return slash == end.startIndex ? "/" : String(end[..<slash])
    }

    // MARK: Making

    /// Makes the folder if it is missing.
    func make() throws(StorageError) {
        if try FileCalls.names(in: path) == nil { try FileCalls.makeFolder(path) }
    }

    /// Makes the folder and those that it is in, as far as they are missing, so that none is lost with the power.
    func makeWithParents() throws(StorageError) {
        guard try FileCalls.names(in: path) == nil else { return }
        guard let end = path.lastIndex(of: "/"), end > path.startIndex else { return try FileCalls.makeFolder(path) }
        let parent = String(path[..<end])
        // One that may be entered but not listed is there, too.
        if !FileCalls.isFolder(parent) { try StoreFolder(path: parent).makeWithParents() }
        try FileCalls.makeFolder(path)
        // Whoever may not read the folder that it is in cannot sync it, either.
        try? FileCalls.sync(parent)
    }

    /// Removes what an interrupted making left.
    func clearCreation() throws(StorageError) {
        // A mark without `creating` would be that of a store whose database is missing.
        for name in [SyncedMark.name, Self.newMark] { try FileCalls.removeFile(path + "/" + name) }
        try FileCalls.removeFolder(creating)
    }

    /// Removes a store with all that it is made of, and nothing else.
    func remove() throws(StorageError) {
        for name in try FileCalls.names(in: path) ?? [] {
            switch name {
            case Self.database, Self.before, Self.creating, Self.linking, Self.discard:
                try FileCalls.removeFolder(path + "/" + name)
            case DirectoryLock.name, SyncedMark.name, Self.newMark: try FileCalls.removeFile(path + "/" + name)
            default:
                guard name.hasPrefix(Self.damagedPrefix) else { throw .occupied(path: path) }
                try FileCalls.removeFile(path + "/" + name)
            }
        }
        try FileCalls.removeFolder(path)
    }

    /// Gives the store another path beside this one, and waits for the disk.
    func move(to target: String) throws(StorageError) {
        guard try FileCalls.names(in: target) == nil else { throw .occupied(path: target) }
        try FileCalls.move(path, to: target)
        try FileCalls.sync(parent)
    }

    /// Turns LevelDB's closed, complete folder `creating` into the store.
    func finishCreation(_ mark: SyncedMark) throws(StorageError) {
        for name in try FileCalls.names(in: creating) ?? [] { try FileCalls.sync(creating + "/" + name) }
        try FileCalls.sync(creating)
        try putMark(mark)
        try FileCalls.move(creating, to: database)
        try FileCalls.sync(path)
        try FileCalls.sync(parent)
    }

    /// Replaces the mark as a whole, and waits for the disk; nobody may have the old one open.
    func putMark(_ mark: SyncedMark) throws(StorageError) {
        let new = path + "/" + Self.newMark
        try FileCalls.write(mark.fileBytes, to: new)
        try FileCalls.move(new, to: path + "/" + SyncedMark.name)
        try FileCalls.sync(path)
    }

    // MARK: Opening

    /// Goes back to before an opening that was interrupted.
    func settle() throws(StorageError) {
        let names = try FileCalls.names(in: path) ?? []
        if names.contains(Self.before) { try rollBack() }
        for name in [Self.linking, Self.discard, Self.creating] { try FileCalls.removeFolder(path + "/" + name) }
    }

    /// Gives all files of LevelDB second names, which its opening does not touch: it replaces files, but changes none.
    func preserve() throws(StorageError) {
        let linking = path + "/" + Self.linking
        try FileCalls.makeFolder(linking)
        for name in try FileCalls.names(in: database) ?? [] where !["LOCK", "LOG", "LOG.old"].contains(name) {
            try FileCalls.link(database + "/" + name, as: linking + "/" + name)
        }
        try FileCalls.move(linking, to: path + "/" + Self.before)
        try FileCalls.sync(path)
    }

    /// Takes back everything since `preserve`; LevelDB must be closed.
    func rollBack() throws(StorageError) {
        try FileCalls.removeFolder(database)
        try FileCalls.move(path + "/" + Self.before, to: database)
        try FileCalls.sync(path)
    }

    /// Ends the opening; from here on there is no way back, and the disk knows.
    func commit() throws(StorageError) {
        try FileCalls.sync(database)
        try FileCalls.move(path + "/" + Self.before, to: path + "/" + Self.discard)
        try FileCalls.sync(path)
        try FileCalls.removeFolder(path + "/" + Self.discard)
    }

    /// Shortens a log, after a copy of it was put beside; call between `preserve` and LevelDB's opening.
    ///
    /// - Returns: The copy's path; `nil` if what is cut off is nothing but zeros.
    func cut(_ cut: LogRecovery.Cut) throws(StorageError) -> String? {
        let log = database + "/" + cut.log
        let bytes = try FileCalls.read(log)
        var copy: String?
        if !cut.isZeros {
            let damaged = path + "/" + Self.damagedPrefix + cut.log
            try FileCalls.write(bytes, to: damaged)
            copy = damaged
        }
        // Not shortened in place: the file has a second name.
        try FileCalls.removeFile(log)
        try FileCalls.write(Array(bytes.prefix(cut.keptByteCount)), to: log)
        try FileCalls.sync(database)
        let damaged = try FileCalls.names(in: path)?.filter { $0.hasPrefix(Self.damagedPrefix) } ?? []
        for name in damaged.dropLast(Self.damagedMax) { try FileCalls.removeFile(path + "/" + name) }
        return copy
    }
}
