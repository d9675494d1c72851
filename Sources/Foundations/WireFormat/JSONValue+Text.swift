extension JSONValue {
    /// The text: on one line, or indented by two spaces a level.
    package func text(indented: Bool) -> String {
        var output: [UInt8] = []
        write(into: &output, indentation: indented ? 0 : nil)
        return String(decoding: output, as: UTF8.self)
    }

    private func write(into output: inout [UInt8], indentation: Int?) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .number(let digits): output += digits.utf8
        case .string(let text): Self.write(text, into: &output)
        case .array(let elements):
            Self.writeList(elements, brackets: ("[", "]"), into: &output, indentation) { element, output, inner in
                element.write(into: &output, indentation: inner)
            }
        case .object(let members):
            Self.writeList(members, brackets: ("{", "}"), into: &output, indentation) { member, output, inner in
                Self.write(member.key, into: &output)
                output += (inner == nil ? ":" : ": ").utf8
                member.value.write(into: &output, indentation: inner)
            }
        }
    }

    private static func writeList<Element>(
        _ elements: [Element],
        brackets: (open: String, close: String),
        into output: inout [UInt8],
        _ indentation: Int?,
        _ write: (Element, inout [UInt8], Int?) -> Void
    ) {
        output += brackets.open.utf8
        let inner = indentation.map { $0 + 2 }
        for (index, element) in elements.enumerated() {
            if index > 0 { output += ",".utf8 }
            newLine(inner, into: &output)
            write(element, &output, inner)
        }
        if !elements.isEmpty { newLine(indentation, into: &output) }
        output += brackets.close.utf8
    }

    private static func newLine(_ indentation: Int?, into output: inout [UInt8]) {
        guard let indentation else { return }
        output.append(UInt8(ascii: "\n"))
        output += [UInt8](repeating: UInt8(ascii: " "), count: indentation)
    }

    /// Escapes what RFC 8259 requires, and what would act on a terminal that shows the text: the other control
    /// characters (one of which starts commands as ESC does) and those that reorder text.
    private static func write(_ text: String, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        defer { output.append(UInt8(ascii: "\"")) }
        // Nearly all strings, and all long ones, are plain.
        guard !text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != 0x22 && $0 != 0x5c }) else {
            output += text.utf8
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: output += "\\\"".utf8
            case 0x5c: output += "\\\\".utf8
            case 0..<0x20, 0x7f..<0xa0, 0x61c, 0x200e...0x200f, 0x202a...0x202e, 0x2066...0x2069:
                let code = [UInt8(scalar.value >> 8), UInt8(scalar.value & 0xff)]
                output += ("\\u" + Hexadecimal.digits(code)).utf8
            default: output += String(scalar).utf8
            }
        }
    }
}
