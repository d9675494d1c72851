package import PeerProtocols

/// One stream to a peer, for a session that computes on a thread of its own.
///
/// Calls block the calling thread, never an event loop; do not call them on the cooperative pool. One thread may read
/// while another writes. A stream that is released without being closed is closed for writing, and what still arrives
/// is dropped.
///
/// Writing is held back by the peer: at most about a megabyte waits here, the rest of the flow control is the
/// multiplexer's window, which follows the link's speed.
package final class PeerStream: Sendable {
    /// The connection that carries the stream.
    package let connection: PeerConnection
    /// The protocol that both sides agreed on.
    package let protocolName: ProtocolName
    private let mailbox: StreamMailbox

    init(connection: PeerConnection, protocolName: ProtocolName, mailbox: StreamMailbox) {
        self.connection = connection
        self.protocolName = protocolName
        self.mailbox = mailbox
    }

    deinit {
        mailbox.abandon()
    }

    /// Who is at the other end, proven by the connection's handshake.
    package var remotePeer: PeerID { connection.remotePeer }

    /// The link's round trip: the least of the last measurements; nil before the first.
    package var roundTrip: Duration? { connection.roundTrip }

    /// The bytes that ``read(max:)`` gave so far.
    package var bytesRead: Int { mailbox.bytesRead }

    /// The bytes that ``write(_:)`` took so far.
    package var bytesWritten: Int { mailbox.bytesWritten }

    /// How long calls may take; a change holds for calls that are waiting, too.
    package var timeLimits: StreamTimeLimits {
        get { mailbox.timeLimits }
        set { mailbox.timeLimits = newValue }
    }

    /// Sends bytes, in order; waits while earlier ones have not left.
    ///
    /// - Throws: ``StreamError``; after `.timedOut` nothing of `bytes` was taken.
    package func write(_ bytes: [UInt8]) throws(StreamError) {
        try mailbox.write(bytes)
    }

    /// Between 1 and `max` bytes as they arrive; none at the end of what the peer sends.
    ///
    /// - Throws: ``StreamError``.
    package func read(max: Int) throws(StreamError) -> [UInt8] {
        try mailbox.read(max: max)
    }

    /// Says that nothing more will be written; reading goes on.
    package func closeWrite() {
        mailbox.closeWrite()
    }

    /// Nobody uses the stream any more: what was written still goes out, what arrives is dropped.
    func finish() {
        mailbox.abandon()
    }

    /// Ends both directions at once and tells the peer; waiting calls fail.
    package func reset() {
        mailbox.reset()
    }
}
