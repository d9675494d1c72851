package import KeyValueStorage

extension LevelDBStore {
    /// What a restored backup takes the place of.
    package enum Replacement: Equatable, Sendable {
        /// Nothing: the path does not exist or is an empty folder.
        case nothing
        /// A store, sound or not, that stays under another path beside; nothing is there yet.
        case movedAside(path: String)
        /// A store of which nobody needs anything; it is removed when the backup is in its place.
        case removed
    }

    /// Puts a copy of a backup at a path, after every record of it was checked.
    ///
    /// What was written after the backup is missing from the restored store: the node's own signatures, too. What is
    /// replaced stays in its place until the copy is complete and on the disk; if a crash comes between its move and
    /// the copy's, the path is empty, and the next restoring goes on.
    ///
    /// - Throws: Any ``StorageError``; `locked` if somebody uses what is to be replaced.
    package static func restore(
        backup: String,
        to destination: String,
        layout: StoreLayout,
        replacing replacement: Replacement = .nothing
    ) throws(StorageError) -> StoreCheck {
        let source = try LevelDBStore(backup, layout: layout, create: false)
        defer { source.close() }
        let check = try source.check()
        if let fault = check.faults.first { throw fault }
        // Names beside the store, not in it. What is there is left from a restoring that was interrupted.
        var base = destination
        while base.count > 1, base.hasSuffix("/") { base.removeLast() }
        let staged = StoreFolder(path: base + ".restoring")
        if try staged.content() != .missing { try discard(staged) }
        guard replacement != .nothing else {
            try source.backUp(to: destination)
            return check
        }
        let old = StoreFolder(path: base)
        let lock = try DirectoryLock(destination)
        defer { lock.release() }
        let aside: StoreFolder
        switch replacement {
        case .movedAside(let path): aside = StoreFolder(path: path)
        case .nothing, .removed: aside = StoreFolder(path: base + ".replaced")
        }
        do throws(StorageError) {
            try source.backUp(to: staged.path)
            if replacement == .removed, try aside.content() != .missing { try discard(aside) }
            try old.move(to: aside.path)
            try staged.move(to: base)
        } catch {
            // Fails if the old store is where it was.
            try? aside.move(to: base)
            try? discard(staged)
            throw error
        }
        if replacement == .removed { try? aside.remove() }
        return check
    }

    /// Removes a store that nobody uses.
    private static func discard(_ folder: StoreFolder) throws(StorageError) {
        let lock = try DirectoryLock(folder.path)
        defer { lock.release() }
        try folder.remove()
    }
}
