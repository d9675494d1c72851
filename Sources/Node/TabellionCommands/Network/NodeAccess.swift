internal import LocalControl
internal import WireFormat

/// The running node of a folder.
struct NodeAccess {
    private let client: ControlClient

    init(_ folder: DataFolder) {
        client = ControlClient(path: folder.socketPath)
    }

    /// Asks for one value.
    func ask(_ request: ControlRequest) async throws -> JSONValue {
        do { return try await client.ask(request) } catch let error as ControlError {
            throw Self.failure(error)
        }
    }

    /// Asks for values as they come.
    func ask(_ request: ControlRequest, _ body: (JSONValue) async throws -> Void) async throws {
        do { try await client.ask(request, body) } catch let error as ControlError {
            throw Self.failure(error)
        }
    }

    /// What an error of the control socket means for whoever runs a command.
    static func failure(_ error: ControlError) -> CommandFailure {
        switch error {
        case .notRunning:
            CommandFailure(
                .nodeNotRunning,
                "\(error)",
                advice: "Start it with tabellion node run --data FOLDER, or name its folder with --data. "
                    + "A node that was started without --data has no control socket and cannot be asked."
            )
        case .forbidden:
            CommandFailure(.inputUnreadable, "\(error)", advice: "Run the command as the node's user or root.")
        case .interrupted:
            CommandFailure(
                .nodeNotRunning,
                "\(error)",
                advice: "The node's log says why it ended; start it again with tabellion node run --data FOLDER."
            )
        case .refused(let why, let status, let advice):
            CommandFailure(status.flatMap(ExitStatus.init(rawValue:)) ?? .failure, why, advice: advice)
        case .taken, .unusable, .system, .malformed: CommandFailure(.nodeNotRunning, "\(error)")
        }
    }
}
