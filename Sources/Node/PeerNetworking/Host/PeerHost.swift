internal import Foundation
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
package import PeerProtocols

/// A libp2p host on TCP, Noise and yamux: it listens, dials, and hands streams to handlers on threads of their own.
///
/// Identify and ping are answered by the host itself. All limits are in ``PeerHostConfiguration``; whoever exceeds one
/// is refused at once and costs nothing further.
package final class PeerHost: Sendable {
    /// Runs a stream of a peer to its end, on a thread of its own that it may block; afterwards the stream is closed.
    package typealias StreamHandler = @Sendable (PeerStream) -> Void

    /// Who this host is.
    package let identity: PeerIdentity
    /// The limits that it was made with.
    package let configuration: PeerHostConfiguration
    private let staticKey: NoisePrivateKey
    private let group: any EventLoopGroup
    private let state = NIOLockedValueBox(State())

    private struct State {
        var handlers: [ProtocolName: StreamHandler] = [:]
        var listeners: [(channel: any Channel, address: Multiaddr)] = []
        var counts = ConnectionCounts()
        var connections: [ObjectIdentifier: PeerConnection] = [:]
        var sessionThreadCount = 0
        var isShutDown = false

        var protocols: Set<ProtocolName> { Set(handlers.keys).union([.identify, .ping]) }
    }

    /// A host that does nothing yet.
    package init(identity: PeerIdentity, configuration: PeerHostConfiguration = PeerHostConfiguration()) {
        self.identity = identity
        self.configuration = configuration
        staticKey = NoisePrivateKey(randomBytes: Self.randomBytes())
        group = MultiThreadedEventLoopGroup.singleton
    }

    // MARK: Protocols

    /// Handles the streams that peers open for `name` with `handler`, from now on and on every connection.
    ///
    /// Identify and ping cannot be replaced.
    package func handle(_ name: ProtocolName, _ handler: @escaping StreamHandler) {
        precondition(name != .identify && name != .ping, "the host answers identify and ping itself")
        let (connections, protocols) = state.withLockedValue { state in
            state.handlers[name] = handler
            return (Array(state.connections.values), state.protocols)
        }
        for connection in connections { connection.setSupportedProtocols(protocols) }
    }

    // MARK: Listening

    /// Accepts connections at an address; port 0 takes a free one.
    ///
    /// - Returns: The address in full, with the port and this host's peer id.
    /// - Throws: ``PeerHostError``.
    @discardableResult
    package func listen(on address: Multiaddr) async throws -> Multiaddr {
        try await listenFuture(address).get()
    }

    /// As ``listen(on:)``, blocking the calling thread.
    @available(*, noasync)
    @discardableResult
    package func listenAndWait(on address: Multiaddr) throws -> Multiaddr {
        try listenFuture(address).wait()
    }

    /// Where the host listens, without its peer id.
    package var listenAddresses: [Multiaddr] {
        state.withLockedValue { $0.listeners.map(\.address) }
    }

    private func listenFuture(_ address: Multiaddr) -> EventLoopFuture<Multiaddr> {
        let loop = group.next()
        guard let endpoint = address.tcpEndpoint else {
            return loop.makeFailedFuture(PeerHostError.unsupportedAddress(address))
        }
        let socketAddress: SocketAddress
        do {
            switch endpoint.host {
            case .ip4(let ip): socketAddress = try SocketAddress(ipAddress: "\(ip)", port: Int(endpoint.port))
            case .ip6(let ip): socketAddress = try SocketAddress(ipAddress: "\(ip)", port: Int(endpoint.port))
            case .name: throw PeerHostError.unsupportedAddress(address)
            }
        } catch {
            return loop.makeFailedFuture(PeerHostError.unsupportedAddress(address))
        }
        let bound = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { [weak self] channel in
                guard let self else { return channel.close() }
                return self.acceptConnection(channel)
            }
            .bind(to: socketAddress)
        return bound.flatMapThrowing { channel in
            guard let local = channel.localAddress.flatMap(Multiaddr.init) else {
                throw PeerHostError.unsupportedAddress(address)
            }
            let isShutDown = self.state.withLockedValue { state in
                if !state.isShutDown { state.listeners.append((channel, local)) }
                return state.isShutDown
            }
            guard !isShutDown else {
                channel.close(promise: nil)
                throw PeerHostError.shutDown
            }
            return local.with(self.identity.id)
        }.flatMapErrorThrowing { error in
            throw error is PeerHostError ? error : PeerHostError.network(String(describing: error))
        }
    }

    private func acceptConnection(_ channel: any Channel) -> EventLoopFuture<Void> {
        let key = channel.remoteAddress.flatMap(Multiaddr.init)?.countingKey ?? []
        guard admit(key: key) == nil else { return channel.close() }
        return addHandler(to: channel, role: .listener, expectedPeer: nil, key: key, established: nil)
    }

    // MARK: Dialling

    /// Connects to a peer at an address that ends with `/p2p/` and its id.
    ///
    /// - Returns: The connection, on which that peer and nobody else answers.
    /// - Throws: ``PeerHostError``; a peer with another key gives `.connectionFailed(.security(.unexpectedPeer))`.
    package func dial(_ address: Multiaddr) async throws -> PeerConnection {
        try await dialFuture(address).get()
    }

    /// As ``dial(_:)``, blocking the calling thread.
    @available(*, noasync)
    package func dialAndWait(_ address: Multiaddr) throws -> PeerConnection {
        try dialFuture(address).wait()
    }

    /// The open connections.
    package var connections: [PeerConnection] { state.withLockedValue { Array($0.connections.values) } }

    private func dialFuture(_ address: Multiaddr) -> EventLoopFuture<PeerConnection> {
        let loop = group.next()
        guard let endpoint = address.tcpEndpoint else {
            return loop.makeFailedFuture(PeerHostError.unsupportedAddress(address))
        }
        guard let peer = address.peerID else { return loop.makeFailedFuture(PeerHostError.missingPeerID(address)) }
        if let refusal = admit(key: nil) { return loop.makeFailedFuture(refusal) }
        let established = loop.makePromise(of: PeerConnection.self)
        let connected = NIOLockedValueBox(false)
        // The listener speaks at once: nothing is read before the handler is there.
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 4)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
        endpoint.connect(bootstrap, on: loop).flatMap { channel in
            connected.withLockedValue { $0 = true }
            return self.addHandler(to: channel, role: .dialer, expectedPeer: peer, key: nil, established: established)
        }.whenFailure { error in
            if !connected.withLockedValue({ $0 }) { self.release(key: nil, established: false) }
            established.fail(PeerHostError(connecting: error))
        }
        return established.futureResult
    }

    // MARK: Shutting down

    /// Takes no more connections and streams, lets the running streams end for at most `grace`, then closes everything.
    package func shutDown(grace: Duration = .seconds(10)) async {
        let (listeners, connections) = beginShutDown()
        for listener in listeners { try? await listener.close() }
        for connection in connections { connection.close(gracefully: true) }
        let forced = Task {
            try await Task.sleep(for: grace)
            for connection in connections { connection.close(gracefully: false) }
        }
        for connection in connections { _ = await connection.closed() }
        forced.cancel()
    }

    private func beginShutDown() -> ([any Channel], [PeerConnection]) {
        state.withLockedValue { state in
            defer { state.listeners = [] }
            state.isShutDown = true
            return (state.listeners.map(\.channel), Array(state.connections.values))
        }
    }

    // MARK: Connections

    private func admit(key: [UInt8]?) -> PeerHostError? {
        state.withLockedValue { state in
            guard !state.isShutDown else { return .shutDown }
            return state.counts.admit(key: key, configuration: configuration) ? nil : .tooManyConnections
        }
    }

    private func release(key: [UInt8]?, established: Bool) {
        state.withLockedValue { $0.counts.release(key: key, established: established) }
    }

    private func addHandler(
        to channel: any Channel,
        role: ConnectionRole,
        expectedPeer: PeerID?,
        key: [UInt8]?,
        established: EventLoopPromise<PeerConnection>?
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            do {
                try channel.pipeline.syncOperations.addHandler(
                    try self.makeHandler(role, expectedPeer: expectedPeer, key: key, established: established)
                )
            } catch {
                self.release(key: key, established: false)
                throw error
            }
            // From here on the handler sees the end of the channel, and releases.
            try channel.syncOptions?.setOption(
                .writeBufferWaterMark,
                value: ChannelOptions.Types.WriteBufferWaterMark(low: 256 << 10, high: 1 << 20)
            )
            try channel.syncOptions?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 4 << 10, initial: 64 << 10, maximum: 256 << 10)
            )
            try channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }

    private func makeHandler(
        _ role: ConnectionRole,
        expectedPeer: PeerID?,
        key: [UInt8]?,
        established: EventLoopPromise<PeerConnection>?
    ) throws -> PeerConnectionHandler {
        PeerConnectionHandler(
            machine: try PeerConnectionMachine(
                role: role,
                identity: identity,
                staticKey: staticKey,
                ephemeralKey: NoisePrivateKey(randomBytes: Self.randomBytes()),
                expectedPeer: expectedPeer,
                supportedProtocols: state.withLockedValue { $0.protocols },
                configuration: configuration.connection,
                now: .now()
            ),
            hooks: hooks(key: key),
            configuration: configuration,
            established: established
        )
    }

    private func hooks(key: [UInt8]?) -> PeerConnectionHandler.Hooks {
        PeerConnectionHandler.Hooks(
            established: { connection in
                self.state.withLockedValue { state in
                    state.counts.establish()
                    guard !state.isShutDown else { return false }
                    state.connections[ObjectIdentifier(connection)] = connection
                    return true
                }
            },
            accepted: { self.startSession($0) },
            identify: { self.identifyMessage(observed: $0) },
            closed: { connection, _ in
                self.state.withLockedValue { state in
                    if let connection { state.connections[ObjectIdentifier(connection)] = nil }
                    state.counts.release(key: key, established: connection != nil)
                }
            }
        )
    }

    private func identifyMessage(observed: Multiaddr?) -> [UInt8] {
        let (addresses, protocols) = state.withLockedValue { ($0.listeners.map(\.address), $0.protocols) }
        return IdentifyMessage(
            protocolVersion: configuration.protocolVersion,
            agentVersion: configuration.agentVersion,
            publicKey: identity.publicKey,
            listenAddresses: configuration.announcedAddresses + addresses,
            observedAddress: observed,
            protocols: protocols.sorted { $0.description < $1.description }
        ).encoded()
    }

    private func startSession(_ stream: PeerStream) -> Bool {
        let handler = state.withLockedValue { state -> StreamHandler? in
            guard !state.isShutDown, state.sessionThreadCount < configuration.sessionThreadCountMax,
                let handler = state.handlers[stream.protocolName]
            else { return nil }
            state.sessionThreadCount += 1
            return handler
        }
        guard let handler else { return false }
        Thread.detachNewThread {
            handler(stream)
            stream.finish()
            self.state.withLockedValue { $0.sessionThreadCount -= 1 }
        }
        return true
    }

    /// 32 bytes from the system's generator.
    private static func randomBytes() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
