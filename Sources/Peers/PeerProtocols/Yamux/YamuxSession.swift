package import CryptoCore

/// One side of a yamux connection (`/yamux/1.0.0`; hashicorp/yamux, "Specification"), without its transport.
///
/// The driver passes decrypted bytes to ``receive(_:now:)``, collects ``nextEvent()`` until there is none, and sends
/// what ``takeOutput()`` gives. Data passes through without being gathered into frames, so the session buffers a
/// header at most; what is handed out stays accounted until ``consume(_:on:now:)`` says that it was read.
package struct YamuxSession {
    /// What the peer did.
    package enum Event: Equatable, Sendable {
        /// The peer opened a stream.
        case opened(YamuxStreamID)
        /// Data arrived.
        case data(YamuxStreamID, [UInt8])
        /// More may be sent than before.
        case windowGrew(YamuxStreamID)
        /// The peer sends no more on this stream.
        case receiveClosed(YamuxStreamID)
        /// The peer ended both directions; the stream is gone.
        case reset(YamuxStreamID)
        /// A ping came back.
        case roundTrip(nanoseconds: UInt64)
        /// The peer takes no further streams; with a reason that is not known, `nil`.
        case goAway(YamuxGoAwayReason?)
    }

    let role: ConnectionRole
    let configuration: YamuxConfiguration
    var streams: [YamuxStreamID: YamuxStreamState] = [:]
    var output: [UInt8] = []
    /// Bytes of ``output`` that are no data: answers to the peer and the like, which no window bounds.
    var controlByteCount = 0
    var events: [Event] = []
    private var eventHead = 0
    var nextStreamID: UInt32
    var highestPeerStreamID: UInt32 = 0
    var inboundCount = 0
    var grownByteCount = 0
    /// What the peer may still have sent on streams that this side reset, and that is to be dropped.
    var discardableByteCount = 0
    var peerIsGoingAway = false
    private var roundTripEstimate = RoundTripEstimate()
    private var pingInFlight: (value: UInt32, sentAt: MonotonicInstant)?
    private var pingValues: BlockPRG
    private var input = ByteQueue()
    private var payloadLeft: (id: YamuxStreamID?, count: Int, finishes: Bool)?

    /// A session at its start.
    ///
    /// - Parameter pingSeed: What pings say is drawn from it; a peer that does not know it can only answer pings that it
    ///   has read.
    package init(
        role: ConnectionRole,
        configuration: YamuxConfiguration = YamuxConfiguration(),
        pingSeed: Block = .zero
    ) {
        self.role = role
        self.configuration = configuration
        pingValues = BlockPRG(seed: pingSeed)
        nextStreamID = role == .dialer ? 1 : 2
    }

    /// The link's round trip in nanoseconds, once a ping came back.
    package var roundTripNanoseconds: UInt64? { roundTripEstimate.nanoseconds }

    /// The number of round trips measured so far, eight at most.
    package var roundTripSampleCount: Int { roundTripEstimate.sampleCount }

    /// When the ping was sent that has not come back.
    package var pingSentAt: MonotonicInstant? { pingInFlight?.sentAt }

    /// The number of open streams.
    package var streamCount: Int { streams.count }

    /// The next thing that the peer did, in order, or nil.
    package mutating func nextEvent() -> Event? {
        guard eventHead < events.count else {
            events.removeAll(keepingCapacity: true)
            eventHead = 0
            return nil
        }
        eventHead += 1
        return events[eventHead - 1]
    }

    /// The bytes to send, in order.
    package mutating func takeOutput() -> [UInt8] {
        defer {
            output = []
            controlByteCount = 0
        }
        return output
    }

    /// Reads bytes of the peer.
    ///
    /// - Throws: ``YamuxError`` when the peer broke the protocol; the driver then says go away and closes.
    package mutating func receive(_ bytes: [UInt8], now: MonotonicInstant) throws(YamuxError) {
        guard controlByteCount <= configuration.controlByteCountMax else { throw .controlFlood }
        var rest = bytes[...]
        while !rest.isEmpty {
            if let payload = payloadLeft {
                let chunk = rest.prefix(payload.count)
                rest = rest.dropFirst(chunk.count)
                // This side may have reset the stream in the middle of a frame.
                if let id = payload.id, isOpen(id) {
                    events.append(.data(id, chunk.count == bytes.count ? bytes : Array(chunk)))
                }
                let left = payload.count - chunk.count
                payloadLeft = left > 0 ? (payload.id, left, payload.finishes) : nil
                if left == 0, payload.finishes, let id = payload.id { receiveFinish(id) }
            } else {
                let missing = rest.prefix(YamuxHeader.byteCount - input.count)
                input.append(missing)
                rest = rest.dropFirst(missing.count)
                guard input.count == YamuxHeader.byteCount else { return }
                let header = try YamuxHeader(bytes: input.bytes)
                input.removeFirst(YamuxHeader.byteCount)
                try receive(header, now: now)
            }
        }
    }

    /// Measures the round trip, unless a measurement is under way.
    package mutating func ping(now: MonotonicInstant) {
        guard pingInFlight == nil else { return }
        let value = UInt32(truncatingIfNeeded: pingValues.next())
        pingInFlight = (value, now)
        write(YamuxHeader(.ping, .syn, stream: 0, length: value))
    }

    /// Tells the peer that this side opens and accepts no further streams.
    package mutating func goAway(_ reason: YamuxGoAwayReason) {
        YamuxHeader(.goAway, stream: 0, length: reason.rawValue).write(into: &output)
    }

    private mutating func receive(_ header: YamuxHeader, now: MonotonicInstant) throws(YamuxError) {
        switch header.kind {
        case .data:
            payloadLeft = try receiveData(header)
        case .windowUpdate:
            try receiveWindowUpdate(header)
        case .ping:
            guard header.streamID == 0 else { throw .invalidStreamID(header.streamID) }
            if header.flags.contains(.syn) {
                try writeControl(YamuxHeader(.ping, .ack, stream: 0, length: header.length))
            } else if let ping = pingInFlight, ping.value == header.length {
                pingInFlight = nil
                let elapsed = now.nanoseconds(since: ping.sentAt)
                roundTripEstimate.add(elapsed)
                events.append(.roundTrip(nanoseconds: elapsed))
            }
        case .goAway:
            guard header.streamID == 0 else { throw .invalidStreamID(header.streamID) }
            peerIsGoingAway = true
            events.append(.goAway(YamuxGoAwayReason(rawValue: header.length)))
        }
    }

    /// Writes a frame that answers the peer, within the bound on what waits beside data.
    mutating func writeControl(_ header: YamuxHeader) throws(YamuxError) {
        write(header)
        guard controlByteCount <= configuration.controlByteCountMax else { throw .controlFlood }
    }

    /// Writes a frame without data; when such frames are beyond their bound, nothing more is read of the peer.
    mutating func write(_ header: YamuxHeader) {
        controlByteCount += YamuxHeader.byteCount
        header.write(into: &output)
    }

    /// Counts data that was sent to answer the peer like a frame without data.
    mutating func countAnswer(_ byteCount: Int) {
        if byteCount > 0 { controlByteCount += YamuxHeader.byteCount + byteCount }
    }
}
