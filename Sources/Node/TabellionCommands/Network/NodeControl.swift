internal import Attestations
internal import CryptoCore
internal import Glibc
internal import KeyValueStorage
internal import LevelDBStorage
internal import LocalControl
internal import NodeCore
internal import NodeNetwork
internal import Records
internal import WireFormat

/// Answers the commands of `node status`, `node peers`, `notarizations` and `store` inside a running node.
struct NodeControl: Sendable {
    let loop: NodeLoop
    let store: LevelDBStore
    let archive: NotarizationArchive
    /// The options by which the store's commands find the store, for advice.
    let storeOptions: String
    let watchers: RecordWatchers
    let runtime: @Sendable () -> NodeRuntimeStatus
    /// The present time in Unix milliseconds.
    let now: @Sendable () -> UInt64

    /// Answers one request.
    func answer(_ request: ControlRequest, _ write: @Sendable (JSONValue) async throws -> Void) async throws {
        do {
            switch request.command {
            case "status": try await write(NodeStatusJSON.status(try await status(), runtime()))
            case "peers": try await write(.array(try await status().peers.map(NodeStatusJSON.peer)))
            case "notarizations-list": try await write(try list(request.arguments))
            case "notarizations-show": try await write(try show(request.arguments))
            case "notarizations-watch": try await watch(write)
            case "store-check": try await write(try await onThread { StoreReport.json(try store.check()) })
            case "store-backup":
                guard let destination = request.arguments["destination"]?.string, destination.hasPrefix("/") else {
                    throw Self.misused("a backup needs an absolute path")
                }
                try await write(
                    try await onThread {
                        try store.backUp(to: destination)
                        // Whoever asked may see other folders than this process does.
                        return .object([JSONMember("process", .unsigned(UInt64(getpid())))])
                    }
                )
            case "store-compact":
                try await write(
                    try await onThread {
                        let before = try store.fileByteCount()
                        try store.compact()
                        return .object([
                            JSONMember("bytes_before", NodeStatusJSON.number(before)),
                            JSONMember("bytes_after", NodeStatusJSON.number(try store.fileByteCount())),
                        ])
                    }
                )
            default: throw ControlError.refused("this node does not know the command \"\(request.command.prefix(64))\"")
            }
        } catch let error as StorageError {
            let failure = StoreFailure.of(error, at: store.path, options: storeOptions)
            throw ControlError.refused(failure.message, status: failure.status.rawValue, advice: failure.advice)
        } catch let error as NodeLoop.Failure {
            throw error == .busy
                ? ControlError.refused("the node is busy", advice: "Try again in a moment.")
                : ControlError.refused("the node is stopping", status: ExitStatus.nodeNotRunning.rawValue)
        }
    }

    /// A request with arguments that its command does not take.
    private static func misused(_ text: String) -> ControlError {
        .refused(text, status: ExitStatus.usage.rawValue)
    }

    private func status() async throws -> NodeStatus {
        try await loop.inspect { machine, now in machine.status(now: now) }
    }

    /// Runs what takes long on a thread of its own: the cooperative pool has one a core.
    private func onThread(_ body: @escaping @Sendable () throws -> JSONValue) async throws -> JSONValue {
        try await SessionThread.run(body)
    }

    private func list(_ arguments: JSONValue) throws -> JSONValue {
        var query = NotarizationQuery()
        if let text = arguments["notary"]?.string { query.filter = .notary(try Self.account(text)) }
        if let text = arguments["owner"]?.string { query.filter = .owner(try Self.account(text)) }
        if let text = arguments["server"]?.string { query.filter = .server(text) }
        if let from = arguments["from_ms"]?.unsigned { query.from = from }
        if let before = arguments["before_ms"]?.unsigned { query.before = before }
        if arguments["oldest_first"] == .bool(true) { query.order = .ascending }
        if let limit = arguments["limit"]?.unsigned {
            guard (1...UInt64(NotarizationQuery.limitMax)).contains(limit) else {
                throw Self.misused("a list has 1 to \(NotarizationQuery.limitMax) entries")
            }
            query.limit = Int(limit)
        }
        if let cursor = arguments["cursor"] {
            guard let time = cursor["time"]?.unsigned, let id = cursor["id"]?.string.flatMap({ Bytes32($0) }) else {
                throw Self.misused("a cursor is one that a list ended with")
            }
            query.cursor = NotarizationCursor(time: time, id: AttestationID(id))
        }
        let page = try archive.list(query, now: now())
        let next: JSONValue =
            page.next.map {
                .object([JSONMember("time", .unsigned($0.time)), JSONMember("id", .string("\($0.id)"))])
            } ?? .null
        return .object([
            JSONMember(
                "entries",
                .array(page.entries.map { NodeStatusJSON.summary($0.header, id: $0.id, window: $0.window) })
            ),
            JSONMember("next", next),
        ])
    }

    private func show(_ arguments: JSONValue) throws -> JSONValue {
        guard let id = arguments["id"]?.string.flatMap({ Bytes32($0) }) else {
            throw Self.misused("an id has 0x and 64 hexadecimal digits")
        }
        guard let details = try archive.show(AttestationID(id), now: now()) else {
            throw ControlError.refused("this node has no notarization \(id)")
        }
        let attestation = details.record.attestation
        var members = EvidenceJSON.header(attestation.header, id: attestation.id, contextText: nil)
        members.append(
            JSONMember(
                "summary",
                NodeStatusJSON.summary(attestation.header, id: attestation.id, window: details.window)
            )
        )
        members.append(JSONMember("record", .string("\(details.record.recordID)")))
        members.append(JSONMember("contradicted_by", details.contradiction.map { .string("\($0)") } ?? .null))
        return .object(members)
    }

    private func watch(_ write: @Sendable (JSONValue) async throws -> Void) async throws {
        // The first line says that everything from now on will be seen.
        guard let stream = watchers.add() else {
            throw ControlError.refused("\(RecordWatchers.countMax) commands watch this node already")
        }
        try await write(.object([JSONMember("watching", .bool(true))]))
        for await event in stream {
            switch event {
            case .recorded(let id):
                guard let details = try archive.show(id, now: now()) else { continue }
                try await write(NodeStatusJSON.summary(details.record.header, id: id, window: details.window))
            case .missed(let count): try await write(.object([JSONMember("missed", NodeStatusJSON.number(count))]))
            }
        }
    }

    private static func account(_ text: String) throws -> EthereumAddress {
        do { return try EthereumAddress(text) } catch {
            throw Self.misused("\"\(text.prefix(64))\" is no address of 0x and 40 hexadecimal digits")
        }
    }
}
