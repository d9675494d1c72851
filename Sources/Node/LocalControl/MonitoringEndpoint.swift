internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// An HTTP server for monitoring on this machine: `/metrics`, `/healthz` and `/readyz`.
///
/// It serves GET and HEAD, at a loopback address only, and says nothing secret. A connection may be idle for 30 s.
package final class MonitoringEndpoint: Sendable {
    /// What the paths answer; called on an event loop, so it must be quick.
    package struct Sources: Sendable {
        /// The metrics in Prometheus' text format.
        package var metrics: @Sendable () -> String
        /// Nothing if the process can do its work, or why not.
        package var illness: @Sendable () -> String?
        /// Nothing if the node can serve clients now, or what it waits for.
        package var obstacle: @Sendable () -> String?

        /// These sources.
        package init(
            metrics: @escaping @Sendable () -> String,
            illness: @escaping @Sendable () -> String?,
            obstacle: @escaping @Sendable () -> String?
        ) {
            self.metrics = metrics
            self.illness = illness
            self.obstacle = obstacle
        }
    }

    /// The most connections at a time.
    package static let connectionCountMax = 32

    private let channel: any Channel

    /// The port that it listens at.
    package var port: Int { channel.localAddress?.port ?? 0 }

    /// Listens at an IP address of this machine's loopback; port 0 takes a free one.
    ///
    /// - Throws: ``MonitoringError``.
    package init(host: String, port: Int, sources: Sources) async throws(MonitoringError) {
        guard let address = try? SocketAddress(ipAddress: host, port: port), address.isLoopback else {
            throw .notLoopback(host)
        }
        let count = ConnectionCount(Self.connectionCountMax)
        do {
            channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.backlog, value: 32)
                .childChannelInitializer { channel in
                    guard count.enter() else { return channel.close() }
                    channel.closeFuture.whenComplete { _ in count.leave() }
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            IdleStateHandler(allTimeout: .seconds(30))
                        )
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                        try channel.pipeline.syncOperations.addHandler(MonitoringHandler(sources: sources))
                    }
                }
                .bind(to: address).get()
        } catch {
            throw .listenFailed("\(host):\(port)", "\(error)")
        }
    }

    /// Stops listening.
    package func stop() async {
        try? await channel.close()
    }
}

/// Why there is no monitoring endpoint; the operator's to change.
package enum MonitoringError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address can be reached from other machines, or is none.
    case notLoopback(String)
    /// The operating system refused.
    case listenFailed(String, String)

    package var description: String {
        switch self {
        case .notLoopback(let host):
            "\(host) is no loopback address: metrics are for this machine; put a proxy before them to show them elsewhere"
        case .listenFailed(let address, let why): "cannot serve metrics at \(address): \(why)"
        }
    }
}

extension SocketAddress {
    fileprivate var isLoopback: Bool {
        switch self {
        case .v4(let address): UInt32(bigEndian: address.address.sin_addr.s_addr) >> 24 == 127
        case .v6: ipAddress == "::1"
        case .unixDomainSocket: false
        }
    }
}
