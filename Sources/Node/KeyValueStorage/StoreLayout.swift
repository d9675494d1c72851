package import WireFormat

/// What a store holds: whose it is, in which schema, and which keyspaces.
package struct StoreLayout: Sendable {
    /// Whose store it is, such as the network's id; a store of someone else is refused.
    package let owner: String
    /// The schema that this program writes.
    package let schema: UInt32
    /// The oldest schema whose records this program still reads; opening such a store raises it to `schema`.
    package let oldestReadable: UInt32
    /// The keyspaces in the order of their prefixes.
    package let keyspaces: [any KeyspaceDeclaration]

    /// A layout; the prefixes must differ.
    package init(
        owner: String,
        schema: UInt32,
        oldestReadable: UInt32? = nil,
        keyspaces: [any KeyspaceDeclaration]
    ) {
        self.owner = owner
        self.schema = schema
        self.oldestReadable = oldestReadable ?? schema
        self.keyspaces = keyspaces.sorted { $0.prefix < $1.prefix }
        precondition(
            Set(keyspaces.map(\.prefix)).count == keyspaces.count,
            "two keyspaces with one prefix would overwrite each other's records"
        )
        precondition(owner.utf8.count <= SchemaRecord.ownerByteCountMax, "an owner's name is short")
    }

    /// Compares a store's schema record with the layout; says whether it must be written (again).
    package func admit(_ record: SchemaRecord?, path: String) throws(StorageError) -> Bool {
        guard let record else { return true }
        guard record.schema <= schema else {
            throw .newerSchema(path: path, found: record.schema, known: schema)
        }
        guard record.schema >= oldestReadable else {
            throw .olderSchema(path: path, found: record.schema, oldestReadable: oldestReadable)
        }
        guard record.owner == owner else {
            throw .otherOwner(path: path, found: record.owner, expected: owner)
        }
        return record.schema < schema
    }

    /// The record that a store of this layout begins with.
    package var schemaRecord: SchemaRecord { SchemaRecord(schema: schema, owner: owner) }
}

/// Says what a store is, at the store's first key.
package struct SchemaRecord: WireCodable, Equatable, Sendable {
    static let ownerByteCountMax = 200
    private static let magic = Array("tabellion store\n".utf8)

    /// The schema.
    package let schema: UInt32
    /// Whose store it is.
    package let owner: String

    /// A record.
    package init(schema: UInt32, owner: String) {
        self.schema = schema
        self.owner = owner
    }

    package func encode(into writer: inout WireWriter) {
        writer.fixed(Self.magic)
        writer.uint32(schema)
        writer.text(owner)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        guard try reader.fixed(Self.magic.count) == Self.magic else { throw .invalid("magic") }
        schema = try reader.uint32()
        owner = try reader.text(limit: Self.ownerByteCountMax, "owner")
    }
}

/// The records of the store itself, under prefix 0, outside every keyspace.
package enum StoreRecords {
    /// The prefix of the store's own records.
    package static let prefix: UInt8 = 0
    /// All keys of the store itself.
    package static let range = KeyRange(prefix: [prefix])
    /// All keys of keyspaces.
    package static let keyspaces = KeyRange(lower: [prefix + 1], upper: nil)
    /// Where the ``SchemaRecord`` is.
    package static let schemaKey: [UInt8] = [prefix, 0]
    /// Where the number of the last batch is, eight bytes, big-endian.
    package static let batchNumberKey: [UInt8] = [prefix, 1]

    /// Reads the schema record; damaged bytes are `corrupt`.
    package static func schema(in reader: some KeyValueReader, path: String) throws(StorageError) -> SchemaRecord? {
        guard let bytes = try reader.value(forKey: schemaKey) else { return nil }
        do throws(WireError) {
            return try SchemaRecord(wireBytes: bytes, limit: 4 << 10)
        } catch {
            throw .corrupt(path: path, detail: "the schema record cannot be read (\(error))")
        }
    }

    /// Reads the number of the last batch; 0 before the first.
    package static func batchNumber(in reader: some KeyValueReader, path: String) throws(StorageError) -> UInt64 {
        guard let bytes = try reader.value(forKey: batchNumberKey) else { return 0 }
        let number = bytes.reduce(0) { $0 << 8 | UInt64($1) }
        // No store counts that far; the next numbers must fit.
        guard bytes.count == 8, number < 1 << 62 else {
            throw .corrupt(path: path, detail: "the batch number cannot be read")
        }
        return number
    }
}
