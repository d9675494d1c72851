internal import NodeCore
internal import PeerProtocols

extension Simulation {
    /// Connections that a host takes in all (docs/network.md, "Limits").
    private static var connectionCountMax: Int { 512 }

    /// A participant wants to be connected to a peer.
    func dial(_ peer: PeerID, at addresses: [Multiaddr], from dialer: Int) {
        guard let target = numbers[peer], target != dialer, participants[dialer].connections[target] == nil,
            participants[dialer].dialling.insert(target).inserted
        else { return }
        trace(6, dialer, target)
        let latency = Self.random(
            options.links.latencyMin...options.links.latencyMax - options.links.jitterMax,
            &linkRandom
        )
        let connection = Connection(number: connectionCount, dialer: dialer, listener: target, latency: latency)
        connectionCount += 1
        let place = participants[target].address
        let isRight = addresses.isEmpty || addresses.contains { $0.with(peer) == place }
        if !isRight || !participants[target].isReachable || isCut(connection) {
            events.insert(.dialFailed(connection), at: now.advanced(by: options.links.dialTimeout))
        } else if !isListening(target) {
            events.insert(.dialFailed(connection), at: now.advanced(by: .nanoseconds(Int64(2 * latency))))
        } else {
            let time = Int64(latency) * 2 * Int64(options.links.handshakeRoundTrips)
            events.insert(.established(connection), at: now.advanced(by: .nanoseconds(time)))
        }
    }

    private func isListening(_ index: Int) -> Bool {
        participants[index].adversary != nil || participants[index].honest?.isRunning == true
    }

    /// A dialled connection was not to be.
    func failDial(_ connection: Connection) {
        let dialer = participants[connection.dialer]
        guard dialer.dialling.remove(connection.listener) != nil else { return }
        trace(7, connection.dialer, connection.listener)
        if let node = dialer.honest {
            let target = participants[connection.listener]
            handle(.dialFailed(target.id, [target.address]), at: node)
        }
    }

    /// The handshake of a dialled connection is over.
    func establish(_ connection: Connection) {
        let (dialer, listener) = (participants[connection.dialer], participants[connection.listener])
        guard dialer.dialling.contains(listener.index) else { return }
        guard isListening(dialer.index), isListening(listener.index), dialer.isReachable, listener.isReachable,
            !isCut(connection), listener.connections.count < Self.connectionCountMax
        else { return failDial(connection) }
        dialer.dialling.remove(listener.index)
        if let present = dialer.connections[listener.index], listener.connections[dialer.index] === present {
            // Both dialled at once; one connection is enough.
            return
        }
        // One side may still hold a connection whose other end is gone.
        if let stale = dialer.connections[listener.index] { close(stale, at: stale.end(of: dialer.index)) }
        if let stale = listener.connections[dialer.index] { close(stale, at: stale.end(of: listener.index)) }
        trace(8, dialer.index, listener.index)
        dialer.connections[listener.index] = connection
        listener.connections[dialer.index] = connection
        connection[.dialer].isOpen = true
        connection[.listener].isOpen = true
        meet(connection, at: .dialer)
        meet(connection, at: .listener)
    }

    private func meet(_ connection: Connection, at end: ConnectionEnd) {
        guard connection[end].isOpen else { return }
        let here = participants[connection.participant(end)]
        let there = participants[connection.participant(end.other)]
        switch here.role {
        case .honest(let node):
            send(.identifyRequest, over: connection, from: end)
            let link = PeerLink(address: there.address, isOutbound: end == .dialer)
            handle(.connected(there.id, link), at: node)
        case .adversary(let adversary): meet(there.index, over: connection, at: end, of: adversary)
        }
    }

    /// One end closes the connection and tells the other.
    ///
    /// What waits there is not sent any more; what is on its way arrives first.
    func hangUp(_ connection: Connection, at end: ConnectionEnd) {
        guard connection[end].isOpen else { return }
        forget(connection, at: end)
        if connection.isDead || isCut(connection) {
            // Nobody hears it; the other end finds out by the silence.
            events.insert(.silence(connection, at: end.other), at: now.advanced(by: options.links.silenceTimeout))
        } else {
            launch(.close, over: connection, from: end, departure: now.nanoseconds)
        }
    }

    /// An end learns that the connection is over.
    func close(_ connection: Connection, at end: ConnectionEnd) {
        guard connection[end].isOpen else { return }
        forget(connection, at: end)
        let here = participants[connection.participant(end)]
        let there = participants[connection.participant(end.other)]
        switch here.role {
        case .honest(let node): handle(.disconnected(there.id), at: node)
        case .adversary(let adversary): lose(there.index, of: adversary)
        }
    }

    /// Takes the connection out of what an end's participant has.
    private func forget(_ connection: Connection, at end: ConnectionEnd) {
        let here = participants[connection.participant(end)]
        connection[end].isOpen = false
        connection[end].sendsGossip = false
        connection[end].outbox = nil
        connection[end].held = []
        connection[end].caught = []
        if here.connections[connection.participant(end.other)] === connection {
            here.connections[connection.participant(end.other)] = nil
        }
        if let node = here.honest { forgetStreams(of: connection, at: node) }
    }

    /// Nothing came over the connection for too long, if nothing has changed since that was foreseen.
    func noticeSilence(_ connection: Connection, at end: ConnectionEnd) {
        guard connection[end].isOpen, connection.isDead || isCut(connection) || !connection[end.other].isOpen else {
            return
        }
        trace(9, connection.participant(end), connection.participant(end.other))
        close(connection, at: end)
    }

    /// A machine vanishes from all its connections.
    ///
    /// - Parameter isSilent: Whether it lost its power; otherwise its kernel closes the connections.
    func cutOff(_ participant: Participant, isSilent: Bool) {
        for connection in participant.sortedConnections {
            let end = connection.end(of: participant.index)
            if isSilent {
                forget(connection, at: end)
                connection[end].isForgotten = true
                events.insert(.silence(connection, at: end.other), at: now.advanced(by: options.links.silenceTimeout))
            } else {
                hangUp(connection, at: end)
            }
        }
        participant.dialling = []
        participant.waiting = []
        participant.waitingHead = 0
        participant.uplinkFreeAt = now.nanoseconds
    }
}
