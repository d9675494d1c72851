/// A value with exactly one binary encoding.
package protocol WireCodable {
    /// Appends the encoding.
    func encode(into writer: inout WireWriter)

    /// Reads the encoding and checks everything that the type promises.
    init(from reader: inout WireReader) throws(WireError)
}

extension WireCodable {
    /// The whole encoding.
    package var wireBytes: [UInt8] {
        var writer = WireWriter()
        encode(into: &writer)
        return writer.bytes
    }

    /// Decodes `bytes`, at most `limit` of them, all of which must belong to the value.
    package init(wireBytes bytes: [UInt8], limit: Int) throws(WireError) {
        var reader = try WireReader(bytes, limit: limit)
        self = try Self(from: &reader)
        try reader.finish()
    }
}
