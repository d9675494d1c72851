internal import NIOCore

/// Moves bytes between a plain TCP channel and the mailbox of the thread that uses it; lives on the channel's loop.
final class MailboxChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let mailbox: StreamMailbox
    private var context: ChannelHandlerContext?
    private var outputClosing = false
    private var outputClosed = false
    private var inputEnded = false
    private var readPending = false
    private var abandoned = false

    /// Reading stops while this much waits for the thread.
    private static let inboxByteCountMax = 256 << 10
    private static let turnByteCount = 256 << 10

    init(mailbox: StreamMailbox) {
        self.mailbox = mailbox
    }

    /// Lets the mailbox wake this handler; called before any other thread knows the mailbox.
    func connectWake(_ eventLoop: any EventLoop) {
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        mailbox.wake = { eventLoop.execute { handler.value.attend() } }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        readIfWanted()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        mailbox.deliver(buffer.withUnsafeReadableBytes { Array($0) })
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        readPending = false
        readIfWanted()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            inputEnded = true
            mailbox.deliverEnd()
            closeIfDone()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeOutput()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        mailbox.deliverEnd()
        mailbox.fail(.network("the connection is closed"), voidsInput: false)
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        mailbox.fail(.network(String(describing: error)), voidsInput: false)
        context.close(promise: nil)
    }

    private func attend() {
        let requests = mailbox.takeRequests()
        guard let context else { return }
        if requests.resets {
            context.close(promise: nil)
            return
        }
        abandoned = abandoned || requests.abandons
        writeOutput()
        readIfWanted()
        closeIfDone()
    }

    private func writeOutput() {
        guard let context, !outputClosing else { return }
        var wrote = false
        while context.channel.isWritable {
            let output = mailbox.takeOutput(max: Self.turnByteCount)
            if !output.bytes.isEmpty {
                context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: output.bytes)), promise: nil)
                wrote = true
            }
            if output.closes {
                context.flush()
                closeOutput(context)
                return
            }
            if !output.hasMore { break }
        }
        if wrote { context.flush() }
    }

    /// Closes the sending direction once everything written has left.
    ///
    /// The empty write completes after those before it. Closing at once would drop them when the server has closed
    /// its direction first, because NIO then closes the whole channel.
    private func closeOutput(_ context: ChannelHandlerContext) {
        outputClosing = true
        let last = context.eventLoop.makePromise(of: Void.self)
        last.futureResult.assumeIsolated().whenComplete { _ in
            self.outputClosed = true
            self.context?.close(mode: .output, promise: nil)
            self.closeIfDone()
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: last)
    }

    private func readIfWanted() {
        guard let context, !readPending, !inputEnded, mailbox.inboxByteCount < Self.inboxByteCountMax else { return }
        readPending = true
        context.read()
    }

    /// A connection that nobody uses any more, or whose two directions are over, is closed.
    private func closeIfDone() {
        guard let context, outputClosed, inputEnded || abandoned else { return }
        context.close(promise: nil)
    }
}
