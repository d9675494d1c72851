package import WireFormat

/// Why a store did not do what it was asked; ``blame`` says whose business it is, ``advice`` what to do about it.
package enum StorageError: Error, Equatable, Sendable {
    /// Another process has the store open; `holder` is its process number, when the lock tells.
    case locked(path: String, holder: Int32?)
    /// There is no store at `path`.
    case missing(path: String)
    /// Something is at `path` already, where a new store was to be made.
    case occupied(path: String)
    /// The files are damaged; nothing was changed.
    case corrupt(path: String, detail: String)
    /// The last write that the store has is older than the last one that it confirmed as synced; nothing was changed.
    case lostSyncedData(path: String, found: UInt64, confirmed: UInt64)
    /// A later release wrote the store; nothing was changed.
    case newerSchema(path: String, found: UInt32, known: UInt32)
    /// A release too old for this one wrote the store; nothing was changed.
    case olderSchema(path: String, found: UInt32, oldestReadable: UInt32)
    /// The store belongs to something else, such as another network; nothing was changed.
    case otherOwner(path: String, found: String, expected: String)
    /// There is no room for the write, which was not done.
    case diskFull(path: String)
    /// The operating system refused; the text is its reason.
    case environment(path: String, detail: String)
    /// A write failed earlier, so what the disk holds is uncertain; reading goes on, writing needs a new start.
    case writesStopped(path: String, detail: String)
    /// A stored record that is not an encoding of its keyspace's type; `key` in hexadecimal.
    case undecodable(keyspace: String, key: String, reason: WireError)
    /// A stored record in a later version of its keyspace than this release knows; `key` in hexadecimal.
    case newerRecord(keyspace: String, key: String, found: UInt8, known: UInt8)
    /// A key, value or batch above its limit, in bytes; nothing was written.
    case tooLarge(what: String, limit: Int, count: Int)
    /// The store was closed.
    case closed
}

/// Who can do something about a ``StorageError``.
package enum StorageBlame: Equatable, Sendable {
    /// The code that called the store.
    case caller
    /// The operator's configuration: the wrong folder, program or network.
    case `operator`
    /// The machine: disk, memory, permissions.
    case environment
    /// The stored bytes are not what was written, or were written wrongly.
    case storedData
}

extension StorageError {
    /// Who can do something about it.
    package var blame: StorageBlame {
        switch self {
        case .locked, .missing, .occupied, .newerSchema, .olderSchema, .otherOwner, .newerRecord: .operator
        case .corrupt, .lostSyncedData, .undecodable: .storedData
        case .diskFull, .environment, .writesStopped: .environment
        case .tooLarge, .closed: .caller
        }
    }

    /// One sentence for the operator.
    package var advice: String {
        switch self {
        case .locked: "Stop that process, or give this one another data folder."
        case .missing: "Check the path, and whether its disk is mounted."
        case .occupied: "Name a folder that does not exist or is empty."
        case .corrupt, .lostSyncedData:
            "Keep a copy of the folder, check the disk, then put the last backup in its place."
        case .newerSchema, .newerRecord: "Run the release that wrote the store, or a later one."
        case .olderSchema: "Open the store with a release in between first, or restore a later backup."
        case .otherOwner: "Give each network its own data folder."
        case .diskFull: "Make room on the disk, then start again."
        case .environment: "Check permissions, limits and the disk, then start again."
        case .writesStopped: "Remove the cause of the first failure, then start again."
        case .undecodable: "Run the check of the store; restore a backup if it finds more."
        case .tooLarge, .closed: "This is a fault of the program; please report it."
        }
    }
}

extension StorageError: CustomStringConvertible {
    /// What happened, without the advice.
    package var description: String {
        switch self {
        case .locked(let path, let holder):
            "the store \(path) is in use by " + (holder.map { "process \($0)" } ?? "another process")
        case .missing(let path): "there is no store at \(path)"
        case .occupied(let path): "\(path) is not empty"
        case .corrupt(let path, let detail): "the store \(path) is damaged: \(detail)"
        case .lostSyncedData(let path, let found, let confirmed):
            "the store \(path) confirmed write \(confirmed) as safe, but its files end at write \(found)"
        case .newerSchema(let path, let found, let known):
            "the store \(path) has schema \(found), this program knows \(known)"
        case .olderSchema(let path, let found, let oldest):
            "the store \(path) has schema \(found), this program reads \(oldest) and later"
        case .otherOwner(let path, let found, let expected):
            "the store \(path) belongs to \(found), not to \(expected)"
        case .diskFull(let path): "no room left on the disk of \(path)"
        case .environment(let path, let detail): "\(path): \(detail)"
        case .writesStopped(let path, let detail): "the store \(path) takes no writes since one failed: \(detail)"
        case .undecodable(let keyspace, let key, let reason):
            "record 0x\(key) of \(keyspace) cannot be read: \(reason)"
        case .newerRecord(let keyspace, let key, let found, let known):
            "record 0x\(key) of \(keyspace) has version \(found), this program knows \(known)"
        case .tooLarge(let what, let limit, let count): "a \(what) of \(count) bytes is above \(limit)"
        case .closed: "the store is closed"
        }
    }
}
