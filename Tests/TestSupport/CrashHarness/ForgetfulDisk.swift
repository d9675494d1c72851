import Foundation

/// A folder whose content after each run is what a loss of power would leave; see `StoreWriteLog`.
package final class ForgetfulDisk {
    private let folder: TemporaryFolder
    private let library: String
    private var root: String { folder.path + "/disk" }
    private var shadow: String { folder.path + "/shadow" }

    /// The folder for a store.
    package var path: String { root + "/store" }

    /// Builds the library that watches the program's calls.
    package init() throws {
        folder = try TemporaryFolder()
        library = folder.path + "/write-log.so"
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("StoreWriteLog/store_write_log.c").path
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["cc", "-O1", "-fPIC", "-shared", "-o", library, source, "-ldl"]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else {
            throw CrashedProcess.Missing(description: "\(source) does not build")
        }
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    /// Runs a program, kills it after `wait`, and puts what was synced in the place of what was written.
    ///
    /// - Parameters:
    ///   - program: One that is built beside the tests.
    ///   - leaking: Where random sectors come from that reach the disk without being synced; 0: none do.
    package func run(
        _ program: String,
        _ arguments: [String],
        leaking: UInt64,
        wait: (CrashedProcess) throws -> Void
    ) throws -> [[Substring]] {
        try FileManager.default.copyItem(atPath: root, toPath: shadow)
        let process = try CrashedProcess(
            program,
            arguments,
            environment: [
                "LD_PRELOAD": library, "WRITE_LOG_ROOT": root, "WRITE_LOG_SHADOW": shadow,
                "WRITE_LOG_SEED": String(leaking),
            ]
        )
        try wait(process)
        let lines = process.kill()
        try FileManager.default.removeItem(atPath: root)
        try FileManager.default.moveItem(atPath: shadow, toPath: root)
        return lines
    }
}
