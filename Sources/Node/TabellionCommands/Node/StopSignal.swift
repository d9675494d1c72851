internal import Dispatch
internal import Glibc
internal import Synchronization

/// Requests to stop: SIGINT or SIGTERM.
///
/// Once it is made, a signal no longer ends the process but waits to be taken, so it is made before anything listens. The
/// second signal ends the process at once, with 128 and the signal's number as its status: whoever sends it no longer
/// wants to wait for what a stop still does.
final class StopSignal: Sendable {
    private enum State {
        case running, stopping, stopped
    }

    private let state = Mutex(State.running)
    private let requests: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    /// Takes the signals over for as long as the process lives; until then they do what they did before.
    init() async {
        (requests, continuation) = AsyncStream.makeStream()
        for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")] {
            // Dispatch replaces what a signal does when the source is registered; to ignore it before would lose those
            // that come in between, and to ignore it after would undo that.
            await withCheckedContinuation { registered in
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                // The handler keeps its source: signals are to arrive for as long as the process lives.
                source.setEventHandler { [self] in withExtendedLifetime(source) { take(number, name) } }
                source.setRegistrationHandler { registered.resume() }
                source.resume()
            }
        }
    }

    private func take(_ number: Int32, _ name: String) {
        let before = state.withLock { state in
            let before = state
            if before == .running { state = .stopping }
            return before
        }
        if before == .stopping { _exit(128 + number) }
        continuation.yield(name)
    }

    /// The first signal's name; blocks neither a thread nor the process.
    func wait() async -> String {
        for await name in requests { return name }
        return "cancellation"
    }

    /// Says that everything has come to its end: a signal no longer changes how the process ends.
    func stopIsComplete() {
        state.withLock { $0 = .stopped }
    }
}
