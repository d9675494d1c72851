internal import CryptoCore
internal import Discovery
internal import Gossip
internal import KeyValueStorage
internal import NodeCore
internal import PeerProtocols

extension Simulation {
    /// Makes the participants: honest nodes first, adversaries after them.
    func populate() throws {
        for index in 0..<options.nodeCount {
            let key = network.keys[index]
            let id = PeerIdentity(privateKey: key).id
            let address = SimulatedAddresses.address(of: index, id: id)
            let role: Participant.Role
            if index < options.honestCount {
                let clockError = Int64.random(in: -1_000...1_000, using: &workRandom)
                role = .honest(HonestNode(index: index, clockError: clockError))
            } else {
                role = .adversary(Adversary(index: index, behaviour: behaviour(ofAdversary: index)))
            }
            numbers[id] = index
            participants.append(
                Participant(
                    index: index,
                    key: key,
                    id: id,
                    address: address,
                    role: role,
                    identification: PeerIdentification(
                        agentVersion: "tabellion-sim",
                        protocolVersion: network.configuration.protocolVersion,
                        protocols: protocols,
                        listenAddresses: [address.withoutPeerID],
                        observedAddress: nil,
                        signedRecord: options.usesFullDiscovery ? signedRecord(of: key, at: address) : nil
                    )
                )
            )
        }
    }

    /// A participant's address, signed by it: verified by each peer, which takes more time than anything else.
    private func signedRecord(of key: Secp256k1PrivateKey, at address: Multiaddr) -> [UInt8]? {
        SignedPeerRecord(
            addresses: [address.withoutPeerID],
            sequenceNumber: 1,
            by: PeerIdentity(privateKey: key)
        )?.envelope
    }

    /// What every participant accepts streams for.
    private var protocols: Set<ProtocolName> {
        Set(
            [.identify, .ping] + GossipVersion.allCases.compactMap { ProtocolName($0.rawValue) }
                + network.framedProtocols.keys
        )
    }

    /// Enters what is known beforehand: starts, attestations, the fault, looks at everything.
    func schedule() {
        for participant in participants {
            let start = Self.random(.zero...options.startSpread, &workRandom)
            events.insert(.start(node: participant.index), at: moment(.nanoseconds(Int64(start))))
        }
        let interval = Duration.seconds(1) / options.messagesPerSecond
        var time = options.warmUp
        var number = 0
        while time < options.warmUp + options.publishing {
            let shift = Self.random(.zero...interval, &workRandom)
            events.insert(.publish(number), at: moment(time + .nanoseconds(Int64(shift))))
            number += 1
            time += interval
        }
        ledger.expectedCount = number
        scheduleFault()
        events.insert(.review, at: moment(.seconds(1)))
    }

    /// Starts a participant, for the first time or again.
    func start(_ index: Int) {
        let participant = participants[index]
        participant.isReachable = true
        if let adversary = participant.adversary { return begin(adversary) }
        guard let node = participant.honest, !node.isRunning else { return }
        do {
            let store = try MemoryStore(node.disk, layout: NodeStore.layout(network: network.id))
            if node.life == 0 { try remember(knownPeers(of: node), in: store) }
            let machine = try NodeMachine(
                configuration: network.configuration,
                key: participant.key,
                store: store,
                seed: nodeSeeds.nextBlock(),
                now: instant(node)
            )
            let core = RealCore(machine)
            let isLate = now >= moment(options.faultEnd)
            let faulty = options.plantedFault.map {
                FaultyCore(core, fault: $0, index: index, isLate: isLate, network: network)
            }
            node.begin(core: faulty ?? core, store: store, now: now)
            let time = max(now, moment(options.faultEnd)).advanced(by: options.bound)
            events.insert(.returnDeadline(node, life: node.life), at: time)
        } catch {
            return watch.report(.startFailed(node: index, reason: "\(error)"), at: now)
        }
        checkStore(of: node)
        handle(.started(listening: [participant.address.withoutPeerID]), at: node)
    }

    /// Whom a node met in an earlier life, before the run.
    private func knownPeers(of node: HonestNode) -> [Participant] {
        var chosen: [Int] = []
        let count = min(options.knownPeerCount, knownCandidateCount - 1)
        while chosen.count < count {
            let candidate = Int.random(in: 0..<knownCandidateCount, using: &workRandom)
            if candidate != node.index, !chosen.contains(candidate) { chosen.append(candidate) }
        }
        return chosen.map { participants[$0] }
    }

    /// Writes peers into a node's address book, as if it had reached them.
    private func remember(_ peers: [Participant], in store: MemoryStore) throws {
        let time = UnixTime(milliseconds: UInt64(SimulatedNetwork.unixBeginning - 3_600_000))
        var book = AddressBook(configuration: AddressBookConfiguration(), stored: [], now: time)
        for peer in peers {
            if let endpoint = PeerEndpoint(peer.address) { book.reached(peer.id, at: endpoint, now: time) }
        }
        var batch = WriteBatch()
        for case .store(let entry) in book.takeChanges(limit: .max) {
            try batch.put(in: NodeStore.peers, PeerKey(entry.peer), entry)
        }
        try store.write(batch, sync: true)
    }

    /// An eclipse begins from a network that was honest; other adversaries are known like anyone.
    private var knownCandidateCount: Int {
        options.fault == .eclipse ? options.honestCount : options.nodeCount
    }
}
