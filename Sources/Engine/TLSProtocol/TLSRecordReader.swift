/// Cuts a byte stream into records and never holds more than one of them.
///
/// The reader takes bytes from the caller's slice only up to the end of the next record, so what it buffers is
/// bounded by a header and the longest fragment, however much arrives at once and however slowly.
package struct TLSRecordReader: Sendable {
    private var buffer: [UInt8] = []
    private var isProtected = false
    private var acceptsOlderAlerts = true

    /// A reader at the start of a connection: fragments are plaintext.
    package init() {}

    /// Whether a record has begun and not yet ended; a close here cuts it off.
    package var isInsideRecord: Bool { !buffer.isEmpty }

    /// Allows the longer fragments of protected records from the next record on.
    package mutating func expectProtectedRecords() {
        isProtected = true
    }

    /// From now on even alerts must carry the version of TLS 1.2.
    ///
    /// Before the ServerHello, servers that refuse the offer may send their alert with an older version.
    mutating func versionIsFixed() {
        acceptsOlderAlerts = false
    }

    /// The next record, or nil when `bytes` ended before it was complete.
    ///
    /// - Parameter bytes: what arrived; the bytes consumed are removed from its front.
    /// - Throws: ``TLSError/unknownContentType(_:)``, ``TLSError/unsupportedVersion(_:)`` or
    ///   ``TLSError/recordOverflow(byteCount:limit:)`` as soon as the offending header byte is there.
    package mutating func nextRecord(from bytes: inout ArraySlice<UInt8>) throws(TLSError) -> TLSRecord? {
        take(upTo: TLSRecord.headerByteCount, from: &bytes)
        let (type, byteCount) = try checkHeader()
        guard let type, let byteCount else { return nil }
        take(upTo: TLSRecord.headerByteCount + byteCount, from: &bytes)
        guard buffer.count == TLSRecord.headerByteCount + byteCount else { return nil }
        let record = TLSRecord(type: type, fragment: Array(buffer[TLSRecord.headerByteCount...]))
        buffer.removeAll(keepingCapacity: true)
        return record
    }

    private mutating func take(upTo byteCount: Int, from bytes: inout ArraySlice<UInt8>) {
        let missing = byteCount - buffer.count
        guard missing > 0 else { return }
        buffer.append(contentsOf: bytes.prefix(missing))
        bytes = bytes.dropFirst(missing)
    }

    /// Checks as much of the header as is there; type and length are nil until all of it is.
    private func checkHeader() throws(TLSError) -> (TLSContentType?, Int?) {
        guard let first = buffer.first else { return (nil, nil) }
        guard let type = TLSContentType(rawValue: first) else { throw .unknownContentType(first) }
        guard buffer.count >= TLSRecord.headerByteCount else { return (type, nil) }
        let version = UInt16(buffer[1]) << 8 | UInt16(buffer[2])
        let isOlderAlert = type == .alert && acceptsOlderAlerts && (0x0300...0x0302).contains(version)
        guard version == TLSRecord.version || isOlderAlert else { throw .unsupportedVersion(version) }
        let byteCount = Int(buffer[3]) << 8 | Int(buffer[4])
        let limit = isProtected ? TLSRecord.ciphertextByteCountMax : TLSRecord.plaintextByteCountMax
        guard byteCount <= limit else { throw .recordOverflow(byteCount: byteCount, limit: limit) }
        return (type, byteCount)
    }
}
