internal import CryptoCore
internal import Gossip
internal import KeyValueStorage
internal import NodeCore
internal import PeerProtocols

extension Simulation {
    /// Lets one event happen.
    func take(_ event: SimulationEvent) {
        switch event {
        case .start(let index):
            trace(1, index)
            start(index)
        case .wake(let node, let life):
            guard node.life == life, node.wakeAt == now else { return }
            node.wakeAt = nil
            trace(2, node.index)
            handle(.timeReached, at: node)
        case .tell(let node, let life, let event):
            guard node.life == life else { return }
            trace(3, node.index)
            handle(event, at: node)
        case .arrive(let connection, let end, let frame): arrive(frame, over: connection, at: end)
        case .uplinkFree(let index): serveUplink(of: participants[index])
        case .established(let connection): establish(connection)
        case .dialFailed(let connection): failDial(connection)
        case .silence(let connection, let end): noticeSilence(connection, at: end)
        case .diskDone(let node, let life):
            guard node.life == life else { return }
            trace(4, node.index)
            finishCommits(of: node)
        case .publish(let number): publish(number)
        case .attack(let index):
            trace(5, index)
            if let adversary = participants[index].adversary { attack(adversary) }
        case .fault(let step): take(step)
        case .crash(let node, let life, let kind):
            guard node.life == life, node.isRunning else { return }
            crash(node, kind)
        case .deadline(let record): checkDeadline(of: record)
        case .returnDeadline(let node, let life):
            guard node.life == life else { return }
            checkReturn(of: node)
        case .review: review(isLast: false)
        }
    }

    /// Brings an event to a running node and does what it asks for.
    func handle(_ event: NodeEvent, at node: HonestNode) {
        guard let effects = node.core?.handle(event, now: instant(node)) else { return }
        perform(effects, at: node)
        setTimer(of: node)
        watch.checkAfterStep(node, in: self)
    }

    private func setTimer(of node: HonestNode) {
        guard let wake = node.core?.nextWake else { return }
        let time = max(wake, now)
        // A timer that goes off too early finds nothing to do; one that is later than wanted is set anew.
        if let set = node.wakeAt, set <= time { return }
        node.wakeAt = time
        events.insert(.wake(node, life: node.life), at: time)
    }

    private func perform(_ effects: [NodeEffect], at node: HonestNode) {
        for effect in effects {
            switch effect {
            case .commit(let batch, let sync, let token):
                node.commits.append(batch, sync: sync, token)
                serveDisk(of: node)
            case .dial(let peer, let addresses): dial(peer, at: addresses, from: node.index)
            case .disconnect(let peer, let reason):
                guard let other = numbers[peer], let connection = participants[node.index].connections[other]
                else { continue }
                watch.checkDisconnect(of: other, by: node, reason, in: self)
                hangUp(connection, at: connection.end(of: node.index))
                events.insert(.tell(node, life: node.life, .disconnected(peer)), at: now)
            case .openGossip(let peer):
                if let (connection, end) = connection(of: node, to: peer) {
                    send(.openGossip(options.announcesUnwanted ? .v1_2 : .v1_1), over: connection, from: end)
                } else {
                    events.insert(.tell(node, life: node.life, .gossipClosed(peer)), at: now)
                }
            case .sendGossip(let rpc, let peer):
                guard let (connection, end) = connection(of: node, to: peer), connection[end].sendsGossip else {
                    continue
                }
                watch.checkSending(rpc, by: node, in: self)
                send(.gossip(rpc), over: connection, from: end)
            case .openStream(let stream, let peer, let name): openStream(stream, to: peer, name, at: node)
            case .sendFrame(let bytes, let stream): sendFrame(bytes, on: stream, at: node)
            case .closeStream(let stream, let end): closeStream(stream, end, at: node)
            case .answer(let request, let answer): take(answer, to: request, of: node)
            case .notify(let notice): take(notice, of: node)
            }
        }
    }

    /// The open connection of a node to a peer.
    func connection(of node: HonestNode, to peer: PeerID) -> (Connection, ConnectionEnd)? {
        guard let other = numbers[peer], let connection = participants[node.index].connections[other] else {
            return nil
        }
        return (connection, connection.end(of: node.index))
    }

    // MARK: The disk

    private func serveDisk(of node: HonestNode) {
        guard node.commits.beginGroup() else { return }
        let isSynced = node.commits.underWay.contains(where: \.isSynced)
        // Without a sync, a write goes to the page cache.
        let time = isSynced ? Self.random(options.syncTime / 2...options.syncTime * 3 / 2, &diskRandom) : 50_000
        if isSynced, let kind = node.crashesAtCommit {
            node.crashesAtCommit = nil
            let moment = UInt64.random(in: 0..<time, using: &faultRandom)
            events.insert(.crash(node, life: node.life, kind), at: now.advanced(by: .nanoseconds(Int64(moment))))
        }
        events.insert(.diskDone(node, life: node.life), at: now.advanced(by: .nanoseconds(Int64(time))))
    }

    private func finishCommits(of node: HonestNode) {
        guard let (batch, sync, token) = node.commits.endGroup() else { return }
        do {
            try node.store?.write(batch, sync: sync)
        } catch {
            return handle(.commitFailed(token, error), at: node)
        }
        handle(.committed(through: token), at: node)
        serveDisk(of: node)
    }

    // MARK: The trace

    func trace(_ kind: Int, _ participant: Int, _ detail: Int = 0) {
        trace.mix(now.nanoseconds)
        trace.mix(UInt64(kind) << 56 ^ UInt64(participant) << 32 ^ UInt64(truncatingIfNeeded: detail) & 0xffff_ffff)
    }
}
