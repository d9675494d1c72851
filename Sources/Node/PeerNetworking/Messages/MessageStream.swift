internal import NIOConcurrencyHelpers
package import PeerProtocols

/// One stream of messages to or from a peer, without a thread of its own.
///
/// Calls return at once, on any thread. What the peer does comes as events of the host's ``PeerEventQueue``; after
/// ``close()`` or ``reset()`` no further event is about this stream, except those that wait already.
package final class MessageStream: Sendable {
    /// The connection that carries the stream.
    package let connection: PeerConnection
    /// The protocol that both sides agreed on.
    package var protocolName: ProtocolName { kind.name }
    /// Whether the peer opened it.
    package let isInbound: Bool

    let kind: MessageProtocol
    private let events: PeerEventQueue
    private let wake: @Sendable () -> Void
    private let state: NIOLockedValueBox<MessageStreamState>

    /// - Parameters:
    ///   - owner: Whose messages it carries, as far as their memory is concerned.
    ///   - wake: Makes the connection's loop attend to this stream soon.
    init(
        connection: PeerConnection,
        kind: MessageProtocol,
        owner: FrameMemory.Owner,
        isInbound: Bool,
        events: PeerEventQueue,
        wake: @escaping @Sendable () -> Void,
        now: MonotonicInstant
    ) {
        self.connection = connection
        self.kind = kind
        self.isInbound = isInbound
        self.events = events
        self.wake = wake
        state = NIOLockedValueBox(MessageStreamState(kind: kind, owner: owner, isInbound: isInbound, now: now))
    }

    /// Who is at the other end, proven by the connection's handshake.
    package var remotePeer: PeerID { connection.remotePeer }

    /// The bytes that wait to be sent.
    package var waitingByteCount: Int { state.withLockedValue { $0.outbox.byteCount } }

    /// What became of a message that was to be sent.
    package enum Sending: Hashable, Sendable {
        /// It waits to be sent, in order.
        case queued
        /// It was not taken, because too many bytes wait; ``PeerHostEvent/writable(_:)`` follows.
        case full
        /// It is longer than the protocol allows.
        case oversize
        /// The stream is over.
        case closed
    }

    /// Sends a message, without its length.
    package func send(_ message: [UInt8]) -> Sending {
        let (result, wakes) = state.withLockedValue { state -> (Sending, Bool) in
            guard state.phase == .open else { return (.closed, false) }
            guard message.count <= kind.frameByteCountMax else { return (.oversize, false) }
            let now = MonotonicInstant.now()
            guard state.outbox.append(message, now: now) else { return (.full, false) }
            state.usedAt = now
            return (.queued, state.scheduleWake())
        }
        if wakes { wake() }
        return result
    }

    /// Ends the stream after what was sent; what still arrives is dropped.
    package func close() {
        request { state in
            state.phase = .closing
            state.requests.abandons = true
        }
    }

    /// Ends both directions at once.
    package func reset() {
        request { state in
            state.phase = .over
            state.outbox.clear()
            state.requests.resets = true
        }
    }

    private func request(_ change: (inout MessageStreamState) -> Void) {
        let wakes = state.withLockedValue { state -> Bool in
            guard state.phase == .open else { return false }
            change(&state)
            state.forgetInput(events.memory)
            return state.scheduleWake()
        }
        if wakes { wake() }
    }

    /// A message with this cost was handled.
    func handled(_ cost: Int) {
        let wakes = state.withLockedValue { state -> Bool in
            state.unhandledCost -= cost
            guard state.stall == .unhandled, state.unhandledCost <= kind.inboxByteCountMax / 2 else { return false }
            return state.scheduleWake()
        }
        if wakes { wake() }
    }
}

extension MessageStream: StreamEndpoint {
    var windowByteCountMax: Int { kind.windowByteCountMax }

    var isDrained: Bool { state.withLockedValue { $0.outbox.byteCount == 0 } }

    var deadline: MonotonicInstant? { state.withLockedValue { $0.deadline(kind) } }

    func deliver(_ bytes: [UInt8], now: MonotonicInstant) -> Bool {
        state.withLockedValue { state in
            guard state.phase == .open else { return false }
            state.decoder.append(bytes)
            state.uncreditedByteCount += bytes.count
            process(&state, now: now)
            return state.hasRequests
        }
    }

    func deliverEnd(now: MonotonicInstant) -> Bool {
        state.withLockedValue { state in
            guard state.phase == .open else { return false }
            state.inputEnded = true
            process(&state, now: now)
            return state.hasRequests
        }
    }

