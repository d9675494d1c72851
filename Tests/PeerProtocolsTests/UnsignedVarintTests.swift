import PeerProtocols
import Testing

struct UnsignedVarintTests {
    /// The examples of multiformats/unsigned-varint, and the largest value.
    @Test(
        arguments: [
            (0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (255, "ff01"), (300, "ac02"), (16_384, "808001"),
            ((1 << 63) - 1, "ffffffffffffffff7f"),
        ] as [(UInt64, String)]
    )
    func knownAnswers(value: UInt64, hex: String) throws {
        let encoded = bytes(hex)
        #expect(UnsignedVarint.encode(value) == encoded)
        let decoded = try #require(try UnsignedVarint.decode(encoded + [0xff]))
        #expect(decoded.value == value)
        #expect(decoded.byteCount == encoded.count)
        for length in 0..<encoded.count {
            #expect(try UnsignedVarint.decode(encoded.prefix(length))?.value == nil, "\(length) bytes are not enough")
        }
    }

    @Test(arguments: ["8000", "ac8200", "808080808000"])
    func refusesRedundantBytes(hex: String) {
        #expect(throws: VarintError.notMinimal) { try UnsignedVarint.decode(bytes(hex)) }
    }

    @Test func refusesTenBytesBeforeTheyEnd() {
        #expect(throws: VarintError.tooLong) { try UnsignedVarint.decode([UInt8](repeating: 0x80, count: 9)) }
        #expect(throws: VarintError.tooLong) { try UnsignedVarint.decode([UInt8](repeating: 0xff, count: 10)) }
    }
}
