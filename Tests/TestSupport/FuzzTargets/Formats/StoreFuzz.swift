import Attestations
import Discovery
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records
import WireFormat

/// The first byte names a keyspace, the rest is a stored key and a stored value.
enum StoreFuzz {
    static func run(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        switch Int(first) % 15 {
        case 0: try check(NodeStore.notarizations, rest)
        case 1: try check(NodeStore.notarizationsByTime, rest)
        case 2: try check(NodeStore.notarizationsByNotary, rest)
        case 3: try check(NodeStore.notarizationsByServer, rest)
        case 4: try check(NodeStore.notarizationsByOwner, rest)
        case 5: try check(NodeStore.sessions, rest)
        case 6: try check(NodeStore.doubleSignings, rest)
        case 7: try check(NodeStore.digests, rest)
        case 8: try check(NodeStore.floor, rest)
        case 9: try check(NodeStore.ownSignatures, rest)
        case 10: try check(NodeStore.ownSignaturesByTime, rest)
        case 11: try check(NodeStore.outbox, rest)
        case 12: try check(NodeStore.sequence, rest)
        case 13:
            try check(NodeStore.peers, rest)
            if let entry = try? NodeStore.peers.value(ofStored: rest, storedKey: []) { try reopen(entry) }
        default:
            guard let record = try? SchemaRecord(wireBytes: rest, limit: 4 << 10) else { return }
            try requireEqual(record.wireBytes, rest, "a schema record")
            _ = try? NodeStore.layout(network: RecordSamples().network).admit(record, path: "fuzz")
        }
    }

    /// What can be read has this one encoding, as a key and as a value.
    private static func check<Key, Value>(_ keyspace: Keyspace<Key, Value>, _ bytes: [UInt8]) throws {
        let stored = [keyspace.prefix] + bytes
        if let key = try? keyspace.key(ofStored: stored) {
            try requireEqual(keyspace.storedKey(key), stored, "a key of \(keyspace.name)")
        }
        if let value = try? keyspace.value(ofStored: bytes, storedKey: stored) {
            try requireEqual(try keyspace.storedValue(value), bytes, "a value of \(keyspace.name)")
        }
    }

    /// A book takes whatever its disk says.
    private static func reopen(_ entry: AddressBookEntry) throws {
        let now = UnixTime(milliseconds: 1_760_000_000_000)
        let book = AddressBook(configuration: AddressBookConfiguration(), stored: [entry, entry], now: now)
        try require(book.count <= 1, "one peer twice")
        for address in book.entries.flatMap(\.addresses) {
            try require(address.lastSuccess ?? now <= now, "a success in the future")
            try require(address.source != .configuration, "an address that the operator did not name")
        }
    }

    static func seeds() throws -> [[UInt8]] {
        let record = RecordFuzz.records[0]
        let time = TimeKey(time: record.header.endTime, id: record.id)
        let session = SessionKey(notary: record.header.notary, sessionID: record.header.sessionID)
        let signature = SignatureKey(SigningIntent(attesting: record.header))
        var digest = SetDigest()
        digest.insert(record.id, byteCount: 900)
        let own = OwnSignature(digest: record.id.value, time: 1)
        func key<Key, Value>(_ number: UInt8, _ keyspace: Keyspace<Key, Value>, _ key: Key) -> [UInt8] {
            [number] + keyspace.storedKey(key).dropFirst()
        }
        func value<Key, Value>(_ number: UInt8, _ keyspace: Keyspace<Key, Value>, _ value: Value) throws -> [UInt8] {
            [number] + (try keyspace.storedValue(value))
        }
        var book = AddressBook(configuration: AddressBookConfiguration(), now: UnixTime(milliseconds: 5))
        let peer = FuzzIdentities.all[1]
        let endpoints = DiscoveryFuzz.addresses.compactMap { PeerEndpoint($0) }
        book.learn(endpoints, of: peer.id, source: .identify, now: UnixTime(milliseconds: 5))
        book.reached(peer.id, at: endpoints[0], now: UnixTime(milliseconds: 6))
        if let signed = SignedPeerRecord(addresses: [], sequenceNumber: 9, by: peer) {
            try book.learn(signed, endpoints: [], now: UnixTime(milliseconds: 7))
        }
        let stored = StoredNotarization(windowEnd: time.time + 86_400_000, record: record.unverified)
        let schema = NodeStore.layout(network: RecordSamples().network).schemaRecord.wireBytes
        let seeds: [[UInt8]] = [
            try value(0, NodeStore.notarizations, stored), key(0, NodeStore.notarizations, AttestationKey(record.id)),
            key(1, NodeStore.notarizationsByTime, time),
            key(2, NodeStore.notarizationsByNotary, AccountTimeKey(account: record.header.notary, time: time)),
            key(3, NodeStore.notarizationsByServer, ServerTimeKey(server: "bank.example", time: time)),
            key(3, NodeStore.notarizationsByServer, ServerTimeKey(server: "a\0b", time: time)),
            key(5, NodeStore.sessions, session), try value(5, NodeStore.sessions, AttestationReference(record.id)),
            key(7, NodeStore.digests, DigestKey(level: .hour, index: 77)), try value(7, NodeStore.digests, digest),
            try value(8, NodeStore.floor, StoredNumber(.max)), key(9, NodeStore.ownSignatures, signature),
            try value(9, NodeStore.ownSignatures, own),
            key(10, NodeStore.ownSignaturesByTime, SignatureTimeKey(time: 3, key: signature)),
            key(13, NodeStore.peers, PeerKey(peer.id)), [14] + schema,
        ]
        return seeds + (try book.entries.map { try value(13, NodeStore.peers, $0) })
    }
}
