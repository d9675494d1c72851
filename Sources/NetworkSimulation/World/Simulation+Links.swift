internal import Gossip
internal import NodeCore
internal import PeerProtocols

extension Simulation {
    /// Bytes that a sender lets go without hearing that they arrived: a stream's first window (docs/network.md).
    private static var windowByteCount: Int { 256 << 10 }

    /// Gives a frame to the connection: to the uplink at once, or to the queue.
    func send(_ frame: LinkFrame, over connection: Connection, from end: ConnectionEnd) {
        guard connection[end].isOpen else { return }
        let participant = participants[connection.participant(end)]
        let isBlocked = connection[end].unconfirmedByteCount > Self.windowByteCount
        if !isBlocked, participant.uplinkFreeAt <= now.nanoseconds, connection[end].outbox == nil,
            !participant.isUplinkScheduled
        {
            return transmit(frame, over: connection, from: end, by: participant)
        }
        var outbox = connection[end].outbox ?? FrameOutbox()
        connection[end].outbox = nil
        if case .gossip(let rpc) = frame {
            let outcome = outbox.append(rpc)
            if outcome != .queued { traffic.outboxDrops += 1 }
            if outcome == .overflow, let node = participant.honest, connection[end].sendsGossip {
                connection[end].sendsGossip = false
                let peer = participants[connection.participant(end.other)].id
                events.insert(.tell(node, life: node.life, .gossipClosed(peer)), at: now)
            }
        } else {
            outbox.append(frame)
        }
        watch.checkOutbox(outbox, of: participant, in: self)
        connection[end].outbox = outbox
        if !isBlocked { queueUp(connection, end, at: participant) }
    }

    /// A link carries frames again: what waited for it takes its turn.
    func unblock(_ connection: Connection, _ end: ConnectionEnd) {
        guard connection[end].isOpen, connection[end].outbox != nil else { return }
        queueUp(connection, end, at: participants[connection.participant(end)])
    }

    private func queueUp(_ connection: Connection, _ end: ConnectionEnd, at participant: Participant) {
        if !connection[end].isWaiting {
            connection[end].isWaiting = true
            participant.waiting.append((connection, end))
        }
        guard !participant.isUplinkScheduled else { return }
        participant.isUplinkScheduled = true
        let time = max(participant.uplinkFreeAt, now.nanoseconds)
        events.insert(.uplinkFree(participant: participant.index), at: MonotonicInstant(nanoseconds: time))
    }

    /// The uplink takes one frame of the next connection that waits.
    func serveUplink(of participant: Participant) {
        participant.isUplinkScheduled = false
        while participant.waitingHead < participant.waiting.count {
            let (connection, end) = participant.waiting[participant.waitingHead]
            participant.waitingHead += 1
            connection[end].isWaiting = false
            guard connection[end].isOpen, connection[end].unconfirmedByteCount <= Self.windowByteCount,
                let frame = connection[end].outbox?.next()
            else { continue }
            if connection[end].outbox?.isEmpty == true {
                connection[end].outbox = nil
            } else {
                connection[end].isWaiting = true
                participant.waiting.append((connection, end))
            }
            transmit(frame, over: connection, from: end, by: participant)
            break
        }
        if participant.waitingHead == participant.waiting.count {
            participant.waiting.removeAll(keepingCapacity: participant.waiting.count < 64)
            participant.waitingHead = 0
            return
        }
        if participant.waitingHead > 64, participant.waitingHead > participant.waiting.count / 2 {
            participant.waiting.removeFirst(participant.waitingHead)
            participant.waitingHead = 0
        }
        participant.isUplinkScheduled = true
        let time = MonotonicInstant(nanoseconds: max(participant.uplinkFreeAt, now.nanoseconds))
        events.insert(.uplinkFree(participant: participant.index), at: time)
    }

    private func transmit(
        _ frame: LinkFrame,
        over connection: Connection,
        from end: ConnectionEnd,
        by participant: Participant
    ) {
        let byteCount = frame.byteCount
        if case .honest = participant.role { traffic.count(frame, byteCount: byteCount) }
        if options.encodesFrames, case .gossip(let rpc) = frame { watch.checkEncoding(of: rpc, in: self) }
        let onWire = UInt64(byteCount + options.links.overheadByteCount)
        let duration = onWire * 1_000_000_000 / UInt64(options.links.bytesPerSecond)
        let departure = max(now.nanoseconds, participant.uplinkFreeAt) + duration
        participant.uplinkFreeAt = departure
        if connection.isDead {
            connection[end].unconfirmedByteCount += byteCount
            traffic.framesLost += 1
        } else if isCut(connection) {
            connection[end].unconfirmedByteCount += byteCount
            connection[end].held.append(frame)
        } else {
            launch(frame, over: connection, from: end, departure: departure)
        }
    }

    /// Puts a frame on its way, behind those that left before.
    func launch(_ frame: LinkFrame, over connection: Connection, from end: ConnectionEnd, departure: UInt64) {
        let jitter = Self.random(.zero...options.links.jitterMax, &linkRandom)
        let arrival = max(departure + connection.latency + jitter, connection[end].lastArrival)
        connection[end].lastArrival = arrival
        events.insert(.arrive(connection, at: end.other, frame), at: MonotonicInstant(nanoseconds: arrival))
    }

    /// A frame reaches the other end, unless something happened to the link meanwhile.
    func arrive(_ frame: LinkFrame, over connection: Connection, at end: ConnectionEnd) {
        guard !connection.isDead else {
            traffic.framesLost += 1
            return
        }
        if isCut(connection) {
            // It was on its way when the link was cut; TCP sends it again.
            connection[end.other].caught.append(frame)
            return
        }
        let participant = participants[connection.participant(end)]
        guard connection[end].isOpen else {
            // A machine that came back knows nothing of the connection and says so.
            if connection[end].isForgotten, participant.isReachable, connection[end.other].isOpen {
                connection[end].isForgotten = false
                launch(.close, over: connection, from: end, departure: now.nanoseconds)
            }
            return
        }
        let sender = connection.participant(end.other)
        trace(frame, from: sender, to: participant.index)
        if case .close = frame { return close(connection, at: end) }
        switch participant.role {
        case .honest(let node): take(frame, from: sender, over: connection, at: end, of: node)
        case .adversary(let adversary): take(frame, from: sender, over: connection, at: end, of: adversary)
        }
    }

    /// Whether a partition lies between the ends.
    func isCut(_ connection: Connection) -> Bool {
        faults.isPartitioned && participants[connection.dialer].isCutOff != participants[connection.listener].isCutOff
    }

    private func trace(_ frame: LinkFrame, from sender: Int, to receiver: Int) {
        switch frame {
        case .gossip(let rpc):
            trace(16, receiver, sender)
            let entries = rpc.subscriptions.count &* 31 &+ rpc.graft.count &* 37 &+ rpc.prune.count &* 41
            trace.mix(entries &+ rpc.want.count &* 43 &+ rpc.unwanted.count &* 47 &+ rpc.have.count &* 53)
            for message in rpc.messages { trace.mix(message.signature.suffix(8)) }
        case .streamFrame(let number, _, _, let bytes):
            trace(17, receiver, sender)
            trace.mix(number)
            trace.mix(bytes)
        default: trace(18, receiver, sender &* 65_536 &+ frame.byteCount)
        }
    }
}
