internal import NIOConcurrencyHelpers

/// An end that is reached once, and waited for by anybody.
final class Ending: Sendable {
    private struct State {
        var isReached = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = NIOLockedValueBox(State())

    /// Whether it is reached.
    var isReached: Bool { state.withLockedValue(\.isReached) }

    /// It is reached now.
    func reach() {
        let waiting = state.withLockedValue { state in
            state.isReached = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when it is reached.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLockedValue { state in
                if !state.isReached { state.waiting.append(continuation) }
                return state.isReached
            }
            if isReached { continuation.resume() }
        }
    }
}
