internal import CoreFoundation
internal import Glibc
internal import NetworkDefinition

/// Finds and reads the file that describes a network.
enum NetworkPath {
    /// The network of a file, or of a folder that holds `network.yaml`.
    ///
    /// - Throws: `CommandFailure`.
    static func read(_ path: String) throws -> NetworkFile {
        var status = stat()
        let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        let file = isFolder ? path + "/network.yaml" : path
        let bytes = try InputFile.read(file, limit: NetworkFile.byteCountMax)
        do {
            return try NetworkFile(yaml: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw CommandFailure(.configurationInvalid, "\(file): \(error)")
        }
    }
}
