package import Foundation
import Synchronization

/// A directory that is removed with its last owner, or when the process ends.
package final class TemporaryDirectory: Sendable {
    /// The directories that exist; owners that live in static properties are never deinitialised.
    private static let existing = Mutex<Set<URL>>([])
    private static let removalAtExit: Void = {
        atexit { TemporaryDirectory.removeAll() }
    }()

    /// Where it is.
    package let url: URL

    /// A new, empty directory.
    package init() throws {
        _ = Self.removalAtExit
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("tabellion-test-\(UUID().uuidString.lowercased())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        Self.existing.withLock { _ = $0.insert(url) }
        self.url = url
    }

    deinit {
        let url = url
        Self.existing.withLock { _ = $0.remove(url) }
        try? FileManager.default.removeItem(at: url)
    }

    private static func removeAll() {
        for url in existing.withLock({ $0 }) {
            try? FileManager.default.removeItem(at: url)
        }
    }
}
