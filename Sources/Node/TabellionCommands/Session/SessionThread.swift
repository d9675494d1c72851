internal import Foundation

/// Runs blocking work on a thread of its own, because the cooperative pool has a thread a core and must not block.
enum SessionThread {
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            start { continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    /// Starts such a thread.
    static func start(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread { body() }
        thread.name = "session"
        thread.stackSize = 4 << 20
        thread.start()
    }
}
