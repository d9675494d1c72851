internal import NIOCore
internal import PeerProtocols

extension PeerConnectionHandler {
    /// How long a peer may take to receive the last bytes of a connection and close its side.
    private static let closingTimeout = TimeAmount.seconds(2)

    /// Ends the connection: when its sessions are done and its messages sent, or at once.
    func shutDown(gracefully: Bool) {
        machine.shutDown(gracefully: gracefully)
        if gracefully, !isDraining {
            isDraining = true
            for (id, stream) in streams {
                stream.endpoint.drain()
                queue(id)
            }
        }
        settle()
    }

    /// Ends the connection when no session of the peer has run on it for `duration`, since `start` at the earliest.
    func shutDown(afterUnused duration: Duration, since start: MonotonicInstant) {
        guard closeError == nil, let context, let connection else { return }
        let now = MonotonicInstant.now()
        let end = max(start, connection.unusedSince ?? now).advanced(by: duration)
        guard now < end else { return shutDown(gracefully: false) }
        let deadline = NIODeadline.uptimeNanoseconds(min(end.nanoseconds, UInt64(Int64.max)))
        context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.shutDown(afterUnused: duration, since: start)
        }
    }

    /// Streams of messages have no end of their own: the connection ends when only such are left, and all is sent.
    func endIfDrained() {
        guard closeError == nil, streams.values.allSatisfy({ $0.echo != nil || $0.endpoint.isDrained }) else { return }
        let isAwaited = opening.values.contains { if case .session = $0 { true } else { false } }
        guard !isAwaited else { return }
        machine.shutDown(gracefully: false)
        settle()
    }

    /// Sets the timers to what is due next.
    func setTimers() {
        guard let context else { return }
        let loop = context.eventLoop
        timers.machine.set(machine.nextDeadline, on: loop) { [self] in
            timers.machine.clear()
            machine.advance(to: .now())
            settle()
        }
        let deadline = closeError == nil ? streams.values.lazy.compactMap(\.endpoint.deadline).min() : nil
        timers.endpoints.set(deadline, on: loop) { [self] in
            timers.endpoints.clear()
            expireEndpoints(now: .now())
            settle()
        }
    }

    /// Tells everybody that the connection is over, and closes the channel.
    func finish() {
        guard let closeError else { return }
        timers.machine.cancel()
        timers.endpoints.cancel()
        let ended = streams
        streams = [:]
        for stream in ended.values { stream.endpoint.fail(.connectionClosed(closeError), voidsInput: false) }
        let waiting = opening
        opening = [:]
        for one in waiting.values { fail(one, .connectionClosed(closeError)) }
        establishedPromise?.fail(PeerHostError.connectionFailed(closeError))
        establishedPromise = nil
        if let connection, isReported {
            isReported = false
            hooks.events?.append(.disconnected(connection, closeError))
        }
        closeChannel(closeError)
    }

    /// The channel is gone, and with it what the connection counted for.
    func release() {
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

/// A task of an event loop that is set again and again.
struct LoopTimer {
    private var task: Scheduled<Void>?
    private var deadline: MonotonicInstant?

    /// Runs `body` at `deadline`, or a little earlier: it then finds nothing to do and sets the timer again.
    mutating func set(_ deadline: MonotonicInstant?, on loop: any EventLoop, _ body: @escaping () -> Void) {
        guard let deadline else { return cancel() }
        if task != nil, let set = self.deadline, set <= deadline { return }
        task?.cancel()
        self.deadline = deadline
        let at = NIODeadline.uptimeNanoseconds(min(deadline.nanoseconds, UInt64(Int64.max)))
        task = loop.assumeIsolated().scheduleTask(deadline: at, body)
    }

    /// The task runs.
    mutating func clear() {
        task = nil
    }

    /// Forgets the task.
    mutating func cancel() {
        task?.cancel()
        task = nil
    }
}
