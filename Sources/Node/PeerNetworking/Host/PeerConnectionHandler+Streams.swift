internal import NIOCore
internal import PeerProtocols

extension PeerConnectionHandler {
    /// The most that one stream sends before the next one has its turn.
    private static let turnByteCount = 4 * YamuxConfiguration.dataFrameByteCountMax
    /// The time in which a peer may say ``pushCountMax`` times that something of it changed.
    private static let pushInterval = Duration.seconds(60)
    private static let pushCountMax = 4
    /// Answers to pings that may wait on one stream.
    private static let echoByteCountMax = 16 << 10

    // MARK: Requests of the host and of streams

    /// Opens a stream for the first of `protocols` that the peer speaks.
    func openStream(_ protocols: [ProtocolName], for opening: Opening) {
        open(protocols, for: opening)
        settle()
    }

    /// As ``openStream(_:for:)``, while events are handled.
    func open(_ protocols: [ProtocolName], for opening: Opening) {
        do throws(StreamOpeningError) {
            if let closeError { throw .connectionClosed(closeError) }
            self.opening[try machine.openStream(protocols, now: .now())] = opening
        } catch {
            fail(opening, error)
        }
    }

    /// Does what the user of a stream asked for.
    func attend(to id: YamuxStreamID) {
        meetRequests(of: id)
        settle()
    }

