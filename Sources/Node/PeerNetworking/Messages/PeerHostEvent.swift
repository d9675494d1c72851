package import PeerProtocols

/// What happens to a host's connections and message streams; those of one connection come in order.
package enum PeerHostEvent: Sendable {
    /// A connection can be used; the peer has proven who it is.
    case connected(PeerConnection)
    /// The peer said which protocols it speaks and where it listens, or did not do so properly.
    case identified(PeerConnection, Result<IdentifyMessage, IdentifyFailure>)
    /// The peer said that something changed; what its message leaves out did not (libp2p specs, "identify/push").
    case identifiedAgain(PeerConnection, IdentifyMessage)
    /// A stream is open: one of the peer's, or the one that was asked for with this tag.
    case streamOpened(MessageStream, tag: UInt64?)
    /// A stream that was asked for with this tag did not come about.
    case streamFailed(PeerConnection, tag: UInt64, StreamOpeningError)
    /// A message arrived.
    case frame(MessageStream, [UInt8])
    /// The peer sends no more on a stream; messages to it still go out.
    case streamEnded(MessageStream)
    /// There is room again on a stream that took no more messages.
    case writable(MessageStream)
    /// A stream is over, not by this side's wish.
    case streamClosed(MessageStream, MessageStreamEnd)
    /// A connection is over; its streams were closed before.
    case disconnected(PeerConnection, PeerConnectionError)

    /// What an event counts for beside its bytes.
    private static let overhead = 256

    /// What the event counts for while it waits.
    var cost: Int {
        guard case .frame(_, let message) = self else { return Self.overhead }
        return Self.overhead + message.count
    }
}

/// Why a stream of messages is over.
package enum MessageStreamEnd: Hashable, Sendable {
    /// The peer reset it.
    case resetByPeer
    /// What the peer sent are no messages of the protocol, or too long ones.
    case malformed(MessageFrameError)
    /// The peer ended the stream in the middle of a message.
    case truncated
    /// The peer took too long for one message.
    case frameTimedOut
    /// The peer did not read what was sent to it.
    case writeTimedOut
    /// Nobody used the stream.
    case idle
    /// Nobody's fault: unfinished messages of all peers take too much memory.
    case noRoom
    /// The connection ended.
    case connectionClosed

    /// Whether only a peer that breaks the protocol, or wants to cost something, brings this about.
    package var isMisbehaviour: Bool {
        switch self {
        case .malformed, .truncated, .frameTimedOut: true
        case .resetByPeer, .writeTimedOut, .idle, .noRoom, .connectionClosed: false
        }
    }
}

/// Why a peer is not known by what it says of itself.
package enum IdentifyFailure: Error, Hashable, Sendable {
    /// It does not speak identify, or the stream broke.
    case notAvailable
    /// It was too slow.
    case timedOut
    /// It sent something else.
    case malformed
    /// It named another key than the connection's.
    case wrongKey
}
