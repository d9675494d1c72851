package import ArgumentParser
internal import KeyValueStorage
internal import LevelDBStorage
internal import NetworkDefinition
internal import NodeCore
internal import NodeRuntime

/// Which node's store a command cares for.
package struct StoreOptions: ParsableArguments {
    /// The folder that init made.
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The node's folder, made by init; by default \(DataFolder.defaultPath), unless --config is given. Its "
                + "node.yaml says where the store is.",
            valueName: "folder"
        )
    )
    package var data: String?

    /// The configuration of a node that runs with one.
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The configuration file that says where the store is, for a node that runs with --config.",
            valueName: "file"
        )
    )
    package var config: String?

    /// Creates the options with their defaults.
    package init() {}

    /// The node's folder; nil if only a configuration file is named.
    private var folder: String? { data ?? (config == nil ? DataFolder.defaultPath : nil) }

    /// Where a running node can be asked; nil: a node without a folder has no socket.
    var socketPath: String? { folder.map { DataFolder(path: $0).socketPath } }

    /// The options as they are typed, for advice.
    var text: String {
        [folder.map { "--data \($0)" }, config.map { "--config \($0)" }].compactMap { $0 }.joined(separator: " ")
    }

    /// Where the store is and what is in it.
    ///
    /// - Throws: `CommandFailure`.
    func place() throws -> StorePlace {
        let settings = try NodeSettings.read(config: config, data: folder)
        guard var store = settings.store, let networkFile = settings.networkFile else {
            throw CommandFailure(
                .configurationInvalid,
                "\(config ?? folder.map { DataFolder(path: $0).settingsPath } ?? "") names no store and network-file"
            )
        }
        // What is put beside the store must not get into it.
        while store.count > 1, store.hasSuffix("/") { store.removeLast() }
        return StorePlace(
            path: store,
            layout: NodeStore.layout(network: try NetworkPath.read(networkFile).network),
            options: text
        )
    }
}

/// The store of a node that is not running.
struct StorePlace {
    let path: String
    let layout: StoreLayout
    /// How a command finds it.
    let options: String

    /// Opens the store.
    ///
    /// - Throws: `CommandFailure`.
    func open(create: Bool = false) throws -> LevelDBStore {
        do { return try LevelDBStore(path, layout: layout, create: create) } catch { throw failure(error) }
    }

    /// What an error means for whoever runs a command.
    func failure(_ error: StorageError) -> CommandFailure {
        StoreFailure.of(error, at: path, options: options)
    }
}
