internal import CryptoCore
internal import Gossip
internal import NodeCore
internal import PeerProtocols

extension Simulation {
    /// Whom an eclipse is meant for: a node that is none of those that everybody knows.
    var victim: Int { min(SimulatedNetwork.bootstrapCount, options.honestCount - 1) }

    /// What the adversary with this index does.
    func behaviour(ofAdversary index: Int) -> Adversary.Behaviour {
        let number = index - options.honestCount
        return switch options.fault {
        case .spam: .spam(SpamKind.allCases[number % SpamKind.allCases.count])
        case .eclipse: .eclipse(victim: victim)
        default: .sybil
        }
    }

    /// An adversary comes: it connects to its targets, and goes on every second.
    func begin(_ adversary: Adversary) {
        var targets: [Int] = []
        if case .eclipse(let victim) = adversary.behaviour { targets.append(victim) }
        let count = min(options.knownPeerCount + targets.count, options.honestCount)
        while targets.count < count {
            let target = Int.random(in: 0..<options.honestCount, using: &attackRandom)
            if !targets.contains(target) { targets.append(target) }
        }
        adversary.targets = targets
        for target in targets { dial(participants[target].id, at: [], from: adversary.index) }
        let phase = Self.random(.zero...(.seconds(1)), &attackRandom)
        events.insert(
            .attack(participant: adversary.index),
            at: now.advanced(by: .seconds(1) + .nanoseconds(Int64(phase)))
        )
    }

    /// An adversary has a connection.
    func meet(_ peer: Int, over connection: Connection, at end: ConnectionEnd, of adversary: Adversary) {
        send(.openGossip(.v1_2), over: connection, from: end)
    }

    /// An adversary lost a connection; it comes again at its next turn.
    func lose(_ peer: Int, of adversary: Adversary) {
        trace(14, adversary.index, peer)
    }

    /// A frame reaches an adversary: it answers what it has to, so that it is taken for a node.
    func take(
        _ frame: LinkFrame,
        from sender: Int,
        over connection: Connection,
        at end: ConnectionEnd,
        of adversary: Adversary
    ) {
        switch frame {
        case .identifyRequest:
            send(.identify(participants[adversary.index].identification), over: connection, from: end)
        case .openGossip(let version): send(.gossipOpened(version), over: connection, from: end)
        case .gossipOpened:
            connection[end].sendsGossip = true
            let subscription = GossipRPC.Subscription(topic: network.topic, isJoined: true)
            say(GossipRPC(subscriptions: [subscription], graft: [network.topic]), over: connection, from: end)
        case .gossip(let rpc):
            for message in rpc.messages { adversary.hear(message) }
        case .openStream(let number, let name): take(stream: number, name, over: connection, at: end)
        case .streamFrame(let number, let name, let isOpener, let bytes):
            if isOpener { answer(bytes, on: number, name, over: connection, at: end, by: adversary) }
        case .identify, .malformedGossip, .gossipClosed, .streamAccepted, .streamEnd, .close: break
        }
    }

    /// What an adversary lets wait for its uplink; what it cannot send soon, it does not make.
    private static var backlogByteCountMax: Int { 256 << 10 }

    /// Sends an adversary's RPC, unless its uplink does not keep up.
    func say(_ rpc: GossipRPC, over connection: Connection, from end: ConnectionEnd) {
        guard connection[end].sendsGossip, connection[end].outbox?.byteCount ?? 0 <= Self.backlogByteCountMax else {
            return
        }
        faults.attackCount += 1
        send(.gossip(rpc), over: connection, from: end)
    }

    /// An adversary's turn.
    func attack(_ adversary: Adversary) {
        events.insert(.attack(participant: adversary.index), at: now.advanced(by: .seconds(1)))
        let participant = participants[adversary.index]
        for target in adversary.targets where participant.connections[target] == nil {
            // Not at once, so that not every second is a handshake.
            guard Int.random(in: 0..<5, using: &attackRandom) == 0 else { continue }
            dial(participants[target].id, at: [], from: adversary.index)
        }
        guard faults.isActive else { return }
        let connections = participant.sortedConnections
        switch adversary.behaviour {
        case .sybil:
            let message = Bool.random(using: &attackRandom) ? forgery() : invalidMessage(by: adversary)
            let rpc = GossipRPC(messages: message.map { [$0] } ?? [], graft: [network.topic])
            for connection in connections { say(rpc, over: connection, from: connection.end(of: adversary.index)) }
        case .spam(let kind):
            for connection in connections { spam(kind, by: adversary, over: connection) }
        case .eclipse:
            for connection in connections {
                let rpc = GossipRPC(graft: [network.topic])
                // Now and then, as an honest peer may, so that it stays in good standing.
                guard Int.random(in: 0..<60, using: &attackRandom) == 0 else { continue }
                say(rpc, over: connection, from: connection.end(of: adversary.index))
            }
        }
    }
}
