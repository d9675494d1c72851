package import KeyValueStorage
package import WireFormat

/// A record for tests: a number and bytes.
package struct TestRecord: WireCodable, Equatable, Sendable {
    /// The number.
    package let number: UInt64
    /// The bytes.
    package let bytes: [UInt8]

    /// A record.
    package init(number: UInt64, bytes: [UInt8] = []) {
        self.number = number
        self.bytes = bytes
    }

    package func encode(into writer: inout WireWriter) {
        writer.uint64(number)
        writer.variable(bytes)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        number = try reader.uint64()
        bytes = try reader.variable(limit: 1 << 20)
    }
}

/// A key of two parts, as records that are ordered by time have it.
package struct TestKey: OrderedKey, Hashable {
    /// The first part: a time or a writer.
    package let first: UInt32
    /// The second part: a number.
    package let second: UInt64

    /// A key.
    package init(_ first: UInt32, _ second: UInt64) {
        self.first = first
        self.second = second
    }

    package func encode(into writer: inout KeyWriter) {
        first.encode(into: &writer)
        second.encode(into: &writer)
    }

    package init(from reader: inout KeyReader) throws(WireError) {
        first = try UInt32(from: &reader)
        second = try UInt64(from: &reader)
    }
}

/// The keyspaces of the tests' stores.
package enum TestKeyspaces {
    /// Records by writer and number.
    package static let records = Keyspace<TestKey, TestRecord>(
        "records",
        prefix: 0x10,
        version: 1,
        valueByteCountMax: 1 << 20
    )
    /// A second record for each of the first, written in the same batch.
    package static let twins = Keyspace<TestKey, TestRecord>(
        "twins",
        prefix: 0x11,
        version: 1,
        valueByteCountMax: 1 << 10
    )
    /// What was signed, by number.
    package static let signatures = Keyspace<UInt64, TestRecord>(
        "signatures",
        prefix: 0x20,
        version: 1,
        valueByteCountMax: 1 << 10
    )

    /// A layout with all of them.
    package static func layout(owner: String = "testnet", schema: UInt32 = 3, oldest: UInt32? = nil) -> StoreLayout {
        StoreLayout(
            owner: owner,
            schema: schema,
            oldestReadable: oldest,
            keyspaces: [records, twins, signatures]
        )
    }
}
