internal import Foundation
internal import Glibc

/// The folder of a node: key, settings, the network's file, the store, and the socket of a node that runs.
struct DataFolder {
    /// Where it is when nothing else is said.
    static let defaultPath = "tabellion-node"

    let path: String

    var keyPath: String { path + "/node.key" }
    var settingsPath: String { path + "/node.yaml" }
    var networkPath: String { path + "/network.yaml" }
    var storePath: String { path + "/store" }
    var socketPath: String { path + "/control.sock" }

    /// Makes the folder, readable by its owner only, and has `fill` put the files of a node there; all or nothing.
    ///
    /// - Throws: `CommandFailure` if something is there already that is not an empty folder, or what `fill` throws; then
    ///   all is as it was.
    func make(_ fill: () throws -> Void) throws {
        let isNew = mkdir(path, 0o700) == 0
        if !isNew {
            guard errno == EEXIST else { throw FileFailure.unwritable(path, errno) }
            try checkEmpty()
            guard chmod(path, 0o700) == 0 else { throw FileFailure.unwritable(path, errno) }
        }
        do {
            try fill()
        } catch {
            // The folder was empty: these are what `fill` made.
            for file in [settingsPath, networkPath, keyPath, storePath] {
                try? FileManager.default.removeItem(atPath: file)
            }
            if isNew { rmdir(path) }
            throw error
        }
    }

    private func checkEmpty() throws {
        guard let entries = opendir(path) else { throw FileFailure.unwritable(path, errno) }
        defer { closedir(entries) }
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name == "." || name == ".." else {
                throw CommandFailure(
                    .outputUnwritable,
                    "\(path) is not empty",
                    advice: "Name a folder that does not exist; a node's key and store are never overwritten."
                )
            }
        }
    }
}
