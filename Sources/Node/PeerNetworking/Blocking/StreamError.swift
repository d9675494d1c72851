package import PeerProtocols

/// Why reading or writing a stream failed.
package enum StreamError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nothing moved within the time limit.
    case timedOut
    /// The other side reset the stream.
    case resetByPeer
    /// This side closed or reset the stream before.
    case closedLocally
    /// The peer connection ended.
    case connectionClosed(PeerConnectionError)
    /// A plain TCP connection failed; the operating system's words.
    case network(String)

    /// A sentence for the user.
    package var description: String {
        switch self {
        case .timedOut: "the other side did not answer in time"
        case .resetByPeer: "the other side reset the stream"
        case .closedLocally: "the stream was closed on this side"
        case .connectionClosed(let error): "the connection to the peer ended: \(error)"
        case .network(let reason): "the network connection failed: \(reason)"
        }
    }
}

/// How long a blocking call on a stream may take; nil sets no limit.
package struct StreamTimeLimits: Sendable {
    /// The longest a read waits for the first byte.
    package var read: Duration?
    /// The longest a write waits for room.
    package var write: Duration?
    /// When every call fails, whatever it waits for.
    package var deadline: MonotonicInstant?

    /// Limits of these values.
    package init(read: Duration? = nil, write: Duration? = nil, deadline: MonotonicInstant? = nil) {
        self.read = read
        self.write = write
        self.deadline = deadline
    }

    /// The same limits with a deadline `duration` from now.
    package func endingAfter(_ duration: Duration) -> StreamTimeLimits {
        StreamTimeLimits(read: read, write: write, deadline: .after(duration))
    }
}
