package import ArgumentParser
internal import Attestations
internal import CryptoCore
internal import LocalControl
internal import WireFormat

/// `tabellion notarizations`: what a node knows of others' sessions and its own.
package struct NotarizationsCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    package static let configuration = CommandConfiguration(
        commandName: "notarizations",
        abstract: "List, show and watch the notarizations that a running node has stored.",
        subcommands: [NotarizationsListCommand.self, NotarizationsShowCommand.self, NotarizationsWatchCommand.self]
    )

    /// Creates the command with nothing parsed.
    package init() {}
}

/// `tabellion notarizations list`.
package struct NotarizationsListCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List notarizations, the newest first."
    )

    @OptionGroup var data: DataOptions

    @Option(name: .long, help: ArgumentHelp("Only those of this notary.", valueName: "address"))
    var notary: String?

    @Option(name: .long, help: ArgumentHelp("Only those of this owner.", valueName: "address"))
    var owner: String?

    @Option(name: .long, help: ArgumentHelp("Only those about this server.", valueName: "name"))
    var server: String?

    @Option(name: .long, help: ArgumentHelp("Only those of the last 90s, 15m, 24h, 7d, ….", valueName: "time"))
    var since: String?

    @Option(name: .long, help: ArgumentHelp("How many, at most.", valueName: "count"))
    var limit = 20

    @Flag(name: .long, help: "The oldest first.")
    var oldestFirst = false

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Refuses options that contradict each other.
    package func validate() throws {
        guard [notary, owner, server].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("give one of --notary, --owner and --server")
        }
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit is 1 to 100000") }
        if let since, Timestamp.parseDuration(since) == nil {
            throw ValidationError("\"\(since)\" is no length of time such as 90s, 15m, 24h or 7d")
        }
    }

    /// Asks the node, page by page.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        for address in [notary, owner] { try Self.checkAddress(address) }
        let node = NodeAccess(data.folder)
        var members: [JSONMember] = []
        if let notary { members.append(JSONMember("notary", .string(notary))) }
        if let owner { members.append(JSONMember("owner", .string(owner))) }
        if let server { members.append(JSONMember("server", .string(server))) }
        if oldestFirst { members.append(JSONMember("oldest_first", .bool(true))) }
        if let age = since.flatMap(Timestamp.parseDuration) {
            let now = UInt64(max(0, environment.unixTime())) * 1000
            members.append(JSONMember("from_ms", .unsigned(now > age ? now - age : 0)))
        }
        var entries: [JSONValue] = []
        var cursor = JSONValue.null
        repeat {
            var page = members + [JSONMember("limit", .unsigned(UInt64(min(500, limit - entries.count))))]
            if cursor != .null { page.append(JSONMember("cursor", cursor)) }
            let answer = try await node.ask(ControlRequest("notarizations-list", page))
            entries += answer["entries"]?.elements ?? []
            cursor = answer["next"] ?? .null
        } while cursor != .null && entries.count < limit
        return CommandReport(
            text: entries.isEmpty ? "no notarizations" : entries.map(NotarizationLine.text).joined(separator: "\n"),
            members: [JSONMember("notarizations", .array(entries)), JSONMember("more", .bool(cursor != .null))]
        )
    }

    private static func checkAddress(_ text: String?) throws {
        guard let text, (try? EthereumAddress(text)) == nil else { return }
        throw CommandFailure(
            .usage,
            "\"\(text.prefix(64))\" is no address",
            advice: "An address is 0x and 40 hexadecimal digits; with capitals among them, they are a checksum."
        )
    }
}

/// `tabellion notarizations show`.
package struct NotarizationsShowCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all that a node knows of one notarization."
    )

    @OptionGroup var data: DataOptions

    @Argument(help: ArgumentHelp("The attestation's id: 0x and 64 hexadecimal digits.", valueName: "id"))
    var id: String

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Asks the node.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        guard Bytes32(id) != nil else {
            throw CommandFailure(
                .usage,
                "\"\(id.prefix(80))\" is no id",
                advice: "An id is 0x and 64 hexadecimal digits, as notarizations list prints it."
            )
        }
        let answer = try await NodeAccess(data.folder).ask(
            ControlRequest("notarizations-show", [JSONMember("id", .string(id))])
        )
        guard case .object(let members) = answer else {
            throw NodeAccess.failure(.malformed("a notarization is an object"))
        }
        return CommandReport(text: answer.text(indented: true), members: members)
    }
}

/// `tabellion notarizations watch`.
package struct NotarizationsWatchCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print each new notarization, until interrupted.",
        discussion: "With --json each is one line of JSON as soon as it is stored."
    )

    @OptionGroup var data: DataOptions

    @Option(name: .long, help: ArgumentHelp("Stop after this many.", valueName: "count"))
    var count: Int?

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Prints what comes.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        struct Enough: Error {}
        let isJSON = output.json
        let countMax = count ?? .max
        var seen = 0
        do {
            try await NodeAccess(data.folder).ask(ControlRequest("notarizations-watch")) { value in
                let isRecord = value["id"] != nil
                if isJSON {
                    environment.writeOutput(value.text(indented: false) + "\n")
                } else if isRecord {
                    environment.writeOutput(NotarizationLine.text(value) + "\n")
                } else if let missed = value["missed"]?.unsigned {
                    environment.writeError("\(missed) came too fast and are not shown; list shows them\n")
                }
                seen += isRecord ? 1 : 0
                if seen >= countMax { throw Enough() }
            }
        } catch is Enough {}
        return CommandReport(text: "", members: [JSONMember("seen", .unsigned(UInt64(seen)))])
    }
}

/// A notarization on one line.
enum NotarizationLine {
    static func text(_ value: JSONValue) -> String {
        let parts = [
            Timestamp.text(milliseconds: value["end_ms"]?.unsigned ?? 0), value["id"]?.string ?? "",
            value["server"]?.string ?? "(hidden server)", "by \(value["notary"]?.string ?? "")",
            "\(value["received"]?.unsigned ?? 0) bytes", value["window"]?.string ?? "",
        ]
        return PlainText.oneLine(parts.joined(separator: "  "))
    }
}
