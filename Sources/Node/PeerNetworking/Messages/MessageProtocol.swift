package import PeerProtocols

/// A protocol whose streams carry messages, each behind its length as an unsigned varint, and what its streams may take.
package struct MessageProtocol: Sendable {
    /// The name that peers agree on.
    package let name: ProtocolName
    /// The longest message in both directions, without its length.
    ///
    /// A longer one is refused by its length, before it is buffered.
    package var frameByteCountMax: Int
    /// Bytes that may wait to be sent on one stream; one more message is taken whole.
    package var outboxByteCountMax: Int
    /// Streams that a connection's peer may have open; a further one is reset.
    package var inboundStreamCountMax = 2
    /// From the first byte of a message to its last; a peer that is slower is cut off.
    package var frameTimeout: Duration = .seconds(30)
    /// For what waits to be sent to leave; a peer that does not read is cut off.
    package var writeTimeout: Duration = .seconds(30)
    /// A stream of the peer without messages in either direction ends after this time; nil keeps it.
    package var idleTimeout: Duration?
    /// Bytes of messages that wait to be handled before the stream is read no further.
    package var inboxByteCountMax = 64 << 10
    /// What the window of a stream may grow to, however fast the link.
    package var windowByteCountMax = 1 << 20

    /// A protocol with messages of at most `frameByteCountMax` bytes.
    package init(_ name: ProtocolName, frameByteCountMax: Int) {
        self.name = name
        self.frameByteCountMax = frameByteCountMax
        outboxByteCountMax = max(256 << 10, frameByteCountMax)
    }
}
