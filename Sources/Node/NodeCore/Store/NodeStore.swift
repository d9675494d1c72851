package import Attestations
package import Discovery
package import KeyValueStorage
package import Records

/// All that a node stores: the one place where keyspaces are declared.
///
/// | prefix | keys | values |
/// | --- | --- | --- |
/// | 10 | attestation | the notarization and the end of its window |
/// | 11 | time, attestation | |
/// | 12 | notary, time, attestation | |
/// | 13 | server, time, attestation | |
/// | 14 | owner, time, attestation | |
/// | 15 | notary, session | the attestation that was first seen |
/// | 16 | notary, session | a second one that contradicts it |
/// | 17 | level, number of the span | count, bytes and sum of the span's notarizations |
/// | 18 | | the time before which notarizations are not kept |
/// | 20 | kind, subject | own signature |
/// | 21 | time, kind, subject | |
/// | 22 | time, attestation | own attestation that was not published yet |
/// | 23 | | sequence number up to which own messages may be numbered |
/// | 30 | peer | where it is |
///
/// A time is when the transcript was fixed, in Unix milliseconds, except for 21, where it is when the node signed.
package enum NodeStore {
    /// The schema that this program writes.
    package static let schema: UInt32 = 2

    /// The notarizations.
    package static let notarizations = Keyspace<AttestationKey, StoredNotarization>(
        "notarizations",
        prefix: 0x10,
        version: 1,
        valueByteCountMax: StoredNotarization.byteCountMax
    )
    /// Notarizations in the order of time.
    package static let notarizationsByTime = Keyspace<TimeKey, NoValue>(
        "notarizations-by-time",
        prefix: 0x11,
        version: 1,
        valueByteCountMax: 0
    )
    /// Notarizations of a notary in the order of time.
    package static let notarizationsByNotary = Keyspace<AccountTimeKey, NoValue>(
        "notarizations-by-notary",
        prefix: 0x12,
        version: 1,
        valueByteCountMax: 0
    )
    /// Notarizations about a server in the order of time; only of servers that were revealed.
    package static let notarizationsByServer = Keyspace<ServerTimeKey, NoValue>(
        "notarizations-by-server",
        prefix: 0x13,
        version: 1,
        valueByteCountMax: 0
    )
    /// Notarizations of an owner in the order of time.
    package static let notarizationsByOwner = Keyspace<AccountTimeKey, NoValue>(
        "notarizations-by-owner",
        prefix: 0x14,
        version: 1,
        valueByteCountMax: 0
    )
    /// Which attestation a notary signed for a session.
    package static let sessions = Keyspace<SessionKey, AttestationReference>(
        "sessions",
        prefix: 0x15,
        version: 1,
        valueByteCountMax: 32
    )
    /// Which other attestation a notary signed for the same session.
    package static let doubleSignings = Keyspace<SessionKey, AttestationReference>(
        "double-signings",
        prefix: 0x16,
        version: 1,
        valueByteCountMax: 32
    )
    /// What is there of each minute, hour and day.
    package static let digests = Keyspace<DigestKey, SetDigest>(
        "digests",
        prefix: 0x17,
        version: 2,
        valueByteCountMax: SetDigest.byteCount
    )
    /// The time before which notarizations are not kept.
    package static let floor = Keyspace<SingleKey, StoredNumber>(
        "floor",
        prefix: 0x18,
        version: 1,
        valueByteCountMax: 8
    )
    /// What the node signed, or was about to.
    package static let ownSignatures = Keyspace<SignatureKey, OwnSignature>(
        "own-signatures",
        prefix: 0x20,
        version: 1,
        valueByteCountMax: 40
    )
    /// What the node signed, in the order of time.
    package static let ownSignaturesByTime = Keyspace<SignatureTimeKey, NoValue>(
        "own-signatures-by-time",
        prefix: 0x21,
        version: 1,
        valueByteCountMax: 0
    )
    /// Own attestations that nobody was told of yet.
    package static let outbox = Keyspace<TimeKey, NoValue>(
        "outbox",
        prefix: 0x22,
        version: 1,
        valueByteCountMax: 0
    )
    /// The sequence number up to which own messages may be numbered.
    package static let sequence = Keyspace<SingleKey, StoredNumber>(
        "sequence",
        prefix: 0x23,
        version: 1,
        valueByteCountMax: 8
    )
    /// Where peers are that were reached before.
    package static let peers = Keyspace<PeerKey, AddressBookEntry>(
        "peers",
        prefix: 0x30,
        version: 1,
        valueByteCountMax: AddressBookEntry.byteCountMax
    )

    /// The layout of a network's store.
    package static func layout(network: NetworkID) -> StoreLayout {
        StoreLayout(
            owner: network.description,
            schema: schema,
            keyspaces: [
                notarizations, notarizationsByTime, notarizationsByNotary, notarizationsByServer, notarizationsByOwner,
                sessions, doubleSignings, digests, floor, ownSignatures, ownSignaturesByTime, outbox, sequence,
                peers,
            ]
        )
    }
}
