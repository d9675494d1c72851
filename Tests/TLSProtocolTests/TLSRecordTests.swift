import TLSProtocol
import Testing

@Suite("Records")
struct TLSRecordTests {
    private func read(_ bytes: [UInt8], protected: Bool = false) throws -> [TLSRecord] {
        var reader = TLSRecordReader()
        if protected { reader.expectProtectedRecords() }
        var rest = ArraySlice(bytes)
        var records: [TLSRecord] = []
        while let record = try reader.nextRecord(from: &rest) { records.append(record) }
        return records
    }

    @Test("what is written is read, whole or byte by byte")
    func roundTrip() throws {
        let records = [
            TLSRecord(type: .handshake, fragment: [1, 2, 3]),
            TLSRecord(type: .alert, fragment: [1, 0]),
            TLSRecord(type: .applicationData, fragment: []),
            TLSRecord(type: .applicationData, fragment: [UInt8](repeating: 7, count: 1 << 14)),
        ]
        let bytes = records.flatMap(\.encoded)
        #expect(try read(bytes) == records)
        var reader = TLSRecordReader()
        var dripped: [TLSRecord] = []
        for byte in bytes {
            var one = ArraySlice([byte])
            if let record = try reader.nextRecord(from: &one) { dripped.append(record) }
            #expect(one.isEmpty)
        }
        #expect(dripped == records)
        #expect(!reader.isInsideRecord)
    }

    @Test("a reader takes no byte beyond the record it returns")
    func leavesTheRest() throws {
        var reader = TLSRecordReader()
        var rest = ArraySlice(TLSRecord(type: .alert, fragment: [1, 0]).encoded + [99, 98])
        #expect(try reader.nextRecord(from: &rest) != nil)
        #expect(Array(rest) == [99, 98])
    }

    @Test("fragments of exactly the limit pass, one byte more is refused before it is buffered")
    func limits() throws {
        #expect(try read(record(22, [UInt8](repeating: 0, count: 1 << 14))).count == 1)
        #expect(throws: TLSError.recordOverflow(byteCount: (1 << 14) + 1, limit: 1 << 14)) {
            try read([22, 3, 3, 0x40, 0x01])
        }
        #expect(try read(record(23, [UInt8](repeating: 0, count: (1 << 14) + 2048)), protected: true).count == 1)
        #expect(throws: TLSError.recordOverflow(byteCount: (1 << 14) + 2049, limit: (1 << 14) + 2048)) {
            try read([23, 3, 3, 0x48, 0x01], protected: true)
        }
    }

    @Test("unknown types are refused at their first byte, other versions with the header")
    func badHeaders() {
        #expect(throws: TLSError.unknownContentType(UInt8(ascii: "H"))) { try read(Array("HTTP/1.1 400".utf8)) }
        #expect(throws: TLSError.unknownContentType(24)) { try read([24]) }
        #expect(throws: TLSError.unsupportedVersion(0x0301)) { try read([22, 3, 1, 0, 1]) }
        #expect(throws: TLSError.unsupportedVersion(0x0304)) { try read([23, 3, 4, 0, 1]) }
        #expect(throws: TLSError.unsupportedVersion(0x0200)) { try read([21, 2, 0, 0, 2]) }
    }

    @Test("GCM fragments have their parts, additional data its 13 bytes")
    func gcmFragment() throws {
        let bytes = (0..<30).map { UInt8($0) }
        let fragment = try GCMFragment(decoding: bytes)
        #expect(fragment.explicitNonce == Array(0..<8))
        #expect(fragment.ciphertext == Array(8..<14))
        #expect(fragment.tag == Array(14..<30))
        #expect(fragment.encoded == bytes)
        #expect(fragment.nonce(salt: [9, 9, 9, 9]) == [9, 9, 9, 9, 0, 1, 2, 3, 4, 5, 6, 7])
        #expect(
            GCMFragment.additionalData(sequenceNumber: 0x0102, type: .applicationData, plaintextByteCount: 0x0304)
                == [0, 0, 0, 0, 0, 0, 1, 2, 23, 3, 3, 3, 4]
        )
        #expect(throws: TLSError.malformed(.record)) { try GCMFragment(decoding: Array(bytes.prefix(23))) }
        let tooLong = [UInt8](repeating: 0, count: (1 << 14) + 25)
        #expect(throws: TLSError.recordOverflow(byteCount: (1 << 14) + 25, limit: (1 << 14) + 24)) {
            try GCMFragment(decoding: tooLong)
        }
    }

    @Test("sealed records open once, in order, and only as they were")
    func protection() throws {
        let key = TLS12TrafficKey(key: (0..<16).map { $0 }, salt: [1, 2, 3, 4])
        var sealer = GCMRecordSealer(key: key)
        let first = try sealer.seal(.applicationData, [1, 2, 3])
        let second = try sealer.seal(.alert, [1, 0])
        #expect(Array(first.prefix(8)) == [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(second.prefix(8)) == [0, 0, 0, 0, 0, 0, 0, 1])
        var honest = GCMRecordOpener(key: key)
        #expect(try honest.open(.applicationData, first) == [1, 2, 3])
        #expect(try honest.open(.alert, second) == [1, 0])
        var reordering = GCMRecordOpener(key: key)
        #expect(throws: TLSError.badRecordMAC) { try reordering.open(.alert, second) }
        var retyping = GCMRecordOpener(key: key)
        #expect(throws: TLSError.badRecordMAC) { try retyping.open(.handshake, first) }
        for bit in 0..<(first.count * 8) {
            var flipped = first
            flipped[bit / 8] ^= 1 << (bit % 8)
            var opener = GCMRecordOpener(key: key)
            #expect(throws: TLSError.badRecordMAC) { try opener.open(.applicationData, flipped) }
        }
        #expect(throws: TLSError.misuse("a record carries 2^14 bytes")) {
            try sealer.seal(.applicationData, [UInt8](repeating: 0, count: (1 << 14) + 1))
        }
    }
}