    private func meetRequests(of id: YamuxStreamID) {
        guard let stream = streams[id] else { return }
        let now = MonotonicInstant.now()
        let requests = stream.endpoint.takeRequests(now: now)
        if requests.consumedByteCount > 0 {
            machine.consume(
                requests.consumedByteCount,
                on: id,
                now: now,
                windowByteCountMax: stream.endpoint.windowByteCountMax
            )
        }
        if requests.resets {
            machine.reset(id, now: now)
            streams[id] = nil
        } else {
            if requests.abandons { resetAfterLinger(id) }
            queue(id)
        }
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

    // MARK: Events of the machine

    func accepted(_ id: YamuxStreamID, _ name: ProtocolName) {
        switch name {
        case .identify: tellIdentity(on: id)
        case .identifyPush: acceptPush(id)
        case .ping:
            guard let mailbox = makeMailbox(id, outboxByteCountMax: Self.echoByteCountMax) else { return }
            streams[id] = Stream(endpoint: mailbox, echo: PingEcho())
        default:
            if let kind = hooks.messageProtocol(name) { return acceptMessages(id, kind) }
            guard let stream = makeStream(id, name) else { return }
            if !hooks.accepted(stream) { stream.reset() }
        }
    }

    /// Says what this side is, and nothing else.
    private func tellIdentity(on id: YamuxStreamID) {
        guard let mailbox = makeMailbox(id) else { return }
        streams[id] = Stream(endpoint: mailbox)
        _ = mailbox.offer(hooks.identify(context?.remoteAddress.flatMap(Multiaddr.init)))
        mailbox.abandon()
        queue(id)
    }

    /// The peer says that something of it changed: seldom, or it is not listened to.
    private func acceptPush(_ id: YamuxStreamID) {
        let now = MonotonicInstant.now()
        pushes.removeAll { $0.advanced(by: Self.pushInterval) <= now }
        guard pushes.count < Self.pushCountMax, !isDraining, let connection, let events = hooks.events, events.hasRoom
        else { return machine.reset(id, now: now) }
        pushes.append(now)
        let reader = IdentifyReader(
            connection: connection,
            isPush: true,
            events: events,
            timeout: configuration.connection.streamNegotiationTimeout,
            now: now
        )
        streams[id] = Stream(endpoint: reader)
        queue(id)
    }

    private func acceptMessages(_ id: YamuxStreamID, _ kind: MessageProtocol) {
        let open = streams.values.lazy.compactMap { $0.endpoint as? MessageStream }
            .filter { $0.isInbound && $0.protocolName == kind.name }
        guard !isDraining, open.count < kind.inboundStreamCountMax, let events = hooks.events, events.hasRoom,
            let stream = makeMessageStream(id, kind, isInbound: true, events)
        else { return machine.reset(id, now: .now()) }
        events.append(.streamOpened(stream, tag: nil))
    }

    func opened(_ id: YamuxStreamID, _ name: ProtocolName) {
        switch opening.removeValue(forKey: id) {
        case .session(let promise):
            guard let stream = makeStream(id, name) else { return }
            promise.succeed(stream)
        case .messages(_, let tag):
            guard let kind = hooks.messageProtocol(name), let events = hooks.events,
                let stream = makeMessageStream(id, kind, isInbound: false, events)
            else { return machine.reset(id, now: .now()) }
            events.append(.streamOpened(stream, tag: tag))
        case .identify:
            guard let connection, let events = hooks.events else { return machine.reset(id, now: .now()) }
            let reader = IdentifyReader(
                connection: connection,
                isPush: false,
                events: events,
                timeout: configuration.connection.streamNegotiationTimeout,
                now: .now()
            )
            streams[id] = Stream(endpoint: reader)
            queue(id)
        case .push: tellIdentity(on: id)
        case nil: machine.reset(id, now: .now())
        }
    }

    func failedToOpen(_ id: YamuxStreamID, _ error: StreamOpeningError) {
        guard let opening = opening.removeValue(forKey: id) else { return }
        fail(opening, error)
    }

    /// Tells who waits for a stream that it does not come.
    func fail(_ opening: Opening, _ error: StreamOpeningError) {
        switch opening {
        case .session(let promise): promise.fail(error)
        case .messages(let connection, let tag):
            hooks.events?.append(.streamFailed(connection, tag: tag, error))
        case .identify:
            guard let connection else { return }
            hooks.events?.append(.identified(connection, .failure(error == .timedOut ? .timedOut : .notAvailable)))
        case .push: break
        }
    }

    func received(_ bytes: [UInt8], on id: YamuxStreamID) {
        guard let stream = streams[id] else { return }
        guard var echo = stream.echo else {
            if stream.endpoint.deliver(bytes, now: .now()) { meetRequests(of: id) }
            return
        }
        machine.consume(bytes.count, on: id, now: .now())
        let reply = echo.receive(bytes)
        streams[id]?.echo = echo
        guard reply.isEmpty || (stream.endpoint as? StreamMailbox)?.offer(reply) == true else {
            // More pings than the peer takes answers: it is flooding.
            machine.reset(id, now: .now())
            streams[id] = nil
            return
        }
    }

    func receivedEnd(on id: YamuxStreamID) {
        guard let stream = streams[id] else { return }
        if stream.endpoint.deliverEnd(now: .now()) { meetRequests(of: id) }
        if stream.echo != nil { (stream.endpoint as? StreamMailbox)?.closeWrite() }
        queue(id)
    }

    /// Sends a part of what a stream has to send.
    func sendTurn(_ id: YamuxStreamID) {
        streams[id]?.isQueued = false
        guard let stream = streams[id] else { return }
        let now = MonotonicInstant.now()
        let output = stream.endpoint.takeOutput(max: min(machine.sendWindow(of: id), Self.turnByteCount), now: now)
        machine.send(output.bytes[...], on: id)
        if output.hasMore {
            // Without a window the stream waits for the event that grows it.
            if machine.sendWindow(of: id) > 0 { queue(id) }
        } else if output.closes {
            machine.closeWrite(id, now: now)
        }
        if !machine.isOpen(id) { streams[id] = nil }
    }

    /// Lets endpoints do what is due, and says when the next one is.
    func expireEndpoints(now: MonotonicInstant) {
        for (id, stream) in streams {
            guard let deadline = stream.endpoint.deadline, deadline <= now else { continue }
            if stream.endpoint.expire(now: now) { meetRequests(of: id) }
        }
    }

    // MARK: Making endpoints

    private func makeStream(_ id: YamuxStreamID, _ name: ProtocolName) -> PeerStream? {
        guard let connection, let mailbox = makeMailbox(id) else { return nil }
        streams[id] = Stream(endpoint: mailbox)
        return PeerStream(connection: connection, protocolName: name, mailbox: mailbox)
    }

    private func makeMailbox(_ id: YamuxStreamID, outboxByteCountMax: Int? = nil) -> StreamMailbox? {
        guard let wake = wake(for: id) else { return nil }
        let mailbox = StreamMailbox(
            outboxByteCountMax: outboxByteCountMax ?? configuration.outboxByteCountMax,
            consumedReportByteCount: 32 << 10
        )
        mailbox.wake = wake
        return mailbox
    }

    private func makeMessageStream(
        _ id: YamuxStreamID,
        _ kind: MessageProtocol,
        isInbound: Bool,
        _ events: PeerEventQueue
    ) -> MessageStream? {
        guard let connection, let wake = wake(for: id) else { return nil }
        let key = connection.remoteAddress?.countingKey
        let isExempt = configuration.isLoopbackExempt && key.map(NetworkAddress.isLoopback) == true
        let stream = MessageStream(
            connection: connection,
            kind: kind,
            owner: FrameMemory.Owner(peer: connection.remotePeer, key: isExempt ? nil : key),
            isInbound: isInbound,
            events: events,
            wake: wake,
            now: .now()
        )
        streams[id] = Stream(endpoint: stream)
        return stream
    }

    /// What makes the loop attend to a stream, from any thread.
    private func wake(for id: YamuxStreamID) -> (@Sendable () -> Void)? {
        guard let eventLoop = context?.eventLoop else { return nil }
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        return { eventLoop.execute { handler.value.attend(to: id) } }
    }
}
