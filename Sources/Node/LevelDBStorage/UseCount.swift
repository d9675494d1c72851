internal import Foundation
internal import KeyValueStorage

/// Counts the calls under way, so that closing waits for them.
///
/// `@unchecked Sendable`: all state is guarded by `condition`.
final class UseCount: @unchecked Sendable {
    private let condition = NSCondition()
    private var count = 0
    private var isClosed = false

    /// Runs `body` unless the store is closed.
    func use<Result>(_ body: () throws(StorageError) -> Result) throws(StorageError) -> Result {
        try begin()
        defer { end() }
        return try body()
    }

    /// Refuses further uses and waits for those under way; `false` if that was done before.
    func close() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed else { return false }
        isClosed = true
        while count > 0 { condition.wait() }
        return true
    }

    private func begin() throws(StorageError) {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed else { throw .closed }
        count += 1
    }

    private func end() {
        condition.lock()
        count -= 1
        if count == 0 { condition.broadcast() }
        condition.unlock()
    }
}
