internal import KeyValueStorage

/// What a store's error means for whoever runs a command.
enum StoreFailure {
    /// The failure with the store's own advice.
    static func of(_ error: StorageError) -> CommandFailure {
        CommandFailure(.storeUnusable, "\(error)", advice: error.advice)
    }
}
