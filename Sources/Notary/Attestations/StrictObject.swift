internal import WireFormat

/// Reads a JSON object member by member and refuses what is missing, of the wrong type, or left over.
struct StrictObject {
    private var members: [JSONMember]
    private let place: String

    /// - Parameter place: What error messages call the object.
    init(_ value: JSONValue, _ place: String) throws(AttestationError) {
        guard case .object(let members) = value else { throw .malformed(place) }
        self.members = members
        self.place = place
    }

    mutating func optional(_ key: String) -> JSONValue? {
        guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
        return members.remove(at: index).value
    }

    mutating func value(_ key: String) throws(AttestationError) -> JSONValue {
        guard let value = optional(key) else { throw .malformed("\(place).\(key)") }
        return value
    }

    mutating func text(_ key: String) throws(AttestationError) -> String {
        guard let text = try value(key).string else { throw .malformed("\(place).\(key)") }
        return text
    }

    mutating func bytes(_ key: String) throws(AttestationError) -> [UInt8] {
        guard let bytes = Hexadecimal.decode(try text(key)) else { throw .malformed("\(place).\(key)") }
        return bytes
    }

    mutating func bytes32(_ key: String) throws(AttestationError) -> Bytes32 {
        guard let value = Bytes32(try bytes(key)) else { throw .malformed("\(place).\(key)") }
        return value
    }

    /// A JSON number.
    mutating func number(_ key: String) throws(AttestationError) -> Int {
        guard let number = try value(key).unsigned.flatMap({ Int(exactly: $0) }) else {
            throw .malformed("\(place).\(key)")
        }
        return number
    }

    /// A length or offset: a decimal string.
    mutating func length(_ key: String) throws(AttestationError) -> Int {
        let text = try text(key)
        guard let value = Int(text), value >= 0, String(value) == text, value <= TranscriptSummary.lengthMax else {
            throw .malformed("\(place).\(key)")
        }
        return value
    }

    mutating func array(_ key: String, limit: Int) throws(AttestationError) -> [JSONValue] {
        guard case .array(let elements) = try value(key), elements.count <= limit else {
            throw .malformed("\(place).\(key)")
        }
        return elements
    }

    mutating func direction() throws(AttestationError) -> TranscriptLeaf.Direction {
        switch try text("direction") {
        case "sent": return .sent
        case "received": return .received
        default: throw .malformed("\(place).direction")
        }
    }

    mutating func kind() throws(AttestationError) -> TranscriptLeaf.Kind {
        switch try text("kind") {
        case "disclosed": return .disclosed
        case "committed": return .committed
        default: throw .malformed("\(place).kind")
        }
    }

    /// Checks the members that every document starts with.
    mutating func preamble(_ format: String) throws(AttestationError) {
        guard try text("format") == format else { throw .malformed("\(place).format") }
        let version = try number("version")
        guard version == Int(AttestationHeader.formatVersion) else {
            throw .unsupportedVersion(UInt16(clamping: version))
        }
    }

    consuming func finish() throws(AttestationError) {
        if let left = members.first { throw .malformed("\(place).\(left.key)") }
    }
}

extension JSONValue {
    static func preamble(_ format: String) -> [JSONMember] {
        [
            JSONMember("format", .string(format)),
            JSONMember("version", .unsigned(UInt64(AttestationHeader.formatVersion))),
        ]
    }

    static func hexadecimal(_ bytes: [UInt8]) -> JSONValue { .string(Hexadecimal.encode(bytes)) }

    static func length(_ value: Int) -> JSONValue { .string(String(value)) }

    static func direction(_ direction: TranscriptLeaf.Direction) -> JSONValue {
        .string(direction == .sent ? "sent" : "received")
    }

    static func kind(_ kind: TranscriptLeaf.Kind) -> JSONValue {
        .string(kind == .disclosed ? "disclosed" : "committed")
    }

    /// Parses a document, which must not be longer than `limit` bytes.
    static func document(_ text: [UInt8], limit: Int) throws(AttestationError) -> JSONValue {
        do {
            return try JSONValue(parsing: text, limit: limit)
        } catch {
            throw .malformed("JSON: \(error)")
        }
    }
}
