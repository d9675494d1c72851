internal import KeyValueStorage

/// What a store's error means for whoever runs a command.
enum StoreFailure {
    /// The failure with the store's own advice.
    static func of(_ error: StorageError) -> CommandFailure {
        CommandFailure(.storeUnusable, "\(error)", advice: error.advice)
    }

    /// The failure of a node's store, with advice that names the commands.
    ///
    /// - Parameters:
    ///   - path: where the node's store is; errors of other stores keep their own advice.
    ///   - options: how a command finds it, such as `--data FOLDER`.
    static func of(_ error: StorageError, at path: String, options: String) -> CommandFailure {
        let restore = "tabellion store restore BACKUP \(options)"
        switch error {
        case .missing(path):
            return CommandFailure(
                .storeUnusable,
                "\(error), and a node does not begin a new one by itself: it would have forgotten what it signed",
                advice: "If its disk is not mounted, mount it. If it is lost, put the last backup there: "
                    + "\(restore). Without any: tabellion store create \(options)."
            )
        case .corrupt(path, _), .lostSyncedData(path, _, _):
            return CommandFailure(
                .storeUnusable,
                "\(error)",
                advice: "Check the disk. Then put the last backup in its place, which keeps the damaged store beside: "
                    + "\(restore) --replace."
            )
        case .undecodable, .newerRecord:
            return CommandFailure(
                .storeUnusable,
                "\(error)",
                advice: "tabellion store check \(options) says what else cannot be read; "
                    + "\(restore) --replace puts a backup in the store's place."
            )
        default: return of(error)
        }
    }
}
