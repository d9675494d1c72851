/// Why bytes are not one unambiguous JSON document (RFC 8259 without its liberties); the fault of their author.
package struct JSONParseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: Sendable, Hashable {
        /// The document ends too early.
        case truncated
        /// A byte that cannot stand here.
        case unexpectedByte
        /// Something follows the document.
        case surplusBytes
        /// The bytes are not UTF-8, or start with a byte order mark.
        case invalidEncoding
        /// A control character, unknown escape or lone surrogate inside of a string.
        case invalidString
        /// A number that RFC 8259 §6 does not allow, such as `01` or `1.`.
        case invalidNumber
        /// An object has two members with the same key.
        case duplicateKey
        /// Arrays and objects are nested more deeply than the limit.
        case tooDeep
        /// More values than the limit.
        case tooManyValues
    }

    /// What is wrong.
    package let reason: Reason
    /// Where in the body it was noticed, in bytes from its start.
    package let offset: Int

    /// An error at a position of the body.
    package init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// One sentence for people.
    package var description: String {
        let text =
            switch reason {
            case .truncated: "the JSON document ends too early"
            case .unexpectedByte: "the body is not JSON: unexpected byte"
            case .surplusBytes: "something follows the JSON document"
            case .invalidEncoding: "the body is not JSON: invalid UTF-8"
            case .invalidString: "a JSON string contains a control character, unknown escape or lone surrogate"
            case .invalidNumber: "a JSON number is malformed"
            case .duplicateKey: "a JSON object has two members with the same key, which is ambiguous"
            case .tooDeep: "the JSON document is nested too deeply"
            case .tooManyValues: "the JSON document has too many values"
            }
        return "\(text) (at byte \(offset) of the body)"
    }
}
