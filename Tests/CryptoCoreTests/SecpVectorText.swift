/// Bytes of a test vector, as even many hexadecimal digits; spaces are skipped and a wrong digit ends the text.
func vectorBytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
