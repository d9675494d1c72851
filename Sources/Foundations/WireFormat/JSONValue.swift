/// A JSON text (RFC 8259) as a value; members keep their order, numbers keep their spelling.
package indirect enum JSONValue: Equatable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number as written; never converted to a floating-point value on the way.
    case number(String)
    /// A string, escapes resolved.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object without duplicate keys, in the order of the text.
    case object([JSONMember])

    /// An unsigned integer as a JSON number.
    package static func unsigned(_ value: UInt64) -> JSONValue { .number(String(value)) }

    /// The value of an unsigned number in canonical decimal spelling (no sign, point, exponent or leading zero).
    package var unsigned: UInt64? {
        guard case .number(let digits) = self, let value = UInt64(digits), String(value) == digits else { return nil }
        return value
    }

    /// The text of a string.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The first member of an object with this key; `nil` also for everything that is not an object.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }
}

/// A key and its value in a JSON object.
package struct JSONMember: Equatable, Sendable {
    /// The key, escapes resolved.
    package let key: String
    /// The value.
    package let value: JSONValue

    /// A member.
    package init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}

/// Why a text is not acceptable JSON, with the offset in bytes where that was noticed.
package enum JSONError: Error, Equatable, Sendable {
    /// The text is longer than allowed.
    case tooLong(limit: Int)
    /// Against the grammar of RFC 8259, invalid UTF-8, or an unpaired surrogate.
    case syntax(offset: Int)
    /// Arrays and objects nested deeper than allowed.
    case tooDeep(offset: Int)
    /// More values than allowed.
    case tooManyValues(limit: Int)
    /// A key that the object has already: readers disagree about which one counts.
    case duplicateKey(String)
}
