/// Builds the one request of a session in a canonical form.
///
/// The order is fixed: request line, Host, User-Agent, Accept, the caller's fields in their order, Accept-Encoding,
/// Connection, Content-Length, blank line, body. The connection closes after one response and the server is asked not
/// to compress, so that the transcript stays readable. Everything that could inject a further line is refused.
package struct HTTPRequestBuilder: Sendable {
    /// Why a request cannot be built; always the caller's fault.
    package enum BuildError: Error, Sendable, Hashable, CustomStringConvertible {
        /// The method is no token, or one that does not end with one response (`CONNECT`, `TRACE`).
        case invalidMethod(String)
        /// A field name is empty or no token.
        case invalidFieldName(String)
        /// The value of the named field contains a line break or another control character.
        case invalidFieldValue(name: String)
        /// The named field is set by the builder and may not be overridden.
        case reservedField(name: String)
        /// The named field may occur once and was given twice.
        case repeatedField(name: String)
        /// A field was not written as `Name: value`.
        case malformedField

        /// One sentence for people.
        package var description: String {
            switch self {
            case .invalidMethod: "the HTTP method is not allowed"
            case .invalidFieldName: "a header name is empty or contains characters that a header name cannot have"
            case .invalidFieldValue(let name): "the value of header \(name) contains a line break or control character"
            case .reservedField(let name): "the header \(name) is set by Tabellion and cannot be given"
            case .repeatedField(let name): "the header \(name) was given twice"
            case .malformedField: "a header must be written as \"Name: value\""
            }
        }
    }

    /// A field that the caller adds.
    package struct Field: Sendable, Hashable {
        /// The name, a token.
        package let name: String
        /// The value, without line breaks.
        package let value: String

        /// A field from its parts.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }

        /// A field from one line `Name: value`, as the command line takes it.
        package init(line: String) throws(BuildError) {
            let bytes = Array(line.utf8)
            guard let colon = bytes.firstIndex(of: 0x3a) else { throw .malformedField }
            var value = bytes[(colon + 1)...]
            while let first = value.first, HTTPCharacters.isBlank(first) { value.removeFirst() }
            while let last = value.last, HTTPCharacters.isBlank(last) { value.removeLast() }
            self.name = String(decoding: bytes[..<colon], as: UTF8.self)
            self.value = String(decoding: value, as: UTF8.self)
        }
    }

    private static let reserved: Set<String> = [
        "host", "connection", "accept-encoding", "content-length", "transfer-encoding", "te", "trailer", "upgrade",
        "expect", "keep-alive", "proxy-connection", "http2-settings",
    ]

    private static let bodyMethods: Set<String> = ["POST", "PUT", "PATCH"]

    /// The method, such as `GET`.
    package var method: String
    /// The server and the target.
    package var location: WebLocation
    /// The caller's fields.
    package var fields: [Field]
    /// The body; empty for none.
    package var body: [UInt8]
    /// The User-Agent unless the caller's fields have one.
    package var userAgent: String

    /// A request to `location`.
    package init(
        method: String = "GET",
        location: WebLocation,
        fields: [Field] = [],
        body: [UInt8] = [],
        userAgent: String = "tabellion"
    ) {
        self.method = method
        self.location = location
        self.fields = fields
        self.body = body
        self.userAgent = userAgent
    }

    /// The bytes of the request.
    package func serialized() throws(BuildError) -> [UInt8] {
        guard !method.isEmpty, method.utf8.allSatisfy(HTTPCharacters.isToken), method != "CONNECT", method != "TRACE"
        else { throw .invalidMethod(method) }
        let names = try checkedNames()
        var lines = ["\(method) \(location.target) HTTP/1.1", "Host: \(location.authority)"]
        if !names.contains("user-agent") { lines.append("User-Agent: \(userAgent)") }
        if !names.contains("accept") { lines.append("Accept: */*") }
        lines += fields.map { "\($0.name): \($0.value)" }
        lines += ["Accept-Encoding: identity", "Connection: close"]
        if !body.isEmpty || Self.bodyMethods.contains(method) { lines.append("Content-Length: \(body.count)") }
        var result: [UInt8] = []
        for line in lines {
            result.append(contentsOf: line.utf8)
            result += [0x0d, 0x0a]
        }
        return result + [0x0d, 0x0a] + body
    }

    private func checkedNames() throws(BuildError) -> Set<String> {
        guard userAgent.utf8.allSatisfy(HTTPCharacters.isFieldValue) else {
            throw .invalidFieldValue(name: "user-agent")
        }
        var names: Set<String> = []
        for field in fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(HTTPCharacters.isToken) else {
                throw .invalidFieldName(field.name)
            }
            let name = HTTPCharacters.lowercased(field.name.utf8)
            guard !Self.reserved.contains(name) else { throw .reservedField(name: name) }
            guard field.value.utf8.allSatisfy(HTTPCharacters.isFieldValue) else { throw .invalidFieldValue(name: name) }
            let isNew = names.insert(name).inserted
            guard isNew || !HTTPField.singletons.contains(name) else { throw .repeatedField(name: name) }
        }
        return names
    }
}
