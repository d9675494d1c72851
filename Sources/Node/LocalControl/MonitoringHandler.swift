internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOHTTP1

/// Answers the requests of one connection to a ``MonitoringEndpoint``.
final class MonitoringHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let sources: MonitoringEndpoint.Sources
    private var request: HTTPRequestHead?
    private var bodyByteCount = 0

    init(sources: MonitoringEndpoint.Sources) {
        self.sources = sources
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request = head
            bodyByteCount = 0
        case .body(let part):
            bodyByteCount += part.readableBytes
            if bodyByteCount > 64 << 10 { context.close(promise: nil) }
        case .end:
            guard let request else { return }
            self.request = nil
            respond(to: request, context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func respond(to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let (status, text, type) = answer(request)
        let body = ByteBuffer(string: text)
        var headers = HTTPHeaders([
            ("content-type", type), ("content-length", "\(body.readableBytes)"), ("cache-control", "no-store"),
        ])
        if status == .methodNotAllowed { headers.add(name: "allow", value: "GET, HEAD") }
        if !request.isKeepAlive { headers.add(name: "connection", value: "close") }
        let head = HTTPResponseHead(version: request.version, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !request.isKeepAlive {
            let channel = context.channel
            written.whenComplete { _ in channel.close(promise: nil) }
        }
    }

    private func answer(_ request: HTTPRequestHead) -> (HTTPResponseStatus, String, String) {
        let plain = "text/plain; charset=utf-8"
        guard request.method == .GET || request.method == .HEAD else {
            return (.methodNotAllowed, "only GET and HEAD\n", plain)
        }
        func state(_ problem: String?) -> (HTTPResponseStatus, String, String) {
            problem.map { (.serviceUnavailable, $0 + "\n", plain) } ?? (.ok, "ok\n", plain)
        }
        switch request.uri.prefix(while: { $0 != "?" }) {
        case "/metrics": return (.ok, sources.metrics(), "text/plain; version=0.0.4; charset=utf-8")
        case "/healthz": return state(sources.illness())
        case "/readyz": return state(sources.obstacle())
        default: return (.notFound, "known are /metrics, /healthz and /readyz\n", plain)
        }
    }
}

/// How many connections there are.
final class ConnectionCount: Sendable {
    private let countMax: Int
    private let count = NIOLockedValueBox(0)

    init(_ countMax: Int) {
        self.countMax = countMax
    }

    /// Takes a place, if there is one.
    func enter() -> Bool {
        count.withLockedValue { count in
            guard count < countMax else { return false }
            count += 1
            return true
        }
    }

    /// Gives a place back.
    func leave() {
        count.withLockedValue { $0 -= 1 }
    }
}
