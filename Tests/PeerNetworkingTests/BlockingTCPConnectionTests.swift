import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import PeerNetworking
import Testing

@Suite(.timeLimit(.minutes(1)), .serialized)
struct BlockingTCPConnectionTests {
    /// What a test server does with what it reads.
    enum Behaviour: Sendable {
        case echo
        case silent
        case closes
        /// Sends as fast as the client takes it, and counts.
        case pours(NIOLockedValueBox<Int>)
    }

    private final class ServerHandler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let behaviour: Behaviour

        init(_ behaviour: Behaviour) { self.behaviour = behaviour }

        func channelActive(context: ChannelHandlerContext) {
            if case .closes = behaviour { context.close(promise: nil) }
            pour(context)
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) { pour(context) }

        private func pour(_ context: ChannelHandlerContext) {
            guard case .pours(let count) = behaviour else { return }
            let block = ByteBuffer(repeating: 1, count: 1 << 16)
            while context.channel.isWritable {
                count.withLockedValue { $0 += block.readableBytes }
                context.writeAndFlush(wrapOutboundOut(block), promise: nil)
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if case .echo = behaviour { context.writeAndFlush(data, promise: nil) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case ChannelEvent.inputClosed? = event as? ChannelEvent else { return }
            // After what is still to be echoed.
            let channel = context.channel
            channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(mode: .output, promise: nil) }
        }
    }

    private func withServer(
        _ behaviour: Behaviour,
        _ body: @escaping @Sendable (BlockingTCPConnection) throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: { if case .silent = behaviour { false } else { true } }())
            .childChannelInitializer { $0.pipeline.addHandler(ServerHandler(behaviour)) }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = UInt16(try #require(server.localAddress?.port))
        try await HostPair.onThread {
            let connection = try BlockingTCPConnection.connect(host: "localhost", port: port, timeout: .seconds(5))
            connection.timeLimits = StreamTimeLimits(read: .seconds(10), write: .seconds(10))
            try body(connection)
        }
        try await server.close()
    }

    @Test func everythingComesBackAndTheEndIsSeen() async throws {
        try await withServer(.echo) { connection in
            let sent = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 3) }
            Thread.detachNewThread {
                for start in stride(from: 0, to: sent.count, by: 30_000) {
                    try? connection.write(Array(sent[start..<min(start + 30_000, sent.count)]))
                }
                connection.closeWrite()
            }
            var received: [UInt8] = []
            while true {
                let bytes = try connection.read(max: 1 << 20)
                if bytes.isEmpty { break }
                received += bytes
            }
            let isUnchanged = received == sent
            #expect(isUnchanged)
            #expect(connection.bytesWritten == sent.count)
            #expect(connection.bytesRead == sent.count)
        }
    }

    /// An endless sender must not fill the memory of a reader that is slow.
    @Test func aServerThatPoursIsHeldBack() async throws {
        let poured = NIOLockedValueBox(0)
        try await withServer(.pours(poured)) { connection in
            Thread.sleep(forTimeInterval: 0.5)
            let held = poured.withLockedValue { $0 }
            #expect(held < 16 << 20, "the sockets' buffers and a quarter of a megabyte, not \(held) bytes")
            var read = 0
            while read < 40 << 20 { read += try connection.read(max: 1 << 20).count }
            #expect(poured.withLockedValue { $0 } >= read, "reading lets it go on")
        }
    }

    @Test func silenceEndsAtTheTimeLimit() async throws {
        try await withServer(.silent) { connection in
            connection.timeLimits = StreamTimeLimits(read: .milliseconds(100), write: .milliseconds(200))
            #expect(throws: StreamError.timedOut) { try connection.read(max: 1) }
            #expect(throws: StreamError.timedOut) {
                for _ in 0..<10_000 { try connection.write([UInt8](repeating: 1, count: 1 << 16)) }
            }
            connection.close()
            #expect(throws: StreamError.closedLocally) { try connection.read(max: 1) }
            #expect(throws: StreamError.closedLocally) { try connection.write([1]) }
        }
    }

    @Test func aServerThatClosesIsSeen() async throws {
        try await withServer(.closes) { connection throws in
            #expect(try connection.read(max: 1) == [])
            #expect(throws: StreamError.self) {
                for _ in 0..<100 {
                    try connection.write([1])
                    Thread.sleep(forTimeInterval: 0.01)
                }
            }
        }
    }

    @Test(arguments: ["127.0.0.1", "no-such-host.invalid", "not a host", "", "::1"])
    func nobodyThere(host: String) async throws {
        do {
            _ = try await HostPair.onThread {
                try BlockingTCPConnection.connect(host: host, port: 1, timeout: .seconds(3))
            }
            Issue.record("somebody answers at \(host)")
        } catch let error as PeerHostError {
            // A resolver may let one wait.
            switch error {
            case .network, .connectTimedOut: break
            default: throw error
            }
        }
    }
}
