/// The bytes of a hexadecimal text that stands in a test.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.map { digit -> UInt8 in
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: preconditionFailure("a test holds malformed hexadecimal text")
        }
    }
    precondition(digits.count.isMultiple(of: 2), "a test holds malformed hexadecimal text")
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
