internal import Attestations
internal import Discovery
internal import Gossip
internal import KeyValueStorage
internal import NodeCore
internal import PeerProtocols
internal import Records

/// The real core with a planted fault in every fifth node.
final class FaultyCore: NodeDeciding {
    private let core: RealCore
    private let fault: PlantedFault?
    private let network: SimulatedNetwork
    private let identity: PeerIdentity
    private var neighbours: [PeerID] = []
    private var messageCount = 0
    private var recorded: [NodeNotice] = []

    /// - Parameter isLate: Whether this life began when the run's fault was over.
    init(_ core: RealCore, fault: PlantedFault, index: Int, isLate: Bool, network: SimulatedNetwork) {
        self.core = core
        self.fault = index % 5 == 1 && (isLate || fault != .isDeafAfterLateReturn) ? fault : nil
        self.network = network
        identity = PeerIdentity(privateKey: network.keys[index])
    }

    var nextWake: MonotonicInstant { core.nextWake }
    var gossipStatistics: GossipStatistics { core.gossipStatistics }
    var gossipOccupancy: GossipOccupancy { core.gossipOccupancy }
    var discoveryOccupancy: DiscoveryOccupancy? { core.discoveryOccupancy }
    var occupancy: NodeOccupancy { core.occupancy }
    var heldGossip: HeldGossip { core.heldGossip }

    func score(of peer: PeerID) -> Double { fault == .slanders ? -2_000 : core.score(of: peer) }
    func isGraylisted(_ peer: PeerID) -> Bool { core.isGraylisted(peer) }
    func mesh(of topic: GossipTopic) -> [PeerID] { core.mesh(of: topic) }

    func handle(_ event: NodeEvent, now: NodeInstant) -> [NodeEffect] {
        guard let fault else { return core.handle(event, now: now) }
        note(event)
        var effects = isKept(event, from: fault) ? [] : core.handle(event, now: now)
        switch (fault, event) {
        case (.forwardsInvalid, .gossipReceived(let rpc, let sender)):
            let invalid = rpc.messages.filter { !network.signatures.isGood($0) || !isRecord($0) }
            effects += forward(invalid, except: sender)
        case (.forwardsUnsafe, .gossipReceived(let rpc, let sender)):
            effects += forward(rpc.messages, except: sender)
        case (.acceptsTwice, .gossipReceived(let rpc, _)):
            if !rpc.messages.isEmpty, let notice = recorded.last { effects.append(.notify(notice)) }
        case (.floodsDisk, .gossipReceived):
            for _ in 0..<20 { effects.append(.commit(WriteBatch(), sync: true, CommitToken(number: 0))) }
        case (.isDeaf, _), (.isDeafAfterLateReturn, _): effects.removeAll(where: isAttempt)
        case (.invents, .gossipReceived):
            effects.append(.notify(.recorded(AttestationID(Bytes32.zero), .own)))
        case (.spoilsStore, .gossipReceived):
            var batch = WriteBatch()
            batch.put(key: StoreRecords.schemaKey, value: [0xff])
            effects.append(.commit(batch, sync: true, CommitToken(number: 0)))
        case (.exceedsEncoding, .gossipReceived(_, let sender)):
            let limit = network.configuration.gossip.limits
            effects.append(.sendGossip(Self.unreadable(limit), to: sender))
        case (.blames, .gossipReceived(let rpc, let sender)):
            messageCount += rpc.messages.count
            if messageCount > 20 { effects.append(.disconnect(sender, .graylisted)) }
        default: break
        }
        return effects.map { altered($0, by: fault) }
    }

    private func note(_ event: NodeEvent) {
        switch event {
        case .gossipOpened(let peer, _): neighbours.append(peer)
        case .disconnected(let peer): neighbours.removeAll { $0 == peer }
        default: break
        }
    }

    /// What a deaf node does not hear.
    private func isKept(_ event: NodeEvent, from fault: PlantedFault) -> Bool {
        guard [.isDeaf, .isDeafAfterLateReturn].contains(fault), case .gossipReceived(let rpc, _) = event else {
            return false
        }
        return !rpc.messages.isEmpty
    }

    /// How a deaf node would come by what it missed, and what it would say of those who do not answer what it did not
    /// ask.
    private func isAttempt(_ effect: NodeEffect) -> Bool {
        switch effect {
        case .openStream(_, _, let name): name == FramedProtocol.sync.name
        case .notify(.misbehaved): true
        default: false
        }
    }

    private func altered(_ effect: NodeEffect, by fault: PlantedFault) -> NodeEffect {
        switch (fault, effect) {
        case (.acceptsTwice, .notify(let notice)):
            if case .recorded = notice { recorded.append(notice) }
            return effect
        case (.skipsSync, .commit(let batch, _, let token)): return .commit(batch, sync: false, token)
        case (.altersStore, .commit(let batch, let sync, let token)):
            return .commit(Self.altered(batch), sync: sync, token)
        case (.refusesToSign, .answer(let request, .attested)): return .answer(request, .refused(.busy))
        case (.alters, .sendGossip(var rpc, let peer)):
            rpc.messages = rpc.messages.map { message in
                var data = Array(message.data)
                if !data.isEmpty { data[data.count - 1] ^= 1 }
                return GossipMessage(
                    topic: message.topic,
                    data: data,
                    source: message.source,
                    sequenceNumber: message.sequenceNumber,
                    signature: Array(message.signature)
                )
            }
            return .sendGossip(rpc, to: peer)
        case (.reusesNumbers, .sendGossip(var rpc, let peer)):
            rpc.messages = rpc.messages.map { message in
                guard message.source == identity.id else { return message }
                return MessageSigning.sign(
                    Array(message.data),
                    topic: message.topic,
                    sequenceNumber: 7,
                    author: identity
                ) ?? message
            }
            return .sendGossip(rpc, to: peer)
        default: return effect
        }
    }

    /// The batch with another signature under each record.
    private static func altered(_ batch: WriteBatch) -> WriteBatch {
        var result = WriteBatch()
        for change in batch.changes {
            switch change {
            case .put(let key, var value):
                // The value of a notarization ends with its signature.
                if key.first == NodeStore.notarizations.prefix, value.count > 40 { value[value.count - 20] ^= 1 }
                result.put(key: key, value: value)
            case .remove(let key): result.remove(key: key)
            }
        }
        return result
    }

    /// An RPC with more entries than anybody reads.
    private static func unreadable(_ limits: GossipLimits) -> GossipRPC {
        let subscription = GossipTopic("t").map { GossipRPC.Subscription(topic: $0, isJoined: true) }
        let entries = [GossipRPC.Subscription?](repeating: subscription, count: limits.subscriptionCountMax + 1)
        return GossipRPC(subscriptions: entries.compactMap { $0 })
    }

    private func forward(_ messages: [GossipMessage], except sender: PeerID) -> [NodeEffect] {
        guard !messages.isEmpty else { return [] }
        return neighbours.filter { $0 != sender }.map { .sendGossip(GossipRPC(messages: messages), to: $0) }
    }

    private func isRecord(_ message: GossipMessage) -> Bool {
        guard let decoded = try? network.records.decode(Array(message.data)) else { return false }
        return network.configuration.membership.isMember(decoded.header.notary, at: decoded.header.endTime)
            && (try? network.records.verify(decoded)) != nil
    }
}
