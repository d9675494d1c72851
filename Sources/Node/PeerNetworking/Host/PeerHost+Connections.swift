internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
internal import PeerProtocols

extension PeerHost {
    /// Counts a connection that begins, and numbers it, or says why it may not; may close another one.
    ///
    /// - Parameters:
    ///   - key: Where it came from; nil for one that this side dials.
    ///   - channel: Of one that came.
    func admit(key: [UInt8]?, channel: (any Channel)? = nil) -> Result<PeerConnectionID, PeerHostError> {
        let now = MonotonicInstant.now()
        var dropped: (any Channel)?
        var guest: PeerConnection?
        let result = state.withLockedValue { state -> Result<PeerConnectionID, PeerHostError> in
            guard !state.isShutDown else { return .failure(.shutDown) }
            let id = state.connectionCount + 1
            var admission = state.counts.admit(id, key: key, configuration: configuration, now: now)
            if admission.isFull {
                guest = Self.dispensable(state.connections.values)
                if let guest {
                    state.counts.release(guest.id.number)
                    state.connections[ObjectIdentifier(guest)] = nil
                    admission = state.counts.admit(id, key: key, configuration: configuration, now: now)
                }
            }
            guard admission.isAdmitted else { return .failure(.tooManyConnections) }
            state.connectionCount = id
            if let channel { state.handshakes[id] = channel }
            dropped = admission.dropped.flatMap { state.handshakes.removeValue(forKey: $0) }
            return .success(PeerConnectionID(number: id))
        }
        dropped?.close(promise: nil)
        guest?.giveWay()
        return result
    }

    /// The connection of a peer that gives way to a new one.
    private static func dispensable(_ connections: some Sequence<PeerConnection>) -> PeerConnection? {
        var guests: [UInt64: PeerConnection] = [:]
        for connection in connections where connection.role == .listener && connection.givesWay {
            guests[connection.id.number] = connection
        }
        return ConnectionCounts.mostCrowded(guests.mapValues { $0.remoteAddress?.countingKey ?? [] })
            .flatMap { guests[$0] }
    }

    /// A counted connection ended.
    func release(_ id: PeerConnectionID) {
        state.withLockedValue { state in
            state.counts.release(id.number)
            state.handshakes[id.number] = nil
        }
    }

    /// Puts a connection's handler into its channel.
    func addHandler(
        to channel: any Channel,
        role: ConnectionRole,
        expectedPeer: PeerID?,
        id: PeerConnectionID,
        established: EventLoopPromise<PeerConnection>?
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            do {
                try channel.pipeline.syncOperations.addHandler(
                    try self.makeHandler(role, expectedPeer: expectedPeer, id: id, established: established)
                )
            } catch {
                self.release(id)
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
        id: PeerConnectionID,
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
            hooks: hooks(id),
            configuration: configuration,
            established: established
        )
    }

    private func hooks(_ id: PeerConnectionID) -> PeerConnectionHandler.Hooks {
        let events = state.withLockedValue(\.events)
        return PeerConnectionHandler.Hooks(
            connectionID: id,
            protocols: { self.state.withLockedValue { $0.protocols } },
            messageProtocol: { name in self.state.withLockedValue { $0.messageProtocols[name] } },
            events: events,
            established: { connection in
                self.state.withLockedValue { state in
                    state.handshakes[id.number] = nil
                    guard state.counts.establish(id.number), !state.isShutDown, events?.hasRoom ?? true else {
                        return false
                    }
                    state.connections[ObjectIdentifier(connection)] = connection
                    // Nobody but sessions uses the connections of a host that reports no events.
                    if events == nil { connection.beGuest() }
                    return true
                }
            },
            accepted: { self.startSession($0) },
            identify: { self.identifyMessage(observed: $0) },
            closed: { connection in
                if let connection {
                    self.state.withLockedValue { $0.connections[ObjectIdentifier(connection)] = nil }
                }
                self.release(id)
            }
        )
    }
}