    func fail(_ error: StreamError, voidsInput: Bool) {
        state.withLockedValue { state in
            if case .resetByPeer = error { end(&state, .resetByPeer) } else { end(&state, .connectionClosed) }
        }
    }

    func takeRequests(now: MonotonicInstant) -> StreamRequests {
        state.withLockedValue { state in
            state.wakeScheduled = false
            if state.phase == .open, state.stall != nil { process(&state, now: now) }
            defer { state.requests = StreamRequests() }
            return state.requests
        }
    }

    func takeOutput(max: Int, now: MonotonicInstant) -> StreamOutput {
        state.withLockedValue { state in
            let (bytes, hasRoom) = state.outbox.take(max: max, now: now)
            if hasRoom, state.phase == .open { events.append(.writable(self)) }
            let isEmpty = state.outbox.byteCount == 0
            return StreamOutput(bytes: bytes, hasMore: !isEmpty, closes: isEmpty && state.phase == .closing)
        }
    }

    func expire(now: MonotonicInstant) -> Bool {
        state.withLockedValue { state in
            guard state.phase == .open else { return false }
            if state.stall != nil { process(&state, now: now) }
            if let deadline = state.frameDeadline, deadline <= now {
                giveUp(&state, .frameTimedOut)
            } else if let deadline = state.outbox.deadline, deadline <= now {
                giveUp(&state, .writeTimedOut)
            } else if let deadline = state.idleDeadline(kind), deadline <= now {
                giveUp(&state, .idle)
            }
            return state.hasRequests
        }
    }

    func drain() {
        state.withLockedValue { state in
            guard state.phase == .open else { return }
            state.phase = .closing
            state.forgetInput(events.memory)
        }
    }

    /// Cuts what arrived into messages, as far as there is room for them, and gives the peer credit for what follows.
    private func process(_ state: inout MessageStreamState, now: MonotonicInstant) {
        do throws(MessageFrameError) {
            state.stall = nil
            while state.stall == nil {
                if state.unhandledCost >= kind.inboxByteCountMax {
                    state.stall = .unhandled
                } else if !events.hasRoom {
                    state.stall = .noRoom(retryAt: now.advanced(by: MessageStreamState.retryInterval))
                } else if let message = try state.decoder.next() {
                    let event = PeerHostEvent.frame(self, message)
                    state.unhandledCost += event.cost
                    state.usedAt = now
                    state.frameDeadline = nil
                    events.append(event)
                } else {
                    break
                }
            }
            guard try makeRoom(&state, now: now) else { return giveUp(&state, .noRoom) }
        } catch {
            return giveUp(&state, .malformed(error))
        }
        guard state.stall == nil else {
            state.frameDeadline = nil
            return
        }
        state.requests.consumedByteCount += state.uncreditedByteCount
        state.uncreditedByteCount = 0
        if state.decoder.bufferedByteCount == 0 {
            state.frameDeadline = nil
            if state.inputEnded, !state.endReported {
                state.endReported = true
                events.append(.streamEnded(self))
            }
        } else if state.inputEnded {
            giveUp(&state, .truncated)
        } else if state.frameDeadline == nil {
            state.frameDeadline = now.advanced(by: kind.frameTimeout)
        }
    }

    /// Accounts for what the unfinished message holds, or will hold; false if that is too much for the host.
    private func makeRoom(_ state: inout MessageStreamState, now: MonotonicInstant) throws(MessageFrameError) -> Bool {
        let buffered = state.decoder.bufferedByteCount
        if state.stall == nil, let announced = try state.decoder.nextByteCount(),
            announced > FrameMemory.smallByteCount
        {
            let wanted = max(announced, buffered)
            if events.memory.change(&state.place, to: wanted, isAnnounced: true, of: state.owner) { return true }
            state.stall = .noRoom(retryAt: now.advanced(by: MessageStreamState.retryInterval))
        }
        return events.memory.change(&state.place, to: buffered, isAnnounced: false, of: state.owner)
    }

    /// Ends the stream for a reason that the peer does not know yet.
    private func giveUp(_ state: inout MessageStreamState, _ reason: MessageStreamEnd) {
        guard state.phase == .open else { return }
        state.requests.resets = true
        end(&state, reason)
    }

    private func end(_ state: inout MessageStreamState, _ reason: MessageStreamEnd) {
        let wasOpen = state.phase == .open
        state.phase = .over
        state.outbox.clear()
        state.forgetInput(events.memory)
        if wasOpen { events.append(.streamClosed(self, reason)) }
    }
}
