internal import PeerProtocols

/// What carries the bytes of one stream between a connection's event loop and whoever uses the stream.
///
/// All calls come from the loop, and none waits.
protocol StreamEndpoint: AnyObject, Sendable {
    /// What the window of the stream may grow to.
    var windowByteCountMax: Int { get }
    /// Whether the connection need not wait for this stream's user when it is shut down.
    var isDrained: Bool { get }
    /// When ``expire(now:)`` is to be called, if nothing happens before.
    var deadline: MonotonicInstant? { get }

    /// Gives the user bytes of the peer; true if there are requests to attend to at once.
    func deliver(_ bytes: [UInt8], now: MonotonicInstant) -> Bool
    /// The peer sends no more; true as above.
    func deliverEnd(now: MonotonicInstant) -> Bool
    /// The stream is over; bytes that arrived before stay readable unless they are void.
    func fail(_ error: StreamError, voidsInput: Bool)
    /// What the user asked for since the last call.
    func takeRequests(now: MonotonicInstant) -> StreamRequests
    /// Up to `max` bytes to send.
    func takeOutput(max: Int, now: MonotonicInstant) -> StreamOutput
    /// Time has passed; true if there are requests to attend to.
    func expire(now: MonotonicInstant) -> Bool
    /// The connection ends once everybody is done: nothing new begins.
    func drain()
}

/// What the user of a stream asks of its connection.
struct StreamRequests {
    /// Bytes that need not be accounted for any more.
    var consumedByteCount = 0
    /// Both directions are to end at once.
    var resets = false
    /// Nobody uses the stream any more: what was written still goes out.
    var abandons = false
}

/// What a stream has to send.
struct StreamOutput {
    /// The bytes.
    var bytes: [UInt8]
    /// Whether more wait.
    var hasMore: Bool
    /// Whether nothing follows, ever.
    var closes: Bool
}
