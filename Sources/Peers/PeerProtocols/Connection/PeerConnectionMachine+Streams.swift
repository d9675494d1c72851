extension PeerConnectionMachine {
    /// Opens a stream for the first of `protocols` that the peer speaks; `.streamOpened` or `.streamFailed` follows.
    package mutating func openStream(
        _ protocols: [ProtocolName],
        now: MonotonicInstant
    ) throws(StreamOpeningError) -> YamuxStreamID {
        guard case .open = phase else { throw .connectionClosed(.closedLocally) }
        let id: YamuxStreamID
        do throws(YamuxError) { id = try session.openStream() } catch { throw .refused(error) }
        negotiations[id] = StreamNegotiation(
            negotiation: MultistreamNegotiation(proposing: protocols),
            deadline: now.advanced(by: configuration.streamNegotiationTimeout),
            isOurs: true
        )
        continueNegotiation(of: id, with: [], now: now)
        return id
    }

    /// The bytes that ``send(_:on:)`` takes now.
    package func sendWindow(of id: YamuxStreamID) -> Int {
        negotiations[id] == nil ? session.sendWindow(of: id) : 0
    }

    /// Sends at most ``sendWindow(of:)`` bytes.
    package mutating func send(_ bytes: ArraySlice<UInt8>, on id: YamuxStreamID) {
        session.send(bytes, on: id)
    }

    /// Whether the stream exists.
    package func isOpen(_ id: YamuxStreamID) -> Bool { session.isOpen(id) }

    /// The link's round trip: the least of the last measurements; nil before the first.
    package var roundTripNanoseconds: UInt64? { session.roundTripNanoseconds }

    /// Accounts for bytes that the reader of a stream took.
    ///
    /// - Parameter windowByteCountMax: What this stream's window may grow to; the configuration's limit holds, too.
    package mutating func consume(
        _ count: Int,
        on id: YamuxStreamID,
        now: MonotonicInstant,
        windowByteCountMax: Int = .max
    ) {
        session.consume(count, on: id, now: now, windowByteCountMax: windowByteCountMax)
    }

    /// Says that no more is sent on a stream.
    package mutating func closeWrite(_ id: YamuxStreamID, now: MonotonicInstant) {
        session.closeWrite(id)
        noteStreams(now: now)
    }

    /// Ends a stream at once.
    package mutating func reset(_ id: YamuxStreamID, now: MonotonicInstant) {
        negotiations[id] = nil
        session.reset(id)
        noteStreams(now: now)
    }

    mutating func begin(now: MonotonicInstant) {
        guard let remotePeer else { return }
        idleSince = now
        events.append(.established(remotePeer))
        session.ping(now: now)
        nextPingAt = now.advanced(by: configuration.pingInterval)
    }

    mutating func receiveSession(_ plaintext: [UInt8], now: MonotonicInstant) throws(PeerConnectionError) {
        do throws(YamuxError) {
            try session.receive(plaintext, now: now)
        } catch {
            handleSessionEvents(now: now)
            throw .multiplexing(error)
        }
        handleSessionEvents(now: now)
    }

    private mutating func handleSessionEvents(now: MonotonicInstant) {
        while let event = session.nextEvent() {
            switch event {
            case .opened(let id): accept(id, now: now)
            case .data(let id, let bytes):
                if negotiations[id] == nil {
                    events.append(.data(id, bytes))
                } else {
                    continueNegotiation(of: id, with: bytes, now: now)
                }
            case .windowGrew(let id):
                if negotiations[id] == nil { events.append(.windowGrew(id)) }
            case .receiveClosed(let id):
                if negotiations[id] != nil {
                    abandon(id, .protocolNotSupported)
                } else {
                    events.append(.receiveClosed(id))
                }
            case .reset(let id):
                if negotiations[id] != nil { abandon(id, .resetByPeer) } else { events.append(.reset(id)) }
            case .roundTrip(let nanoseconds):
                events.append(.roundTrip(nanoseconds: nanoseconds))
                // A few measurements in a row: the first ones may have waited behind the handshake.
                if session.roundTripSampleCount < 3 { session.ping(now: now) }
            case .goAway(let reason): goAwayReason = reason
            }
        }
        noteStreams(now: now)
    }

    private mutating func accept(_ id: YamuxStreamID, now: MonotonicInstant) {
        guard !closesWhenIdle, streamRate.take(now: now) else {
            session.reset(id)
            return
        }
        negotiations[id] = StreamNegotiation(
            negotiation: MultistreamNegotiation(accepting: supportedProtocols),
            deadline: now.advanced(by: configuration.streamNegotiationTimeout),
            isOurs: false
        )
    }

    private mutating func continueNegotiation(of id: YamuxStreamID, with bytes: [UInt8], now: MonotonicInstant) {
        guard var stream = negotiations[id] else { return }
        stream.input.append(bytes)
        let before = stream.input.count
        var reply: [UInt8] = []
        let agreed: ProtocolName?
        do throws(MultistreamError) {
            agreed = try stream.negotiation.advance(&stream.input, output: &reply)
        } catch {
            abandon(id, error == .noCommonProtocol ? .protocolNotSupported : .malformedNegotiation(error))
            return
        }
        session.consume(before - stream.input.count, on: id, now: now)
        // A negotiation writes less than a window in all; a peer that shrank it below that has broken the protocol.
        guard reply.count <= session.sendWindow(of: id) else { return abandon(id, .resetByPeer) }
        session.send(reply[...], on: id)
        if !stream.isOurs { session.countAnswer(reply.count) }
        guard let agreed else {
            negotiations[id] = stream
            return
        }
        negotiations[id] = nil
        events.append(stream.isOurs ? .streamOpened(id, agreed) : .streamAccepted(id, agreed))
        let rest = stream.input.takeAll()
        if !rest.isEmpty { events.append(.data(id, rest)) }
    }

    /// Gives up a stream whose protocol was not agreed.
    mutating func abandon(_ id: YamuxStreamID, _ error: StreamOpeningError) {
        guard let stream = negotiations.removeValue(forKey: id) else { return }
        session.reset(id)
        if stream.isOurs { events.append(.streamFailed(id, error)) }
    }

    /// Keeps the start of the idle time while there are streams, and ends a connection that only waited for them.
    mutating func noteStreams(now: MonotonicInstant) {
        if hadStreams || session.streamCount > 0 { idleSince = now }
        hadStreams = session.streamCount > 0
        if closesWhenIdle, !hadStreams { close(.closedLocally, announcing: nil) }
    }
}
