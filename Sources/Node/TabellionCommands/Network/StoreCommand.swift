package import ArgumentParser
internal import KeyValueStorage
internal import LevelDBStorage
internal import LocalControl
internal import NetworkDefinition
internal import NodeCore
internal import WireFormat

/// `tabellion store`: care of what a node keeps.
package struct StoreCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    package static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Check, back up, restore and compact a node's store.",
        subcommands: [
            StoreCheckCommand.self, StoreBackupCommand.self, StoreRestoreCommand.self, StoreCompactCommand.self,
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

    @OptionGroup var data: DataOptions

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Checks the store, through the node if it runs.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let value = try await StoreAccess(data.folder).perform(ControlRequest("store-check")) {
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
                    advice: "Keep a copy of the folder, check the disk, then restore the last backup."
                )
        )
    }
}

/// `tabellion store backup`.
package struct StoreBackupCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store into a new folder; also while the node runs."
    )

    @OptionGroup var data: DataOptions

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
        _ = try await StoreAccess(data.folder).perform(request) { store throws(StorageError) in
            try store.backUp(to: path)
            return .object([])
        }
        return CommandReport(
            text: "Backed up to \(destination).",
            members: [JSONMember("backup", .string(path))]
        )
    }
}

/// `tabellion store restore`.
package struct StoreRestoreCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Copy a backup, after checking all of it, to where the node's store was.",
        discussion: """
            The node's folder must have no store: move the damaged one away first. What the node stored after the \
            backup is not in it; the node catches up on what others signed. Nothing can be signed twice: a session has \
            an id of its own and does not outlive the process that took part in it.
            """
    )

    @OptionGroup var data: DataOptions

    @Argument(help: ArgumentHelp("The backup.", valueName: "folder"))
    var backup: String

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Checks the backup and copies it.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let folder = data.folder
        let network = try NetworkPath.read(folder.networkPath).network
        let check: StoreCheck
        do {
            check = try LevelDBStore.restore(
                backup: backup,
                to: folder.storePath,
                layout: NodeStore.layout(network: network)
            )
        } catch {
            throw StoreFailure.of(error)
        }
        let value = StoreReport.json(check)
        return CommandReport(
            text: StoreReport.text(value) + "\nRestored to \(folder.storePath).",
            members: [JSONMember("store", value), JSONMember("restored", .string(folder.storePath))]
        )
    }
}

/// `tabellion store compact`.
package struct StoreCompactCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Give back the space of removed records; also while the node runs."
    )

    @OptionGroup var data: DataOptions

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Compacts the store, through the node if it runs.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let value = try await StoreAccess(data.folder).perform(ControlRequest("store-compact")) {
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
