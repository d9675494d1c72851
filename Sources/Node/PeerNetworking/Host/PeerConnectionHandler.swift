internal import NIOCore
internal import PeerProtocols

/// Drives one ``PeerConnectionMachine`` with a NIO channel, a clock and the mailboxes of the streams' threads.
///
/// Lives on its channel's event loop. It reads all the time, because flow control bounds what can arrive, and takes
/// output of the machine only while the channel is writable.
final class PeerConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the handler needs from its host.
    struct Hooks: Sendable {
        /// The protocols that streams of the peer may have now.
        let protocols: @Sendable () -> Set<ProtocolName>
        /// The connection can be used; false if the host does not want it.
        let established: @Sendable (PeerConnection) -> Bool
        /// The peer opened a stream for a registered protocol; false if there is no room for another session.
        let accepted: @Sendable (PeerStream) -> Bool
        /// What identify says to the peer at this address.
        let identify: @Sendable (Multiaddr?) -> [UInt8]
        /// The connection is gone, or never came about.
        let closed: @Sendable (PeerConnection?) -> Void
    }

    private struct Stream {
        let mailbox: StreamMailbox
        var echo: PingEcho?
        var isQueued = false
    }

    private var machine: PeerConnectionMachine
    private let hooks: Hooks
    private let configuration: PeerHostConfiguration
    private var context: ChannelHandlerContext?
    private var connection: PeerConnection?
    private var establishedPromise: EventLoopPromise<PeerConnection>?
    private var streams: [YamuxStreamID: Stream] = [:]
    private var opening: [YamuxStreamID: EventLoopPromise<PeerStream>] = [:]
    private var writable: CircularBuffer<YamuxStreamID> = []
    private var timer: Scheduled<Void>?
    private var timerDeadline: MonotonicInstant?
    private var closeError: PeerConnectionError?
    private var isReleased = false
    private var isClosingChannel = false

    /// The most that one stream sends before the next one has its turn.
    private static let turnByteCount = 4 * YamuxConfiguration.dataFrameByteCountMax

    /// How long a peer may take to receive the last bytes of a connection and close its side.
    private static let closingTimeout = TimeAmount.seconds(2)

    init(
        machine: PeerConnectionMachine,
        hooks: Hooks,
        configuration: PeerHostConfiguration,
        established: EventLoopPromise<PeerConnection>?
    ) {
        self.machine = machine
        self.hooks = hooks
        self.configuration = configuration
        establishedPromise = established
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        machine.inputClosed()
        settle()
        release()
    }

    func channelActive(context: ChannelHandlerContext) {
        begin()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        let now = MonotonicInstant.now()
        machine.supportedProtocols = hooks.protocols()
        connection?.count(received: buffer.readableBytes)
        buffer.withUnsafeReadableBytes { machine.receive($0, now: now) }
        handleEvents()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        settle()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        settle()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        machine.inputClosed()
        settle()
        release()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        machine.inputClosed(networkError: String(describing: error))
        settle()
        context.close(promise: nil)
    }

    // MARK: Requests of the host and of streams

    func openStream(_ protocols: [ProtocolName], promise: EventLoopPromise<PeerStream>) {
        do throws(StreamOpeningError) {
            if let closeError { throw .connectionClosed(closeError) }
            let id = try machine.openStream(protocols, now: .now())
            opening[id] = promise
        } catch {
            promise.fail(error)
        }
        settle()
    }

    func shutDown(gracefully: Bool) {
        machine.shutDown(gracefully: gracefully)
        settle()
    }

    private func begin() {
        machine.start(now: .now())
        settle()
    }

    private func attend(to id: YamuxStreamID) {
        guard let stream = streams[id] else { return }
        let requests = stream.mailbox.takeRequests()
        if requests.consumedByteCount > 0 { machine.consume(requests.consumedByteCount, on: id, now: .now()) }
        if requests.resets {
            machine.reset(id, now: .now())
            streams[id] = nil
        } else {
            if requests.abandons { resetAfterLinger(id) }
            queue(id)
        }
        settle()
    }

    private func resetAfterLinger(_ id: YamuxStreamID) {
        guard let context else { return }
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.lingerTimeout)) {
            guard self.streams[id] != nil else { return }
            self.machine.reset(id, now: .now())
            self.streams[id] = nil
            self.settle()
        }
    }

    // MARK: Machine to streams

    /// Brings everything to rest: events handled, output written as far as the channel takes it, the timer set.
    private func settle() {
        handleEvents()
        writeOutput()
        handleEvents()
        setTimer()
        if closeError != nil { finish() }
    }

    private func handleEvents() {
        while let event = machine.nextEvent() {
            switch event {
            case .established(let peer): established(peer)
            case .streamAccepted(let id, let name): accepted(id, name)
            case .streamOpened(let id, let name):
                guard let promise = opening.removeValue(forKey: id) else { continue }
                guard let stream = makeStream(id, name) else { continue }
                promise.succeed(stream)
            case .streamFailed(let id, let error): opening.removeValue(forKey: id)?.fail(error)
            case .data(let id, let bytes): received(bytes, on: id)
            case .windowGrew(let id): queue(id)
            case .receiveClosed(let id):
                streams[id]?.mailbox.deliverEnd()
                if streams[id]?.echo != nil { streams[id]?.mailbox.closeWrite() }
                queue(id)
            case .reset(let id):
                streams.removeValue(forKey: id)?.mailbox.fail(.resetByPeer, voidsInput: true)
            case .roundTrip: connection?.measure(roundTripNanoseconds: machine.roundTripNanoseconds)
            case .closed(let error): closeError = error
            }
        }
    }

    private func established(_ peer: PeerID) {
        guard let context else { return }
        let connection = PeerConnection(
            remotePeer: peer,
            remoteAddress: context.remoteAddress.flatMap(Multiaddr.init),
            role: machine.role,
            eventLoop: context.eventLoop,
            handler: self
        )
        self.connection = connection
        guard hooks.established(connection) else { return machine.shutDown(gracefully: false) }
        establishedPromise?.succeed(connection)
        establishedPromise = nil
    }

    private func accepted(_ id: YamuxStreamID, _ name: ProtocolName) {
        switch name {
        case .identify:
            guard let mailbox = makeMailbox(id) else { return }
            streams[id] = Stream(mailbox: mailbox)
            _ = mailbox.offer(hooks.identify(context?.remoteAddress.flatMap(Multiaddr.init)))
            mailbox.abandon()
        case .ping:
            guard let mailbox = makeMailbox(id) else { return }
            streams[id] = Stream(mailbox: mailbox, echo: PingEcho())
        default:
            guard let stream = makeStream(id, name) else { return }
            if !hooks.accepted(stream) { stream.reset() }
        }
    }

    private func received(_ bytes: [UInt8], on id: YamuxStreamID) {
        guard let stream = streams[id] else { return }
        guard var echo = stream.echo else { return stream.mailbox.deliver(bytes) }
        machine.consume(bytes.count, on: id, now: .now())
        let reply = echo.receive(bytes)
        streams[id]?.echo = echo
        guard reply.isEmpty || stream.mailbox.offer(reply) else {
            // More pings than the peer takes answers: it is flooding.
            machine.reset(id, now: .now())
            streams[id] = nil
            return
        }
    }

    private func makeStream(_ id: YamuxStreamID, _ name: ProtocolName) -> PeerStream? {
        guard let connection, let mailbox = makeMailbox(id) else { return nil }
        streams[id] = Stream(mailbox: mailbox)
        return PeerStream(connection: connection, protocolName: name, mailbox: mailbox)
    }

    private func makeMailbox(_ id: YamuxStreamID) -> StreamMailbox? {
        guard let context else { return nil }
        let mailbox = StreamMailbox(
            outboxByteCountMax: configuration.outboxByteCountMax,
            consumedReportByteCount: 32 << 10
        )
        let eventLoop = context.eventLoop
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        mailbox.wake = { eventLoop.execute { handler.value.attend(to: id) } }
        return mailbox
    }

    // MARK: Streams to the channel

    private func queue(_ id: YamuxStreamID) {
        guard streams[id]?.isQueued == false else { return }
        streams[id]?.isQueued = true
        writable.append(id)
    }

    private func writeOutput() {
        guard let context else { return }
        var wrote = flushMachine(context)
        while context.channel.isWritable, let id = writable.popFirst() {
            sendTurn(id)
            wrote = flushMachine(context) || wrote
        }
        if wrote { context.flush() }
    }

    private func sendTurn(_ id: YamuxStreamID) {
        streams[id]?.isQueued = false
        guard let stream = streams[id] else { return }
        let output = stream.mailbox.takeOutput(max: min(machine.sendWindow(of: id), Self.turnByteCount))
        machine.send(output.bytes[...], on: id)
        if output.hasMore {
            // Without a window the stream waits for the event that grows it.
            if machine.sendWindow(of: id) > 0 { queue(id) }
        } else if output.closes {
            machine.closeWrite(id, now: .now())
        }
        if !machine.isOpen(id) { streams[id] = nil }
    }

    private func flushMachine(_ context: ChannelHandlerContext) -> Bool {
        guard context.channel.isWritable || closeError != nil else { return false }
        let output = machine.takeOutput()
        guard !output.isEmpty else { return false }
        connection?.count(sent: output.count)
        context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: output)), promise: nil)
        return true
    }

    // MARK: Time and the end

    private func setTimer() {
        guard let deadline = machine.nextDeadline, let context else {
            timer?.cancel()
            timer = nil
            return
        }
        // An earlier timer is left to run: it finds nothing to do and sets itself again.
        if timer != nil, let timerDeadline, timerDeadline <= deadline { return }
        timer?.cancel()
        timerDeadline = deadline
        let at = NIODeadline.uptimeNanoseconds(min(deadline.nanoseconds, UInt64(Int64.max)))
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: at) {
            self.timer = nil
            self.machine.advance(to: .now())
            self.settle()
        }
    }

    private func finish() {
        guard let closeError else { return }
        timer?.cancel()
        timer = nil
        for stream in streams.values {
            stream.mailbox.fail(.connectionClosed(closeError), voidsInput: false)
        }
        streams = [:]
        for promise in opening.values { promise.fail(StreamOpeningError.connectionClosed(closeError)) }
        opening = [:]
        establishedPromise?.fail(PeerHostError.connectionFailed(closeError))
        establishedPromise = nil
        closeChannel(closeError)
    }

    /// The channel is gone, and with it what the connection counted for.
    private func release() {
        guard !isReleased, let closeError else { return }
        isReleased = true
        hooks.closed(connection)
        connection?.closePromise.succeed(closeError)
        connection = nil
    }

    /// Closes the channel; a peer that is still there gets what was written before.
    private func closeChannel(_ error: PeerConnectionError) {
        guard let context, !isClosingChannel else { return }
        isClosingChannel = true
        switch error {
        case .idle, .closedLocally: break
        default: return context.close(promise: nil)
        }
        // Only the sending direction, which waits for pending writes; the peer then closes the other one.
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.closingTimeout) {
            self.context?.close(promise: nil)
        }
    }
}
