/// A reliable, ordered, authenticated message pipe between the two parties of one engine session.
///
/// Engine protocols are straight-line code over this protocol: each party runs on its own thread and blocks in
/// ``receive(_:limit:)``. Written this way a protocol reads like its paper, and the compiler-checked order of the
/// lines is the state machine; nothing here knows a socket, so both parties of a test run in one process over
/// ``InMemoryChannel``. Implementations bound what they buffer and fail with ``ChannelError`` rather than trap.
package protocol PartyChannel: AnyObject {
    /// Queues one frame for the other party; may block while the transport's window is full.
    ///
    /// - Throws: ``ChannelError/closed`` if the other party is gone.
    func send(_ tag: FrameTag, _ payload: [UInt8]) throws(ChannelError)

    /// Hands everything queued to the transport. `receive` flushes first, so explicit calls are rarely needed.
    func flush() throws(ChannelError)

    /// The payload of the next frame, which must carry `tag` and be at most `limit` bytes long.
    ///
    /// - Throws: ``ChannelError`` when the peer closed, sent another tag, or sent too much.
    func receive(_ tag: FrameTag, limit: Int) throws(ChannelError) -> [UInt8]

    /// Ends the conversation; later calls on either side throw ``ChannelError/closed``.
    func close()
}

extension PartyChannel {
    /// The payload of the next frame, which must carry `tag` and be exactly `byteCount` bytes long.
    ///
    /// - Throws: ``ChannelError`` as `receive(_:limit:)`, and ``ChannelError/wrongLength(tag:expected:received:)``.
    package func receive(_ tag: FrameTag, exactly byteCount: Int) throws(ChannelError) -> [UInt8] {
        let payload = try receive(tag, limit: byteCount)
        guard payload.count == byteCount else {
            throw .wrongLength(tag: tag, expected: byteCount, received: payload.count)
        }
        return payload
    }
}

/// Names the kind of a frame, so that a message in the wrong place is refused before it is parsed.
package struct FrameTag: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number on the wire.
    ///
    /// Each owner has a hundred: Correlations 100…, MPCTLS 300…, the application above the engine 400….
    package let rawValue: UInt16

    /// A tag with this number.
    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package var description: String { "frame \(rawValue)" }
}

/// Why a channel operation failed; every case but `closed` is the other party's fault.
package enum ChannelError: Error, Equatable, CustomStringConvertible {
    /// The other party closed, or the connection broke.
    case closed
    /// Nothing arrived within the time that the session allows.
    case timedOut
    /// A frame of another kind arrived.
    case unexpectedFrame(expected: FrameTag, received: FrameTag)
    /// A frame announced more bytes than the receiver allows at this point.
    case oversize(tag: FrameTag, limit: Int, announced: Int)
    /// A frame had another length than the protocol prescribes.
    case wrongLength(tag: FrameTag, expected: Int, received: Int)
    /// The other party ended the session and said why.
    case abortedByPeer(reason: String)

    package var description: String {
        switch self {
        case .closed: "the other party closed the session"
        case .timedOut: "the other party did not answer in time"
        case .unexpectedFrame(let expected, let received): "expected \(expected), the other party sent \(received)"
        case .oversize(let tag, let limit, let announced):
            "\(tag) announces \(announced) bytes, at most \(limit) are allowed here"
        case .wrongLength(let tag, let expected, let received):
            "\(tag) has \(received) bytes, the protocol prescribes \(expected)"
        case .abortedByPeer(let reason): "the other party aborted: \(reason)"
        }
    }
}
