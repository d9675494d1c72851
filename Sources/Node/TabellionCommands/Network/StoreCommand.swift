package import ArgumentParser
internal import Glibc
internal import KeyValueStorage
internal import LevelDBStorage
internal import LocalControl
internal import WireFormat

/// `tabellion store`: care of what a node keeps.
package struct StoreCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    package static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Check, back up, restore, compact and, if it is lost, begin a node's store.",
        subcommands: [
            StoreCheckCommand.self, StoreBackupCommand.self, StoreRestoreCommand.self, StoreCompactCommand.self,
            StoreCreateCommand.self,
        ]
    )

    /// Creates the command with nothing parsed.
    package init() {}
}

/// `tabellion store check`.
package struct StoreCheckCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read and decode every record and verify all checksums; also while the node runs."
    )

    @OptionGroup var node: StoreOptions

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Checks the store, through the node if it runs.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let (value, _) = try await StoreAccess(node).perform(ControlRequest("store-check")) {
            store throws(StorageError) in
            StoreReport.json(try store.check())
        }
        let isSound = value["sound"] == .bool(true)
        return CommandReport(
            text: StoreReport.text(value),
            members: [JSONMember("store", value)],
            failure: isSound
                ? nil
                : CommandFailure(
                    .storeUnusable,
                    "the store is damaged",
                    advice: "Check the disk. Then stop the node and put the last backup in the store's place: "
                        + "tabellion store restore BACKUP \(node.text) --replace."
                )
        )
    }
}

/// `tabellion store backup`.
package struct StoreBackupCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store into a new folder; also while the node runs.",
        discussion: """
            A running node writes the copy itself, as its own user, and FOLDER is where the node sees it. A service may \
            see other folders than you do (systemd: ProtectSystem, PrivateTmp): name one in the node's own folder \
            then. The command looks whether the copy is where it should be, and says where it lies if not.
            """
    )

    @OptionGroup var node: StoreOptions

    @Argument(help: ArgumentHelp("A folder that does not exist or is empty.", valueName: "folder"))
    var destination: String

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Copies the store, through the node if it runs.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let path = AbsolutePath.of(destination)
        let request = ControlRequest("store-backup", [JSONMember("destination", .string(path))])
        let (answer, byNode) = try await StoreAccess(node).perform(request) { store throws(StorageError) in
            try store.backUp(to: path)
            return .object([])
        }
        if byNode, !Self.holdsStore(path) {
            let place = "/proc/\(answer["process"]?.unsigned ?? 0)/root\(path)"
            return CommandReport(
                text: "",
                members: [JSONMember("backup", .null), JSONMember("lies_at", .string(place))],
                failure: CommandFailure(
                    .outputUnwritable,
                    "the node has made the backup, but it sees another \(path) than this command, where there is none",
                    advice: "While the node runs, root finds it at \(place). Name a folder that both see, such as one "
                        + "in the node's folder."
                )
            )
        }
        return CommandReport(
            text: "Backed up to \(destination).",
            members: [JSONMember("backup", .string(path))]
        )
    }

    /// Whether a store is there, as far as this process may look.
    private static func holdsStore(_ path: String) -> Bool {
        access(path + "/leveldb", F_OK) == 0 || errno == EACCES
    }
}

