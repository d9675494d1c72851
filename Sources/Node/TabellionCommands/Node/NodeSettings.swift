internal import CoreFoundation
internal import Glibc
internal import NodeRuntime

/// Reads the settings of a node, for whoever runs it and whoever cares for its store.
enum NodeSettings {
    /// The settings of a configuration file, else of the `node.yaml` of a node's folder, else none.
    ///
    /// With a folder, relative paths in the file are relative to it.
    ///
    /// - Throws: `CommandFailure`.
    static func read(config: String?, data: String?) throws -> NodeConfigurationFile {
        guard let path = config ?? data.map({ DataFolder(path: $0).settingsPath }) else {
            return NodeConfigurationFile()
        }
        if config == nil, let data, access(path, F_OK) != 0, errno == ENOENT {
            throw CommandFailure(
                .inputUnreadable,
                "\(data) is no node's folder: there is no \(path)",
                advice: "Name the folder with --data, or make one with tabellion init."
            )
        }
        var settings: NodeConfigurationFile
        let bytes = try InputFile.read(path, limit: NodeConfigurationFile.byteCountMax)
        do {
            settings = try NodeConfigurationFile(yaml: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw CommandFailure(.configurationInvalid, "\(path): \(error)")
        }
        if let data {
            func absolute(_ path: String?) -> String? { path.map { $0.hasPrefix("/") ? $0 : data + "/" + $0 } }
            settings.key = absolute(settings.key)
            settings.passphraseFile = absolute(settings.passphraseFile)
            settings.networkFile = absolute(settings.networkFile)
            settings.store = absolute(settings.store)
            settings.ca = absolute(settings.ca)
        }
        return settings
    }
}
