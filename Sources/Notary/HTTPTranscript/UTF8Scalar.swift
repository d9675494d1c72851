/// Decoding of single UTF-8 sequences with all of RFC 3629's rules: no overlong forms, surrogates or lone bytes.
enum UTF8Scalar {
    /// The scalar that starts at `index` and how many bytes it takes, or nil if the bytes are not UTF-8.
    static func decode(_ bytes: [UInt8], at index: Int, end: Int) -> (scalar: Unicode.Scalar, byteCount: Int)? {
        guard index < end else { return nil }
        let first = bytes[index]
        let (count, initial, minimum): (Int, UInt32, UInt32)
        switch first {
        case 0x00...0x7f: return (Unicode.Scalar(first), 1)
        case 0xc2...0xdf: (count, initial, minimum) = (2, UInt32(first & 0x1f), 0x80)
        case 0xe0...0xef: (count, initial, minimum) = (3, UInt32(first & 0x0f), 0x800)
        case 0xf0...0xf4: (count, initial, minimum) = (4, UInt32(first & 0x07), 0x10000)
        default: return nil
        }
        guard end - index >= count else { return nil }
        var value = initial
        for offset in 1..<count {
            let byte = bytes[index + offset]
            guard byte & 0xc0 == 0x80 else { return nil }
            value = value << 6 | UInt32(byte & 0x3f)
        }
        // `Unicode.Scalar` refuses surrogates and values above 0x10ffff.
        guard value >= minimum, let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, count)
    }

    /// Whether a scalar can be shown without acting on a terminal, reordering text or being invisible.
    ///
    /// Some letters and marks are invisible, too: fillers and variation selectors, which are default-ignorable, and the
    /// blank of Braille.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.properties.isDefaultIgnorableCodePoint, scalar != "\u{2800}" else { return false }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }

    /// Whether a scalar is drawn over the one before it.
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: true
        default: false
        }
    }

    /// Whether a scalar looks like the block that marks redactions: block elements and black squares.
    static func looksLikeBlock(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2580...0x259f, 0x25a0, 0x25ac, 0x25ae, 0x25fc, 0x25fe, 0x2b1b, 0x2b1c, 0x1fb00...0x1fbff: true
        default: false
        }
    }

    /// A visible escape of a scalar, such as `\u{1b}`.
    static func escape(_ scalar: Unicode.Scalar) -> String {
        "\\u{\(String(scalar.value, radix: 16))}"
    }
}
