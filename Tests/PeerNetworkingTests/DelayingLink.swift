import NIOCore
import NIOPosix

/// A TCP proxy on the loopback interface that delivers everything later, as a long link does.
struct DelayingLink {
    private let server: any Channel

    /// The port to dial instead of the target's.
    var port: UInt16 { UInt16(server.localAddress?.port ?? 0) }

    /// A link to a port of this machine with this delay in each direction.
    init(to target: UInt16, delay: TimeAmount) async throws {
        server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { near in
                ClientBootstrap(group: near.eventLoop)
                    .channelOption(.autoRead, value: false)
                    .connect(host: "127.0.0.1", port: Int(target))
                    .flatMapThrowing { far in
                        try near.pipeline.syncOperations.addHandler(Forwarder(to: far, delay: delay))
                        try far.pipeline.syncOperations.addHandler(Forwarder(to: near, delay: delay))
                        try far.syncOptions?.setOption(.autoRead, value: true)
                        try near.syncOptions?.setOption(.autoRead, value: true)
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// Takes no more connections.
    func close() async throws {
        try await server.close()
    }

    private final class Forwarder: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let destination: any Channel
        private let delay: TimeAmount

        init(to destination: any Channel, delay: TimeAmount) {
            self.destination = destination
            self.delay = delay
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            let destination = destination
            context.eventLoop.scheduleTask(in: delay) { destination.writeAndFlush(buffer, promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            let destination = destination
            context.eventLoop.scheduleTask(in: delay) { destination.close(promise: nil) }
        }
    }
}
