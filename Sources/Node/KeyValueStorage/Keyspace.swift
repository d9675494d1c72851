package import WireFormat

/// The records of one kind: which keys and values they have, and how these become bytes.
///
/// Declare each in one place:
///
///     static let notarizations = Keyspace<NotarizationKey, Notarization>(
///         "notarizations", prefix: 0x10, version: 1, valueByteCountMax: 64 << 10)
///
/// A stored key is the prefix byte and the key's ordered encoding; a stored value is the version byte and the value's
/// canonical encoding. A keyspace that changes its value's encoding gets the next version and a way to read older ones.
package struct Keyspace<Key: OrderedKey, Value: WireCodable>: Sendable {
    /// Reads the bytes of an older version; throws if there never was such a version.
    package typealias Upgrade = @Sendable (_ version: UInt8, _ bytes: [UInt8]) throws(WireError) -> Value

    /// The name in messages.
    package let name: String
    /// The first byte of every key; 0 belongs to the store itself.
    package let prefix: UInt8
    /// The version in which values are written.
    package let version: UInt8
    /// Most bytes of an encoded value.
    package let valueByteCountMax: Int
    private let upgrade: Upgrade?

    /// A keyspace.
    ///
    /// - Parameters:
    ///   - name: For messages.
    ///   - prefix: From 1; no two keyspaces of a store share one.
    ///   - version: The version of the values' encoding, from 1.
    ///   - valueByteCountMax: Values above it are neither written nor read.
    ///   - upgrade: Reads values of lower versions.
    package init(
        _ name: String,
        prefix: UInt8,
        version: UInt8,
        valueByteCountMax: Int,
        upgrade: Upgrade? = nil
    ) {
        precondition(prefix != StoreRecords.prefix, "prefix 0 belongs to the store itself")
        precondition(valueByteCountMax < WriteBatch.valueByteCountMax, "a value must fit in a batch")
        self.name = name
        self.prefix = prefix
        self.version = version
        self.valueByteCountMax = valueByteCountMax
        self.upgrade = upgrade
    }

    /// The stored form of a key.
    package func storedKey(_ key: Key) -> [UInt8] {
        var writer = KeyWriter(prefix: [prefix])
        key.encode(into: &writer)
        return writer.bytes
    }

    /// The stored form of a value.
    package func storedValue(_ value: Value) throws(StorageError) -> [UInt8] {
        var writer = WireWriter()
        writer.uint8(version)
        value.encode(into: &writer)
        let count = writer.bytes.count - 1
        guard count <= valueByteCountMax else {
            throw .tooLarge(what: "record of \(name)", limit: valueByteCountMax, count: count)
        }
        return writer.bytes
    }

    /// The key of a stored entry.
    package func key(ofStored bytes: [UInt8]) throws(StorageError) -> Key {
        do throws(WireError) {
            var reader = KeyReader(bytes, prefixCount: 1)
            let key = try Key(from: &reader)
            try reader.finish()
            return key
        } catch {
            throw .undecodable(keyspace: name, key: Hexadecimal.digits(bytes), reason: error)
        }
    }

    /// The value of a stored entry; `storedKey` is for messages.
    package func value(ofStored bytes: [UInt8], storedKey: [UInt8]) throws(StorageError) -> Value {
        let found = bytes.first ?? 0
        guard found <= version else {
            throw .newerRecord(
                keyspace: name,
                key: Hexadecimal.digits(storedKey),
                found: found,
                known: version
            )
        }
        do throws(WireError) {
            guard !bytes.isEmpty else { throw WireError.truncated(needed: 1, left: 0) }
            let encoding = Array(bytes.dropFirst())
            guard found < version else { return try Value(wireBytes: encoding, limit: valueByteCountMax) }
            guard let upgrade else { throw WireError.invalid("version") }
            return try upgrade(found, encoding)
        } catch {
            throw .undecodable(keyspace: name, key: Hexadecimal.digits(storedKey), reason: error)
        }
    }
}

/// A keyspace without its types: what a store's layout and its check need.
package protocol KeyspaceDeclaration: Sendable {
    /// The name in messages.
    var name: String { get }
    /// The first byte of every key.
    var prefix: UInt8 { get }

    /// Decodes a stored entry completely and forgets it.
    func checkStored(_ entry: StoredEntry) throws(StorageError)
}

extension Keyspace: KeyspaceDeclaration {
    package func checkStored(_ entry: StoredEntry) throws(StorageError) {
        _ = try key(ofStored: entry.key)
        _ = try value(ofStored: entry.value, storedKey: entry.key)
    }
}

extension KeyspaceDeclaration {
    /// All stored keys of the keyspace.
    package var range: KeyRange { KeyRange(prefix: [prefix]) }
}
