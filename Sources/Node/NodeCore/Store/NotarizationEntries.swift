package import Attestations
package import CryptoCore
package import KeyValueStorage
package import Records
internal import Synchronization

/// What storing one notarization writes, but for digests: the same on every node of a network.
package struct NotarizationEntries: Sendable {
    /// The record and its indexes.
    package let batch: WriteBatch
    /// What it adds to the sums of the spans that it lies in.
    package let element: MultisetHash

    /// The entries of a record.
    package init(_ stored: StoredNotarization, id: AttestationID) throws(StorageError) {
        var batch = WriteBatch()
        try batch.put(in: NodeStore.notarizations, AttestationKey(id), stored)
        let keys = NotarizationKeys(stored.record.header, id: id)
        try batch.put(in: NodeStore.notarizationsByTime, keys.time, NoValue())
        try batch.put(in: NodeStore.notarizationsByNotary, keys.notary, NoValue())
        if let server = keys.server { try batch.put(in: NodeStore.notarizationsByServer, server, NoValue()) }
        try batch.put(in: NodeStore.notarizationsByOwner, keys.owner, NoValue())
        self.batch = batch
        element = SetDigest.element(id)
    }

    /// What removes the entries.
    package var removal: WriteBatch {
        var removal = WriteBatch()
        for change in batch.changes { removal.remove(key: change.key) }
        return removal
    }

    /// The bytes that the record takes, without what the store itself adds.
    package var byteCount: Int { batch.byteCount }
}

/// The keys of a notarization's indexes.
struct NotarizationKeys {
    let time: TimeKey
    let notary: AccountTimeKey
    let server: ServerTimeKey?
    let owner: AccountTimeKey
    let session: SessionKey

    init(_ header: AttestationHeader, id: AttestationID) {
        let time = TimeKey(time: header.endTime, id: id)
        self.time = time
        notary = AccountTimeKey(account: header.notary, time: time)
        if case .revealed(let revealed) = header.server {
            server = ServerTimeKey(server: revealed.name.lowercased(), time: time)
        } else {
            server = nil
        }
        owner = AccountTimeKey(account: header.purpose.owner, time: time)
        session = SessionKey(notary: header.notary, sessionID: header.sessionID)
    }
}

/// Makes the entries of records.
package protocol NotarizationEntrySource: Sendable {
    /// The entries of a record whose window ends at `windowEnd`, in Unix milliseconds.
    func entries(of record: Notarization, windowEnd: UInt64) throws(StorageError) -> NotarizationEntries
}

/// Makes them each time.
package struct FreshEntries: NotarizationEntrySource {
    /// The source.
    package init() {}

    package func entries(
        of record: Notarization,
        windowEnd: UInt64
    ) throws(StorageError) -> NotarizationEntries {
        try NotarizationEntries(StoredNotarization(windowEnd: windowEnd, record: record.unverified), id: record.id)
    }
}

/// Remembers them, so that the stores of many nodes in one process share the memory of keys and values.
///
/// For simulations. When it is full it forgets everything, which changes what a run costs, not what it does.
package final class SharedEntries: NotarizationEntrySource {
    private struct Name: Hashable {
        let record: Notarization
        let windowEnd: UInt64
    }

    private let countMax: Int
    private let entries = Mutex<[Name: NotarizationEntries]>([:])

    /// Remembers the entries of at most `countMax` records.
    package init(countMax: Int = 1 << 16) {
        self.countMax = countMax
    }

    package func entries(
        of record: Notarization,
        windowEnd: UInt64
    ) throws(StorageError) -> NotarizationEntries {
        let name = Name(record: record, windowEnd: windowEnd)
        return try entries.withLock { (known) throws(StorageError) -> NotarizationEntries in
            if let entries = known[name] { return entries }
            let made = try FreshEntries().entries(of: record, windowEnd: windowEnd)
            if known.count >= countMax { known = [:] }
            known[name] = made
            return made
        }
    }
}
