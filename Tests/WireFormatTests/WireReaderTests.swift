import Testing
import WireFormat

@Suite("Canonical binary encoding")
struct WireReaderTests {
    /// One field of every kind.
    private struct Sample: WireCodable, Equatable {
        var small: UInt8 = 0xa1
        var medium: UInt16 = 0xb1b2
        var large: UInt32 = 0xc1c2_c3c4
        var huge: UInt64 = 0xd1d2_d3d4_d5d6_d7d8
        var flag = true
        var fixed: [UInt8] = [1, 2, 3]
        var variable: [UInt8] = [4, 5]
        var text = "é"
        var present: UInt8? = 9
        var absent: UInt8?
        var list: [UInt16] = [6, 7]

        init() {}

        func encode(into writer: inout WireWriter) {
            writer.uint8(small)
            writer.uint16(medium)
            writer.uint32(large)
            writer.uint64(huge)
            writer.bool(flag)
            writer.fixed(fixed)
            writer.variable(variable)
            writer.text(text)
            writer.optional(present) { $0.uint8($1) }
            writer.optional(absent) { $0.uint8($1) }
            writer.count(list.count)
            for element in list { writer.uint16(element) }
        }

        init(from reader: inout WireReader) throws(WireError) {
            small = try reader.uint8()
            medium = try reader.uint16()
            large = try reader.uint32()
            huge = try reader.uint64()
            flag = try reader.bool("flag")
            fixed = try reader.fixed(3)
            variable = try reader.variable(limit: 2)
            text = try reader.text(limit: 4, "text")
            present = try reader.optional("present") { (reader) throws(WireError) in try reader.uint8() }
            absent = try reader.optional("absent") { (reader) throws(WireError) in try reader.uint8() }
            list = []
            for _ in 0..<(try reader.count(limit: 2, bytesEach: 2)) { list.append(try reader.uint16()) }
        }
    }

    private static let encoded: [UInt8] =
        [0xa1, 0xb1, 0xb2, 0xc1, 0xc2, 0xc3, 0xc4, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]
        + [1, 1, 2, 3, 0, 0, 0, 2, 4, 5, 0, 0, 0, 2, 0xc3, 0xa9, 1, 9, 0, 0, 0, 0, 2, 0, 6, 0, 7]

    @Test func knownBytes() throws {
        #expect(Sample().wireBytes == Self.encoded)
        #expect(try Sample(wireBytes: Self.encoded, limit: 100) == Sample())
    }

    @Test func everyTruncationIsRefused() {
        for count in 0..<Self.encoded.count {
            #expect(throws: WireError.self, "\(count) bytes") {
                try Sample(wireBytes: Array(Self.encoded.prefix(count)), limit: 100)
            }
        }
    }

    @Test func excessIsRefused() {
        #expect(throws: WireError.trailingBytes(count: 2)) {
            try Sample(wireBytes: Self.encoded + [0, 0], limit: 100)
        }
        #expect(throws: WireError.tooLong(limit: 10, announced: Self.encoded.count)) {
            try Sample(wireBytes: Self.encoded, limit: 10)
        }
    }

    @Test func otherSpellingsAreRefused() {
        var flag = Self.encoded
        flag[15] = 2
        #expect(throws: WireError.invalid("flag")) { try Sample(wireBytes: flag, limit: 100) }
        var presence = Self.encoded
        presence[31] = 0xff
        #expect(throws: WireError.invalid("present")) { try Sample(wireBytes: presence, limit: 100) }
        var text = Self.encoded
        text[30] = 0xc3
        #expect(throws: WireError.invalid("text")) { try Sample(wireBytes: text, limit: 100) }
    }

    @Test("Announced lengths do not allocate", arguments: [UInt32(3), 1 << 20, 0x7fff_ffff, 0xffff_ffff])
    func hugeLengths(announced: UInt32) throws {
        var writer = WireWriter()
        writer.uint32(announced)
        var reader = try WireReader(writer.bytes, limit: 4)
        #expect(throws: WireError.tooLong(limit: 2, announced: Int(announced))) { try reader.variable(limit: 2) }
        var unlimited = try WireReader(writer.bytes, limit: 4)
        #expect(throws: WireError.truncated(needed: Int(announced), left: 0)) {
            try unlimited.variable(limit: .max)
        }
        var counting = try WireReader(writer.bytes, limit: 4)
        #expect(throws: WireError.self) { try counting.count(limit: .max, bytesEach: 1 << 40) }
    }
}

@Suite("Hexadecimal")
struct HexadecimalTests {
    @Test func roundTrip() {
        #expect(Hexadecimal.encode([0x00, 0xff, 0x1a]) == "0x00ff1a")
        #expect(Hexadecimal.decode("0x00ff1a") == [0x00, 0xff, 0x1a])
        #expect(Hexadecimal.decode("0x") == [])
        #expect(Hexadecimal.decode(digits: "00Ff") == [0x00, 0xff])
    }

    @Test("Other spellings", arguments: ["", "00", "0x0", "0X00", "0xFF", "0x 0", "0xgg", "0x00 ", "0x+1"])
    func refused(text: String) {
        #expect(Hexadecimal.decode(text) == nil)
    }
}
