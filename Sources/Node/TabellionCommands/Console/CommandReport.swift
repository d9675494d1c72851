package import WireFormat

/// What a command has to say at its end, for people and for machines.
package struct CommandReport: Sendable, Equatable {
    /// The text for people.
    package let text: String
    /// The members of the JSON object for machines, besides `ok`.
    package let members: [JSONMember]
    /// How the process ends; a report may also be about something that was refused.
    package let failure: CommandFailure?

    /// A report; `failure` if what was examined is not good.
    package init(text: String, members: [JSONMember], failure: CommandFailure? = nil) {
        self.text = text
        self.members = members
        self.failure = failure
    }

    /// The JSON object of a report, or of a failure without one.
    package static func json(members: [JSONMember], failure: CommandFailure?) -> JSONValue {
        var all = [JSONMember("ok", .bool(failure == nil))]
        if let failure {
            all.append(
                JSONMember(
                    "error",
                    .object([
                        JSONMember("code", .unsigned(UInt64(failure.status.rawValue))),
                        JSONMember("name", .string(failure.status.name)),
                        JSONMember("message", .string(failure.message)),
                    ])
                )
            )
        }
        return .object(all + members)
    }
}
