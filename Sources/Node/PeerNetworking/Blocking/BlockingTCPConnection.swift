internal import NIOCore
internal import NIOPosix
internal import PeerProtocols

/// A plain TCP connection to a server, for a session that computes on a thread of its own.
///
/// Calls block the calling thread, never an event loop; do not call them on the cooperative pool. One thread may read
/// while another writes. A connection that is released is closed.
package final class BlockingTCPConnection: Sendable {
    /// The numeric address and port of the server.
    package let remoteAddress: String
    private let mailbox: StreamMailbox

    /// Connects to a server by name or address.
    ///
    /// The name is resolved on another thread; its addresses are tried as RFC 8305 says.
    ///
    /// - Throws: ``PeerHostError``: `.network` or `.connectTimedOut`.
    @available(*, noasync)
    package static func connect(
        host: String,
        port: UInt16,
        timeout: Duration = .seconds(10)
    ) throws -> BlockingTCPConnection {
        let target: TCPEndpoint.Host
        if let ip4 = IPv4Address(host) {
            target = .ip4(ip4)
        } else if let ip6 = IPv6Address(host) {
            target = .ip6(ip6)
        } else if let name = DomainName(host) {
            target = .name(name, .any)
        } else {
            throw PeerHostError.network("\(host) is not a host name")
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let mailbox = StreamMailbox(outboxByteCountMax: 1 << 20, consumedReportByteCount: 32 << 10)
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = MailboxChannelHandler(mailbox: mailbox)
                    handler.connectWake(channel.eventLoop)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            let channel = try TCPEndpoint(host: target, port: port).connect(bootstrap, on: loop).wait()
            let remote = channel.remoteAddress
            return BlockingTCPConnection(
                remoteAddress: "\(remote?.ipAddress ?? host):\(remote?.port ?? Int(port))",
                mailbox: mailbox
            )
        } catch {
            throw PeerHostError(connecting: error)
        }
    }

    private init(remoteAddress: String, mailbox: StreamMailbox) {
        self.remoteAddress = remoteAddress
        self.mailbox = mailbox
    }

    deinit {
        mailbox.abandon()
    }

    /// The bytes that ``read(max:)`` gave so far.
    package var bytesRead: Int { mailbox.bytesRead }

    /// The bytes that ``write(_:)`` took so far.
    package var bytesWritten: Int { mailbox.bytesWritten }

    /// How long calls may take; a change holds for calls that are waiting, too.
    package var timeLimits: StreamTimeLimits {
        get { mailbox.timeLimits }
        set { mailbox.timeLimits = newValue }
    }

    /// Sends bytes, in order; waits while about a megabyte has not left.
    ///
    /// - Throws: ``StreamError``.
    package func write(_ bytes: [UInt8]) throws(StreamError) {
        try mailbox.write(bytes)
    }

    /// Between 1 and `max` bytes as they arrive; none at the end of what the server sends.
    ///
    /// - Throws: ``StreamError``.
    package func read(max: Int) throws(StreamError) -> [UInt8] {
        try mailbox.read(max: max)
    }

    /// Says that nothing more will be written, after what was written; reading goes on.
    package func closeWrite() {
        mailbox.closeWrite()
    }

    /// Closes both directions at once; waiting calls fail.
    package func close() {
        mailbox.reset()
    }
}