/// `tabellion store restore`.
package struct StoreRestoreCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup, after checking all of it, where the node's store is or was.",
        discussion: """
            The node must not run. A store that has neither notarizations nor signatures, such as init makes, is \
            replaced. Any other, and a damaged one, is replaced with --replace only: it is moved aside, to \
            STORE.old-TIME, and never deleted. Until the copy is complete the old one stays where it is.

            What the node stored after the backup is not in it. The node catches up on what others have; its own \
            notarizations that nobody had received yet are lost to the network, and it has forgotten what it signed \
            since. It does not sign a second time for those sessions: their ids hold 32 random bytes of the node, and \
            no session outlives the process that took part in it. Never run two nodes with one key.
            """
    )

    @OptionGroup var node: StoreOptions

    @Flag(name: .long, help: "Move a store that is there aside, to STORE.old-TIME.")
    var replace = false

    @Argument(help: ArgumentHelp("The backup.", valueName: "folder"))
    var backup: String

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Checks the backup and copies it.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let place = try node.place()
        guard !InputFile.areSame(backup, place.path) else {
            throw CommandFailure(.usage, "\(backup) is the node's store itself, not a backup of it")
        }
        let replacement = try self.replacement(in: place, now: environment.unixTime())
        let check: StoreCheck
        do {
            check = try LevelDBStore.restore(
                backup: backup,
                to: place.path,
                layout: place.layout,
                replacing: replacement
            )
        } catch {
            throw failure(error, place)
        }
        let value = StoreReport.json(check)
        var text = StoreReport.text(value) + "\nRestored to \(place.path)."
        var members = [JSONMember("store", value), JSONMember("restored", .string(place.path))]
        if case .movedAside(let path) = replacement {
            text += "\nWhat was there is now \(path)."
            members.append(JSONMember("moved_aside", .string(path)))
        }
        return CommandReport(text: text, members: members)
    }

    /// What the backup may take the place of.
    private func replacement(in place: StorePlace, now: Int64) throws -> LevelDBStore.Replacement {
        let obstacle: String
        do {
            let store = try LevelDBStore(place.path, layout: place.layout, create: false)
            defer { store.close() }
            let check = try store.check()
            func count(_ name: String) -> Int { check.counts.first { $0.keyspace == name }?.recordCount ?? 0 }
            let (notarizations, signatures) = (count("notarizations"), count("own-signatures"))
            if check.isSound, notarizations == 0, signatures == 0, count("outbox") == 0 { return .removed }
            obstacle = "the store \(place.path) holds \(notarizations) notarizations and \(signatures) own signatures"
        } catch StorageError.missing {
            return .nothing
        } catch {
            switch error {
            case .locked, .diskFull, .environment: throw failure(error, place)
            default: obstacle = "\(error)"
            }
        }
        guard replace else {
            throw CommandFailure(
                .storeUnusable,
                obstacle,
                advice: "Nothing was changed. With --replace it is moved aside, and the backup takes its place."
            )
        }
        let time = Timestamp.text(milliseconds: UInt64(max(0, now)) * 1000).filter { $0 != "-" && $0 != ":" }
        return .movedAside(path: "\(place.path).old-\(time)")
    }

    private func failure(_ error: StorageError, _ place: StorePlace) -> CommandFailure {
        switch error {
        case .locked(place.path, _):
            CommandFailure(.storeUnusable, "\(error)", advice: "Stop the node first; nothing was changed.")
        case .corrupt(backup, _), .lostSyncedData(backup, _, _), .undecodable:
            CommandFailure(
                .storeUnusable,
                "the backup cannot be used: \(error)",
                advice: "Nothing was changed. Use another backup."
            )
        default: place.failure(error)
        }
    }
}

/// `tabellion store compact`.
package struct StoreCompactCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Give back the space of removed records; also while the node runs."
    )

    @OptionGroup var node: StoreOptions

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Compacts the store, through the node if it runs.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let (value, _) = try await StoreAccess(node).perform(ControlRequest("store-compact")) {
            store throws(StorageError) in
            let before = try store.fileByteCount()
            try store.compact()
            return .object([
                JSONMember("bytes_before", .unsigned(UInt64(before))),
                JSONMember("bytes_after", .unsigned(UInt64(try store.fileByteCount()))),
            ])
        }
        return CommandReport(
            text: "\(value["bytes_before"]?.unsigned ?? 0) bytes before, \(value["bytes_after"]?.unsigned ?? 0) after.",
            members: [JSONMember("store", value)]
        )
    }
}

/// `tabellion store create`.
package struct StoreCreateCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make an empty store for a node that has none.",
        discussion: """
            For a node whose store is lost for good and that has no backup, or one that runs with --config; init makes \
            a store by itself. Refused where anything is. With the old store is lost what the node knew of others, \
            until it has caught up; its own notarizations that nobody had received yet; and the memory of what it \
            signed, by which it refuses to sign something else for the same session. Without that memory it relies on \
            the random ids of sessions alone.
            """
    )

    @OptionGroup var node: StoreOptions

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Makes the store.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let place = try node.place()
        do {
            try LevelDBStore(place.path, layout: place.layout, create: false).close()
        } catch StorageError.missing {
            try place.open(create: true).close()
            return CommandReport(
                text: "Made an empty store at \(place.path).",
                members: [JSONMember("created", .string(place.path))]
            )
        } catch {
            throw place.failure(error)
        }
        throw CommandFailure(
            .storeUnusable,
            "there is a store at \(place.path) already",
            advice: "Nothing was changed; the node starts with it."
        )
    }
}
