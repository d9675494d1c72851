/// The one spelling of bytes in JSON forms: `0x` and two lower-case hexadecimal digits a byte.
package enum Hexadecimal {
    private static let alphabet = Array("0123456789abcdef".utf8)

    /// `0x` and the digits.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        "0x" + digits(bytes)
    }

    /// The digits alone.
    package static func digits(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(alphabet[Int(byte >> 4)])
            text.append(alphabet[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `0x` and an even number of lower-case digits; `nil` for anything else.
    package static func decode(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.starts(with: "0x".utf8) else { return nil }
        return decode(digits: characters.dropFirst(2), acceptUppercase: false)
    }

    /// The bytes of an even number of digits without prefix, in either case: the spelling of key files.
    package static func decode(digits text: String) -> [UInt8]? {
        decode(digits: Array(text.utf8)[...], acceptUppercase: true)
    }

    private static func decode(digits: ArraySlice<UInt8>, acceptUppercase: Bool) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for character in digits {
            let value: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = character - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F") where acceptUppercase:
                value = character - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}
