internal import Dispatch
internal import Glibc

/// Waits for a request to stop: SIGINT or SIGTERM.
enum StopSignal {
    /// Blocks neither a thread nor the process; returns the signal's name.
    static func wait() async -> String {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let sources = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")].map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(name) }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        for await name in stream { return name }
        return "cancellation"
    }
}
