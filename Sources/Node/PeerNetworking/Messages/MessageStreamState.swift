internal import PeerProtocols

/// Where a stream of messages stands; guarded by the stream's lock.
struct MessageStreamState {
    /// Who still uses the stream.
    enum Phase {
        /// Both sides.
        case open
        /// This side said its last: what waits goes out, nothing comes in.
        case closing
        /// Nobody.
        case over
    }

    /// Why the stream is read no further for the moment.
    enum Stall: Equatable {
        /// Too many of its messages are not handled yet.
        case unhandled
        /// All streams together take too much.
        case noRoom(retryAt: MonotonicInstant)
    }

    var phase = Phase.open
    var decoder: MessageFrameDecoder
    var outbox: MessageOutbox
    var requests = StreamRequests()
    var wakeScheduled = false
    var stall: Stall?
    /// Bytes that arrived and that the peer has no new credit for.
    var uncreditedByteCount = 0
    /// What messages count for that wait in the host's queue.
    var unhandledCost = 0
    /// What the stream has of the host's memory for unfinished messages.
    var place = FrameMemory.Place()
    var frameDeadline: MonotonicInstant?
    var usedAt: MonotonicInstant
    var inputEnded = false
    var endReported = false
    let owner: FrameMemory.Owner
    private let isInbound: Bool

    /// How long a stream waits before it looks for room again.
    static let retryInterval = Duration.milliseconds(100)

    init(kind: MessageProtocol, owner: FrameMemory.Owner, isInbound: Bool, now: MonotonicInstant) {
        self.owner = owner
        decoder = MessageFrameDecoder(frameByteCountMax: kind.frameByteCountMax)
        outbox = MessageOutbox(byteCountMax: kind.outboxByteCountMax, timeout: kind.writeTimeout)
        usedAt = now
        self.isInbound = isInbound
    }

    /// Whether the loop has something to do for the stream.
    var hasRequests: Bool { requests.resets || requests.abandons || requests.consumedByteCount > 0 }

    /// When something is due.
    func deadline(_ kind: MessageProtocol) -> MonotonicInstant? {
        guard phase == .open else { return nil }
        var retryAt: MonotonicInstant?
        if case .noRoom(let instant) = stall { retryAt = instant }
        return [frameDeadline, outbox.deadline, idleDeadline(kind), retryAt].compactMap(\.self).min()
    }

    /// When the stream ends if nobody uses it.
    func idleDeadline(_ kind: MessageProtocol) -> MonotonicInstant? {
        guard isInbound, let timeout = kind.idleTimeout else { return nil }
        return usedAt.advanced(by: timeout)
    }

    /// Asks for the loop's attention, once for any number of changes; true if it has to be woken.
    mutating func scheduleWake() -> Bool {
        guard !wakeScheduled else { return false }
        wakeScheduled = true
        return true
    }

    /// Gives up what arrived and was not handed on.
    mutating func forgetInput(_ memory: FrameMemory) {
        decoder.clear()
        _ = memory.change(&place, to: 0, isAnnounced: false, of: owner)
        frameDeadline = nil
        stall = nil
    }
}
