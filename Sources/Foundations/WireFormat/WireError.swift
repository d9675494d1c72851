/// Why bytes are not a canonical encoding: always the fault of whoever produced them.
package enum WireError: Error, Equatable, Sendable {
    /// The input ends inside a field: `needed` more bytes were read than the `left` ones.
    case truncated(needed: Int, left: Int)
    /// `count` bytes follow the last field.
    case trailingBytes(count: Int)
    /// A length or a count above what the field allows, before anything of that size was read or allocated.
    case tooLong(limit: Int, announced: Int)
    /// A value that has another, canonical encoding, or none; the text names the field.
    case invalid(String)
}
