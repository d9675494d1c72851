/// Limits and times of one connection to a peer.
package struct PeerConnectionConfiguration: Sendable {
    /// From the first byte to the multiplexer; a peer that is slower is cut off.
    package var handshakeTimeout: Duration = .seconds(10)
    /// For the protocol of a stream to be agreed.
    package var streamNegotiationTimeout: Duration = .seconds(10)
    /// A connection without streams is closed after this time; nil keeps it.
    package var idleTimeout: Duration? = .seconds(300)
    /// Between two measurements of the round trip, which also show that the peer is there.
    package var pingInterval: Duration = .seconds(15)
    /// For a ping to come back; a peer that is silent longer is gone.
    package var pingTimeout: Duration = .seconds(45)
    /// Streams that a peer may open in one burst.
    package var inboundStreamBurstMax = 256
    /// Streams that a peer may open a second in the long run; more are reset.
    package var inboundStreamsPerSecondMax = 64
    /// Limits of the multiplexer.
    package var yamux = YamuxConfiguration()

    /// The limits of a node.
    package init() {}
}

/// Why a connection ended.
package enum PeerConnectionError: Error, Equatable, Sendable {
    /// The two sides share no security or multiplexing protocol, or the peer broke the negotiation.
    case negotiation(MultistreamError)
    /// The secure channel failed.
    case security(NoiseError)
    /// The peer broke the multiplexing protocol.
    case multiplexing(YamuxError)
    /// The peer did not finish the handshake in time.
    case handshakeTimedOut
    /// The peer stopped answering.
    case pingTimedOut
    /// Nobody used the connection.
    case idle
    /// The peer closed the connection, with its reason if it gave one.
    case closedByPeer(YamuxGoAwayReason?)
    /// This side closed the connection.
    case closedLocally
    /// The network failed; the operating system's words.
    case network(String)
}

/// Why a stream did not open.
package enum StreamOpeningError: Error, Equatable, Sendable {
    /// The peer speaks none of the proposed protocols.
    case protocolNotSupported
    /// The peer broke the negotiation.
    case malformedNegotiation(MultistreamError)
    /// The peer reset the stream, for example because too many are open.
    case resetByPeer
    /// The peer did not answer in time.
    case timedOut
    /// Too many streams are open, or the peer takes no more.
    case refused(YamuxError)
    /// The connection ended first.
    case connectionClosed(PeerConnectionError)
}
