package import ArgumentParser
internal import LocalControl
internal import WireFormat

/// `tabellion node status`.
package struct NodeStatusCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what a running node is doing: peers, mesh, scores, sessions, store, records, versions."
    )

    @OptionGroup var data: DataOptions

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Asks the node.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let status = try await NodeAccess(data.folder).ask(ControlRequest("status"))
        guard case .object(let members) = status else {
            throw NodeAccess.failure(.malformed("a status is an object"))
        }
        return CommandReport(text: Self.text(status), members: members)
    }

    private static func text(_ status: JSONValue) -> String {
        func number(_ value: JSONValue?) -> String { "\(value?.unsigned ?? 0)" }
        var text = EvidenceText()
        text.foreign("Network", "\(status["network_name"]?.string ?? "") \(status["network"]?.string ?? "")")
        text.foreign("Peer id", status["peer_id"]?.string ?? "")
        text.foreign("Address", status["address"]?.string ?? "")
        for (index, address) in (status["announced"]?.elements ?? []).enumerated() {
            text.foreign(index == 0 ? "Announced" : "", address.string ?? "")
        }
        if case .object(let formats) = status["formats"] {
            text.field("Speaks", formats.map { "\($0.key) \(number($0.value))" }.joined(separator: ", "))
        }
        let uptime = (status["uptime_seconds"]?.unsigned ?? 0) * 1000
        text.field("Running", "\(Timestamp.duration(milliseconds: uptime)), version \(status["version"]?.string ?? "")")
        text.field("Sessions", "\(number(status["sessions_running"])) of \(number(status["sessions_max"]))")
        text.field("Peers", "\(number(status["peers"])), \(number(status["mesh"])) of them in the mesh")
        if let scores = status["scores"], case .object(let members) = scores {
            let parts = members.map { member -> String in
                guard case .number(let digits) = member.value else { return "" }
                return "\(member.key) \(digits)"
            }
            text.foreign("Scores", parts.joined(separator: ", "))
        }
        if case .object(let misconduct) = status["misconduct"], !misconduct.isEmpty {
            text.field("Misconduct", misconduct.map { "\($0.key) \(number($0.value))" }.joined(separator: ", "))
        }
        if status["loopback_exempt"] == .bool(true) {
            text.field("Exempt", "peers on this machine, from limits by address (the network's file says local)")
        }
        let records = status["records"]
        let store = status["store"]
        text.field(
            "Notarizations",
            "\(number(store?["notarizations"])) stored (\(number(records?["signed"])) signed here, "
                + "\(number(records?["received"])) by gossip, \(number(records?["synced"])) caught up on since the start)"
        )
        text.field(
            "Store",
            "\(number(store?["file_bytes"])) bytes, schema \(number(store?["schema"]))"
                + (store?["failure"]?.string.map { "; FAILED: \($0)" } ?? "")
        )
        if case .object(let refused) = status["refused"], !refused.isEmpty {
            text.field("Refused", refused.map { "\($0.key) \(number($0.value))" }.joined(separator: ", "))
        }
        return text.text
    }
}

/// `tabellion node peers`.
package struct NodePeersCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "List the peers of a running node with their scores."
    )

    @OptionGroup var data: DataOptions

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Asks the node.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let peers = try await NodeAccess(data.folder).ask(ControlRequest("peers"))
        let lines = (peers.elements ?? []).map { peer in
            var score = "0"
            if case .number(let digits) = peer["score"] { score = digits }
            let parts = [
                peer["peer_id"]?.string ?? "", peer["at"]?.string ?? "", peer["direction"]?.string ?? "",
                peer["in_mesh"] == .bool(true) ? "mesh" : "-", "score \(score)", peer["agent"]?.string ?? "",
            ]
            return PlainText.oneLine(parts.joined(separator: "  "))
        }
        return CommandReport(
            text: lines.isEmpty ? "no peers" : lines.joined(separator: "\n"),
            members: [JSONMember("peers", peers)]
        )
    }
}
