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
        if outgoing.count >= Self.eagerByteCount { try flush() }
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
        let header = try read(Self.headerByteCount)
        let received = FrameTag(rawValue: UInt16(header[0]) << 8 | UInt16(header[1]))
        let byteCount = header[2...].reduce(0) { $0 << 8 | Int($1) }
        if received == Self.abort {
            let reason = try read(min(byteCount, Self.reasonByteCountMax))
            throw .abortedByPeer(reason: PrintableText.clean(String(decoding: reason, as: UTF8.self)))
        }
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

    /// Tells the other party why the session ends, if it still listens, and closes.
    package func abort(reason: String) {
        guard !closed else { return }
        outgoing.removeAll()
        try? send(Self.abort, Array(reason.utf8.prefix(Self.reasonByteCountMax)))
        try? flush()
        close()
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
