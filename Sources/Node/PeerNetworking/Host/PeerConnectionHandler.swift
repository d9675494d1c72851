internal import NIOCore
internal import PeerProtocols

/// Drives one ``PeerConnectionMachine`` with a NIO channel, a clock and the endpoints of its streams.
///
/// Lives on its channel's event loop. It reads all the time, because flow control bounds what can arrive, and takes
/// output of the machine only while the channel is writable.
final class PeerConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the handler needs from its host.
    struct Hooks: Sendable {
        /// What the connection is called within the host.
        let connectionID: PeerConnectionID
        /// The protocols that streams of the peer may have now.
        let protocols: @Sendable () -> Set<ProtocolName>
        /// The protocol of messages with this name, if there is one.
        let messageProtocol: @Sendable (ProtocolName) -> MessageProtocol?
        /// Where events go, if anybody handles them.
        let events: PeerEventQueue?
        /// The connection can be used; false if the host does not want it.
        let established: @Sendable (PeerConnection) -> Bool
        /// The peer opened a stream for a registered protocol; false if there is no room for another session.
        let accepted: @Sendable (PeerStream) -> Bool
        /// What identify says to the peer at this address.
        let identify: @Sendable (Multiaddr?) -> [UInt8]
        /// The connection is gone, or never came about.
        let closed: @Sendable (PeerConnection?) -> Void
    }

    struct Stream {
        let endpoint: any StreamEndpoint
        var echo: PingEcho?
        var isQueued = false
    }

    /// Who waits for a stream that this side opens.
    enum Opening {
        case session(EventLoopPromise<PeerStream>)
        case messages(PeerConnection, tag: UInt64)
        case identify
        /// Nobody: the peer is told something and says nothing.
        case push
    }

    var machine: PeerConnectionMachine
    let hooks: Hooks
    let configuration: PeerHostConfiguration
    var context: ChannelHandlerContext?
    var connection: PeerConnection?
    var establishedPromise: EventLoopPromise<PeerConnection>?
    var streams: [YamuxStreamID: Stream] = [:]
    var opening: [YamuxStreamID: Opening] = [:]
    var writable: CircularBuffer<YamuxStreamID> = []
    var closeError: PeerConnectionError?
    /// Whether the handler of events knows of the connection.
    var isReported = false
    var isDraining = false
    /// When the peer last said that something of it changed.
    var pushes: [MonotonicInstant] = []
    var isReleased = false
    var isClosingChannel = false
    /// Of the machine, and of the streams' endpoints.
    var timers = (machine: LoopTimer(), endpoints: LoopTimer())

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

    private func begin() {
        machine.start(now: .now())
        settle()
    }

    // MARK: Machine to streams

    /// Brings everything to rest: events handled, output written as far as the channel takes it, the timers set.
    func settle() {
        handleEvents()
        writeOutput()
        handleEvents()
        if isDraining { endIfDrained() }
        setTimers()
        if closeError != nil { finish() }
    }

    private func handleEvents() {
        while let event = machine.nextEvent() {
            switch event {
            case .established(let peer): established(peer)
            case .streamAccepted(let id, let name): accepted(id, name)
            case .streamOpened(let id, let name): opened(id, name)
            case .streamFailed(let id, let error): failedToOpen(id, error)
            case .data(let id, let bytes): received(bytes, on: id)
            case .windowGrew(let id): queue(id)
            case .receiveClosed(let id): receivedEnd(on: id)
            case .reset(let id):
                streams.removeValue(forKey: id)?.endpoint.fail(.resetByPeer, voidsInput: true)
            case .roundTrip: connection?.measure(roundTripNanoseconds: machine.roundTripNanoseconds)
            case .closed(let error): closeError = error
            }
        }
    }

    private func established(_ peer: PeerID) {
        guard let context else { return }
        let connection = PeerConnection(
            id: hooks.connectionID,
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
        guard let events = hooks.events else { return }
        events.append(.connected(connection))
        isReported = true
        open([.identify], for: .identify)
    }

    // MARK: Streams to the channel

    /// Puts a stream in line to send.
    func queue(_ id: YamuxStreamID) {
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

    private func flushMachine(_ context: ChannelHandlerContext) -> Bool {
        guard context.channel.isWritable || closeError != nil else { return false }
        let output = machine.takeOutput()
        guard !output.isEmpty else { return false }
        connection?.count(sent: output.count)
        context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: output)), promise: nil)
        return true
    }
}
