/// The bytes of a hexadecimal string; white space is skipped.
///
/// Test vectors are literals, so a bad digit traps.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }
    precondition(digits.count.isMultiple(of: 2), "whole bytes")
    var bytes: [UInt8] = []
    var rest = digits[...]
    while !rest.isEmpty {
        guard let byte = UInt8(rest.prefix(2), radix: 16) else { preconditionFailure("not hexadecimal") }
        bytes.append(byte)
        rest = rest.dropFirst(2)
    }
    return bytes
}
