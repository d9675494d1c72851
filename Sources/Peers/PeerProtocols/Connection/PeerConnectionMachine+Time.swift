extension PeerConnectionMachine {
    /// When ``advance(to:)`` must be called next, or nil when the connection is over.
    package var nextDeadline: MonotonicInstant? {
        switch phase {
        case .selectingSecurity, .securing, .selectingMultiplexer: return handshakeDeadline
        case .closed: return nil
        case .open:
            var deadline = session.pingSentAt?.advanced(by: configuration.pingTimeout) ?? nextPingAt
            for stream in negotiations.values { deadline = min(deadline, stream.deadline) }
            if let idleDeadline { deadline = min(deadline, idleDeadline) }
            return deadline
        }
    }

    /// Time has passed.
    package mutating func advance(to now: MonotonicInstant) {
        switch phase {
        case .selectingSecurity, .securing, .selectingMultiplexer:
            if now >= handshakeDeadline { close(.handshakeTimedOut, announcing: nil) }
        case .closed: break
        case .open: advanceOpen(to: now)
        }
    }

    /// Closes the connection: at once, or when its last stream is done.
    package mutating func shutDown(gracefully: Bool) {
        guard gracefully, case .open = phase, session.streamCount > 0 else {
            close(.closedLocally, announcing: .normal)
            return
        }
        guard !closesWhenIdle else { return }
        closesWhenIdle = true
        session.goAway(.normal)
    }

    private var idleDeadline: MonotonicInstant? {
        guard session.streamCount == 0, let timeout = configuration.idleTimeout else { return nil }
        return idleSince.advanced(by: timeout)
    }

    private mutating func advanceOpen(to now: MonotonicInstant) {
        let late = negotiations.filter { $0.value.deadline <= now }.keys.sorted { $0.rawValue < $1.rawValue }
        for id in late { abandon(id, .timedOut) }
        if !late.isEmpty { noteStreams(now: now) }
        if let idleDeadline, idleDeadline <= now { return close(.idle, announcing: .normal) }
        if let sent = session.pingSentAt {
            if sent.advanced(by: configuration.pingTimeout) <= now { close(.pingTimedOut, announcing: .normal) }
        } else if nextPingAt <= now {
            session.ping(now: now)
            nextPingAt = now.advanced(by: configuration.pingInterval)
        }
    }
}
