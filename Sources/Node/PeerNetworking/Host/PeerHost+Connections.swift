internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
internal import PeerProtocols

extension PeerHost {
    /// Counts a connection that begins, or says why it may not.
    func admit(key: [UInt8]?) -> PeerHostError? {
        state.withLockedValue { state in
            guard !state.isShutDown else { return .shutDown }
            return state.counts.admit(key: key, configuration: configuration) ? nil : .tooManyConnections
        }
    }

    /// A counted connection ended before a handler had it.
    func release(key: [UInt8]?, established: Bool) {
        state.withLockedValue { $0.counts.release(key: key, established: established) }
    }

    /// Puts a connection's handler into its channel.
    func addHandler(
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
                channel.close(promise: nil)
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
                ephemeralKey: Self.randomNoiseKey(),
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
        let (id, events) = state.withLockedValue { state in
            state.connectionCount += 1
            return (PeerConnectionID(number: state.connectionCount), state.events)
        }
        return PeerConnectionHandler.Hooks(
            connectionID: id,
            protocols: { self.state.withLockedValue { $0.protocols } },
            messageProtocol: { name in self.state.withLockedValue { $0.messageProtocols[name] } },
            events: events,
            established: { connection in
                self.state.withLockedValue { state in
                    state.counts.establish()
                    guard !state.isShutDown, events?.hasRoom ?? true else { return false }
                    state.connections[ObjectIdentifier(connection)] = connection
                    return true
                }
            },
            accepted: { self.startSession($0) },
            identify: { self.identifyMessage(observed: $0) },
            closed: { connection in
                self.state.withLockedValue { state in
                    if let connection { state.connections[ObjectIdentifier(connection)] = nil }
                    state.counts.release(key: key, established: connection != nil)
                }
            }
        )
    }
}
