package import Attestations
package import Records
package import WireFormat

/// A notarization as it is stored: with the end of its window.
///
/// Its signature was checked before it was stored; reading does not check it again.
package struct StoredNotarization: WireCodable, Equatable, Sendable {
    static let byteCountMax = Notarization.byteCountMax + 8

    /// When its window ends, in Unix milliseconds.
    package let windowEnd: UInt64
    /// The record.
    package let record: UnverifiedNotarization

    /// A notarization and the end of its window.
    package init(windowEnd: UInt64, record: UnverifiedNotarization) {
        self.windowEnd = windowEnd
        self.record = record
    }

    package func encode(into writer: inout WireWriter) {
        writer.uint64(windowEnd)
        writer.fixed(record.bytes)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        windowEnd = try reader.uint64()
        do throws(RecordRefusal) {
            record = try UnverifiedNotarization(bytes: try Self.rest(&reader))
        } catch .malformed(let error) {
            throw error
        } catch {
            throw .invalid("notarization")
        }
    }

    private static func rest(_ reader: inout WireReader) throws(RecordRefusal) -> [UInt8] {
        do { return try reader.fixed(reader.left) } catch { throw .malformed(error) }
    }
}

/// A key that says all.
package struct NoValue: WireCodable, Equatable, Sendable {
    /// The value.
    package init() {}

    package func encode(into writer: inout WireWriter) {}
    package init(from reader: inout WireReader) throws(WireError) {}
}

/// The id of an attestation, as a value.
package struct AttestationReference: WireCodable, Equatable, Sendable {
    /// The id.
    package let id: AttestationID

    /// A reference.
    package init(_ id: AttestationID) {
        self.id = id
    }

    package func encode(into writer: inout WireWriter) { writer.fixed(id.value.bytes) }
    package init(from reader: inout WireReader) throws(WireError) {
        guard let bytes = Bytes32(try reader.fixed(32)) else { throw .invalid("attestation") }
        id = AttestationID(bytes)
    }
}

/// A number.
package struct StoredNumber: WireCodable, Equatable, Sendable {
    /// The number.
    package let value: UInt64

    /// A number.
    package init(_ value: UInt64) {
        self.value = value
    }

    package func encode(into writer: inout WireWriter) { writer.uint64(value) }
    package init(from reader: inout WireReader) throws(WireError) { value = try reader.uint64() }
}
