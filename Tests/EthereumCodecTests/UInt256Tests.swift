import EthereumCodec
import Testing

@Suite("UInt256")
struct UInt256Tests {
    @Test(
        "Decimal spelling",
        arguments: [
            ("0", [UInt8]()), ("1", [1]), ("255", [255]), ("256", [1, 0]),
            ("18446744073709551616", [1] + [UInt8](repeating: 0, count: 8)),
            (
                "115792089237316195423570985008687907853269984665640564039457584007913129639935",
                [UInt8](repeating: 255, count: 32)
            ),
            ("1000000000000000000000000000000", [12, 159, 44, 156, 208, 70, 116, 237, 234, 64, 0, 0, 0]),
        ]
    )
    func decimal(text: String, significant: [UInt8]) throws {
        let padded = [UInt8](repeating: 0, count: 32 - significant.count) + significant
        let value = try #require(UInt256(decimal: text))
        #expect(value.bigEndianBytes == padded)
        #expect(UInt256(bigEndianBytes: padded)?.decimal == text)
    }

    @Test(
        "Other spellings",
        arguments: [
            "", "00", "01", "-1", "+1", "1 ", "1.0", "0x1", "1e3", "١",
            "115792089237316195423570985008687907853269984665640564039457584007913129639936",
            "999999999999999999999999999999999999999999999999999999999999999999999999999999",
        ]
    )
    func refused(text: String) {
        #expect(UInt256(decimal: text) == nil)
    }

    @Test func orderAndWidth() {
        #expect(UInt256(255) < UInt256(256))
        #expect(UInt256.zero.bitWidth == 0 && UInt256(1).bitWidth == 1 && UInt256(256).bitWidth == 9)
        #expect(UInt256(.max).asUInt64 == .max)
        #expect(UInt256(decimal: "18446744073709551616")?.asUInt64 == nil)
        #expect(UInt256(bigEndianBytes: [1]) == nil)
    }
}
