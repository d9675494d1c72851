internal import Dispatch
internal import Glibc
internal import Synchronization

/// Waits for a request to stop: SIGINT or SIGTERM.
enum StopSignal {
    private enum State {
        case running, stopping, stopped
    }

    private static let state = Mutex(State.running)

    /// Blocks neither a thread nor the process; returns the first signal's name.
    ///
    /// The second signal ends the process at once, with 128 and the signal's number as its status: whoever sends it no
    /// longer wants to wait for what a stop still does.
    static func wait() async -> String {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let before = state.withLock { state in
                    let before = state
                    if before == .running { state = .stopping }
                    return before
                }
                if before == .stopping { _exit(128 + number) }
                // The handler keeps its source: signals are to arrive for as long as the process lives.
                withExtendedLifetime(source) { _ = continuation.yield(name) }
            }
            source.resume()
        }
        for await name in stream { return name }
        return "cancellation"
    }

    /// Says that everything has come to its end: a signal no longer changes how the process ends.
    static func stopIsComplete() {
        state.withLock { $0 = .stopped }
    }
}
