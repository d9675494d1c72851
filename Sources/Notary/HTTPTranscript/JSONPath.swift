/// A place in a JSON document, written as `$.items[0].id` or `$['a key']`.
///
/// Only steps to one child and the wildcard `[*]` (or `.*`) exist; descendant search, slices, filters and unions are
/// refused, because a disclosure must say exactly what it discloses.
package struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    /// One step down.
    package enum Step: Sendable, Hashable {
        /// To the member of an object with this key, compared byte by byte in UTF-8.
        case key(String)
        /// To the element of an array at this index, from 0.
        case index(Int)
        /// To every member or element.
        case any

        /// Whether this step of a selector goes to the child that `concrete` (never a wildcard) names.
        func matches(_ concrete: Step) -> Bool {
            self == .any || self == concrete
        }

        /// Swift compares strings by canonical equivalence; JSON keys are equal only if their code points are.
        package static func == (left: Step, right: Step) -> Bool {
            switch (left, right) {
            case (.any, .any): true
            case (.key(let left), .key(let right)): left.utf8.elementsEqual(right.utf8)
            case (.index(let left), .index(let right)): left == right
            case (.any, _), (.key, _), (.index, _): false
            }
        }

        package func hash(into hasher: inout Hasher) {
            switch self {
            case .any: hasher.combine(0)
            case .key(let key): hasher.combine(Array(key.utf8))
            case .index(let index): hasher.combine(index)
            }
        }
    }

    /// Why text is not a path; always the caller's fault.
    package enum ParseError: Error, Sendable, Hashable, CustomStringConvertible {
        /// The path does not start with `$`.
        case missingRoot
        /// `..` searches for descendants, which is not supported.
        case descendantSearch
        /// Slices, filters, unions and negative indices are not supported.
        case unsupportedSubscript(String)
        /// A step is empty or malformed.
        case malformed(String)
        /// More than `maximumSteps` steps.
        case tooDeep

        /// One sentence for people.
        package var description: String {
            switch self {
            case .missingRoot: "a JSON path starts with $, such as $.amount"
            case .descendantSearch: "descendant search (..) is not supported; name the exact path"
            case .unsupportedSubscript(let text):
                "[\(text)] is not supported; use [0], ['key'] or [*]"
            case .malformed(let text): "the JSON path is malformed near \"\(text)\""
            case .tooDeep: "the JSON path has too many steps"
            }
        }
    }

    /// The most steps of a path.
    package static let maximumSteps = 128

    /// The steps from the root; none for `$`.
    package let steps: [Step]

    /// A path of these steps.
    package init(steps: [Step]) {
        self.steps = steps
    }

    /// Parses `$`, `.name`, `['name']`, `["name"]`, `[0]`, `[*]` and `.*`.
    package init(_ text: String) throws(ParseError) {
        let scalars = Array(text.unicodeScalars)
        guard scalars.first == "$" else { throw .missingRoot }
        var steps: [Step] = []
        var index = 1
        while index < scalars.count {
            guard steps.count < Self.maximumSteps else { throw .tooDeep }
            switch scalars[index] {
            case ".": steps.append(try Self.dotStep(scalars, &index))
            case "[": steps.append(try Self.bracketStep(scalars, &index))
            default: throw .malformed(Self.text(scalars[index...]))
            }
        }
        self.steps = steps
    }

    /// The path as text that parses to the same path; safe to print.
    package var description: String {
        "$" + steps.map(Self.describe).joined()
    }

    private static func describe(_ step: Step) -> String {
        switch step {
        case .any: return "[*]"
        case .index(let index): return "[\(index)]"
        case .key(let key):
            let isName =
                (key.utf8.first.map { !(0x30...0x39).contains($0) } ?? false)
                && key.utf8.allSatisfy { HTTPCharacters.isAlphanumeric($0) || $0 == 0x5f || $0 == 0x2d }
            guard !isName else { return ".\(key)" }
            var quoted = ""
            for scalar in key.unicodeScalars {
                switch scalar {
                case "'", "\\": quoted += "\\\(scalar)"
                default: quoted += UTF8Scalar.isPrintable(scalar) ? String(scalar) : UTF8Scalar.escape(scalar)
                }
            }
            return "['\(quoted)']"
        }
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars.prefix(24))
        return String(view)
    }

    private static func dotStep(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(ParseError) -> Step {
        let start = index + 1
        guard start < scalars.count else { throw .malformed(".") }
        guard scalars[start] != "." else { throw .descendantSearch }
        var end = start
        while end < scalars.count, !".[]'\" \t,?()".unicodeScalars.contains(scalars[end]),
            UTF8Scalar.isPrintable(scalars[end])
        { end += 1 }
        guard end > start, end == scalars.count || scalars[end] == "." || scalars[end] == "[" else {
            throw .malformed(text(scalars[start...]))
        }
        index = end
        let name = scalars[start..<end]
        if name.elementsEqual("*".unicodeScalars) { return .any }
        guard !name.contains("*") else { throw .malformed(text(name)) }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: name)
        return .key(String(view))
    }

    private static func bracketStep(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(ParseError) -> Step {
        let start = index + 1
        guard start < scalars.count else { throw .malformed("[") }
        if scalars[start] == "'" || scalars[start] == "\"" {
            return .key(try quotedKey(scalars, &index, quote: scalars[start]))
        }
        guard let end = scalars[start...].firstIndex(of: "]") else { throw .malformed(text(scalars[index...])) }
        index = end + 1
        let content = scalars[start..<end]
        if content.elementsEqual("*".unicodeScalars) { return .any }
        guard (1...9).contains(content.count), content.allSatisfy({ ("0"..."9").contains($0) }),
            content.count == 1 || content.first != "0"
        else { throw .unsupportedSubscript(text(content)) }
        return .index(content.reduce(0) { $0 * 10 + Int($1.value) - 0x30 })
    }

    private static func quotedKey(
        _ scalars: [Unicode.Scalar],
        _ index: inout Int,
        quote: Unicode.Scalar
    ) throws(ParseError) -> String {
        var view = String.UnicodeScalarView()
        var cursor = index + 2
        while cursor < scalars.count, scalars[cursor] != quote {
            if scalars[cursor] == "\\" {
                cursor += 1
                guard cursor < scalars.count else { break }
                if scalars[cursor] == "u" {
                    view.append(try unicodeEscape(scalars, &cursor))
                    continue
                }
            }
            view.append(scalars[cursor])
            cursor += 1
        }
        guard cursor + 1 < scalars.count else { throw .malformed(text(scalars[index...])) }
        guard scalars[cursor + 1] == "]" else { throw .unsupportedSubscript(text(scalars[(index + 1)...])) }
        index = cursor + 2
        return String(view)
    }

    /// Reads `u{…}`, of which `cursor` is at the `u`.
    private static func unicodeEscape(
        _ scalars: [Unicode.Scalar],
        _ cursor: inout Int
    ) throws(ParseError) -> Unicode.Scalar {
        guard cursor + 1 < scalars.count, scalars[cursor + 1] == "{",
            let end = scalars[cursor...].prefix(10).firstIndex(of: "}"),
            let value = UInt32(text(scalars[(cursor + 2)..<end]), radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw .malformed(text(scalars[cursor...])) }
        cursor = end + 1
        return scalar
    }
}
