package import WireFormat

/// What a command asks of the node on this machine: `{"command": "…", "arguments": {…}}` on one line.
package struct ControlRequest: Equatable, Sendable {
    /// The most bytes of a line, in both directions.
    package static let lineByteCountMax = 4 << 20

    /// What to do, such as `status`.
    package let command: String
    /// How, by names that the command defines; an object.
    package let arguments: JSONValue

    /// A request.
    package init(_ command: String, _ arguments: [JSONMember] = []) {
        self.command = command
        self.arguments = .object(arguments)
    }

    /// Reads a line.
    ///
    /// - Throws: ``ControlError/malformed(_:)``.
    package init(line: [UInt8]) throws(ControlError) {
        let value: JSONValue
        do { value = try JSONValue(parsing: line, limit: Self.lineByteCountMax) } catch {
            throw .malformed("a request is one line of JSON (\(error))")
        }
        guard let command = value["command"]?.string else { throw .malformed("a request names its command") }
        let arguments = value["arguments"] ?? .object([])
        guard case .object = arguments else { throw .malformed("arguments are an object") }
        self.command = command
        self.arguments = arguments
    }

    /// The request on one line.
    package var line: [UInt8] {
        let value = JSONValue.object([
            JSONMember("command", .string(command)), JSONMember("arguments", arguments),
        ])
        return Array(value.text(indented: false).utf8) + [0x0a]
    }
}

/// One line of an answer.
///
/// It is `{"value": …}`, `{"error": "…", "status": 62, "advice": "…"}`, where status and advice may be missing, or, as the
/// last one, `{"end": true}`.
enum ControlReply: Equatable {
    case value(JSONValue)
    case error(String, status: Int32?, advice: String?)
    case end

    init(line: [UInt8]) throws(ControlError) {
        let object: JSONValue
        do { object = try JSONValue(parsing: line, limit: ControlRequest.lineByteCountMax) } catch {
            throw .malformed("an answer is a line of JSON (\(error))")
        }
        if let value = object["value"] {
            self = .value(value)
        } else if let text = object["error"]?.string {
            self = .error(
                text,
                status: object["status"]?.unsigned.flatMap { Int32(exactly: $0) },
                advice: object["advice"]?.string
            )
        } else if object["end"] == .bool(true) {
            self = .end
        } else {
            throw .malformed("an answer has a value, an error or an end")
        }
    }

    /// An error's message to whoever asked.
    init(_ error: ControlError) {
        switch error {
        case .refused(let why, let status, let advice): self = .error(why, status: status, advice: advice)
        default: self = .error("\(error)", status: nil, advice: nil)
        }
    }

    var line: [UInt8] {
        var members: [JSONMember]
        switch self {
        case .value(let value): members = [JSONMember("value", value)]
        case .error(let text, let status, let advice):
            members = [JSONMember("error", .string(text))]
            if let status { members.append(JSONMember("status", .unsigned(UInt64(max(0, status))))) }
            if let advice { members.append(JSONMember("advice", .string(advice))) }
        case .end: members = [JSONMember("end", .bool(true))]
        }
        return Array(JSONValue.object(members).text(indented: false).utf8) + [0x0a]
    }
}
