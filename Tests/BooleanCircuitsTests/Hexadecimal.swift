/// The bytes of a hexadecimal literal of a test vector; a bad digit traps.
func hex(_ text: String) -> [UInt8] {
    precondition(text.utf8.count.isMultiple(of: 2), "whole bytes")
    return stride(from: 0, to: text.utf8.count, by: 2).map { offset in
        let digits = text.dropFirst(offset).prefix(2)
        guard let byte = UInt8(digits, radix: 16) else { preconditionFailure("not hexadecimal") }
        return byte
    }
}
