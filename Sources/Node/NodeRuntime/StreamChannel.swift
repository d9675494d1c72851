package import MPCTLS
package import PartyChannel
package import PeerNetworking
internal import PeerProtocols

/// A two-party session's channel over one stream of a peer connection, which encrypts and authenticates it.
///
/// A frame is a two-byte tag, a four-byte length and the payload, big-endian. Small frames wait for ``flush()`` or the
/// next receive, so that what a party says in one turn leaves in one piece; large ones (garbled tables) leave at once.
/// Not `Sendable`: it belongs to the session's thread.
package final class StreamChannel: PartyChannel {
    /// Queued bytes that leave without waiting for a flush.
    private static let eagerByteCount = 1 << 16
    /// Ends a session with a reason, at most this long.
    private static let reasonByteCountMax = 512
    private static let abort = FrameTag(rawValue: 0xffff)
    private static let headerByteCount = 6

    private let stream: PeerStream
    private var outgoing: [UInt8] = []
    private var incoming: ArraySlice<UInt8> = []
    private var closed = false

    /// Bytes and round trips so far.
    package private(set) var meter = SessionMeter()

    /// A channel over `stream`, whose time limits bound every call.
    package init(_ stream: PeerStream) {
        self.stream = stream
    }

    package func send(_ tag: FrameTag, _ payload: [UInt8]) throws(ChannelError) {
        guard !closed else { throw .closed }
        for shift in [8, 0] { outgoing.append(UInt8(truncatingIfNeeded: tag.rawValue >> UInt16(shift))) }
        for shift in [24, 16, 8, 0] { outgoing.append(UInt8(truncatingIfNeeded: payload.count >> shift)) }
        outgoing += payload
        meter.sent(Self.headerByteCount + payload.count)
        guard outgoing.count >= Self.eagerByteCount else { return }
        try heedAbort()
        try flush()
    }

    package func flush() throws(ChannelError) {
        guard !outgoing.isEmpty else { return }
        let bytes = outgoing
        outgoing.removeAll(keepingCapacity: bytes.count < 4 * Self.eagerByteCount)
        do {
            try stream.write(bytes)
        } catch {
            throw explain(error)
        }
    }

    package func receive(_ tag: FrameTag, limit: Int) throws(ChannelError) -> [UInt8] {
        try flush()
        meter.turn()
        let (received, byteCount) = Self.parse(header: try read(Self.headerByteCount))
        if received == Self.abort { throw Self.aborted(try read(min(byteCount, Self.reasonByteCountMax))) }
        guard received == tag else { throw .unexpectedFrame(expected: tag, received: received) }
        guard byteCount <= limit else { throw .oversize(tag: tag, limit: limit, announced: byteCount) }
        let payload = try read(byteCount)
        meter.received(Self.headerByteCount + byteCount)
        return payload
    }

    package func close() {
        guard !closed else { return }
        closed = true
        stream.closeWrite()
    }

    /// Starts the accounting of a phase.
    package func enter(_ phase: SessionPhase) {
        meter.enter(phase)
    }

    /// Sets how long a receive waits for the other party; nil for as long as the session may take at all.
    package func limitReads(to duration: Duration?) {
        stream.timeLimits.read = duration
    }

    /// Tells the other party why the session ends, if it still listens, and closes.
    ///
    /// - Parameter patience: how long to drop what the other party still sends: while it is held up writing it cannot
    ///   read the reason.
    package func abort(reason: String, patience: Duration = .zero) {
        guard !closed else { return }
        stream.timeLimits = StreamTimeLimits().endingAfter(patience)
        outgoing.removeAll()
        incoming = []
        try? send(Self.abort, Array(PrintableText.clean(reason).utf8.prefix(Self.reasonByteCountMax)))
        try? flush()
        close()
        guard patience > .zero else { return }
        while let bytes = try? stream.read(max: Self.eagerByteCount), !bytes.isEmpty {}
    }

    /// Notices that the other party ended the session while this one has much to send and expects nothing.
    func heedAbort() throws(ChannelError) {
        if incoming.count < Self.eagerByteCount {
            let limits = stream.timeLimits
            stream.timeLimits.read = .zero
            defer { stream.timeLimits = limits }
            if let bytes = try? stream.read(max: Self.eagerByteCount) {
                // What came before the end is for the next receive.
                guard !bytes.isEmpty || !incoming.isEmpty else { throw .closed }
                incoming += bytes
            }
        }
        var rest = incoming
        while rest.count >= Self.headerByteCount {
            let (tag, byteCount) = Self.parse(header: rest.prefix(Self.headerByteCount))
            rest = rest.dropFirst(Self.headerByteCount)
            if tag == Self.abort { throw Self.aborted(rest.prefix(min(byteCount, Self.reasonByteCountMax))) }
            rest = rest.dropFirst(byteCount)
        }
    }

    private static func parse(header: some Sequence<UInt8>) -> (tag: FrameTag, byteCount: Int) {
        let number = header.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return (FrameTag(rawValue: UInt16(truncatingIfNeeded: number >> 32)), Int(number & 0xffff_ffff))
    }

    private static func aborted(_ reason: some Collection<UInt8>) -> ChannelError {
        .abortedByPeer(reason: PrintableText.clean(String(decoding: reason, as: UTF8.self)))
    }

    private func read(_ byteCount: Int) throws(ChannelError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(min(byteCount, 1 << 20))
        while result.count < byteCount {
            if incoming.isEmpty {
                do {
                    incoming = try stream.read(max: 1 << 17)[...]
                } catch {
                    throw explain(error)
                }
                guard !incoming.isEmpty else { throw .closed }
            }
            let part = incoming.prefix(byteCount - result.count)
            result += part
            incoming = incoming.dropFirst(part.count)
        }
        return result
    }

    private func explain(_ error: StreamError) -> ChannelError {
        if case .timedOut = error { return .timedOut }
        return .closed
    }
}
