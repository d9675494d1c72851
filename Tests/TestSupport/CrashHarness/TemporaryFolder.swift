package import Foundation

/// A folder of its own for a test, removed with the value's last reference.
package final class TemporaryFolder {
    /// Where it is.
    package let path: String

    /// Makes the folder.
    package init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tabellion-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Relative paths and contents of all files, LevelDB's own diary and locks left out.
    package static func contents(of path: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            guard !["LOG", "LOG.old", "LOCK"].contains((name as NSString).lastPathComponent) else { continue }
            // Folders have no contents.
            if let data = FileManager.default.contents(atPath: path + "/" + name) { files[name] = data }
        }
        return files
    }
}
