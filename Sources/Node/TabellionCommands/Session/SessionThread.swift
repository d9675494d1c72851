internal import Foundation

/// Runs blocking work on a thread of its own, because the cooperative pool has a thread a core and must not block.
enum SessionThread {
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Swift.Result { try body() }) }
            thread.name = "session"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }
}
