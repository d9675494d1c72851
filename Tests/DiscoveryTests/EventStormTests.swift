import CryptoCore
import Discovery
import PeerProtocols
import Testing

/// Events in any order, as no sane driver and no honest peer would bring them.
struct EventStormTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func whateverHappensBoundsHold(_ seed: UInt64) throws {
        var random = BlockPRG(seed: Block(seed, 40))
        var configuration = DiscoveryConfiguration()
        configuration.bootstrap = (1...3).map { place($0).address.with(peer(UInt64($0))) }
        configuration.connections.countMax = 30
        configuration.connections.trimThreshold = 20
        configuration.connections.trimTarget = 15
        configuration.connections.dialCountMax = 4
        configuration.connections.waitingDialCountMax = 10
        configuration.book.entryCountMax = 60
        configuration.book.unverifiedCountMax = 20
        configuration.lookupCountMax = 4
        var discovery = try PeerDiscovery(
            ownID: peer(0),
            configuration: configuration,
            seed: Block(seed, 1),
            now: instant(0),
            time: time(0)
        )
        var now: UInt64 = 0
        var asked: [PeerID] = []
        var dialled: [PeerID] = []
        var storage: Set<PeerID> = []
        for _ in 0..<30_000 {
            now += UInt64.random(in: 0..<400, using: &random)
            let number = Int.random(in: 0..<150, using: &random)
            let id = peer(UInt64(number))
            let effects = step(&discovery, id, number, now, asked, dialled, &random)
            for effect in effects {
                switch effect {
                case .request(let bytes, let peer):
                    #expect(discovery.connections[peer] != nil && bytes.count < 100)
                    asked.append(peer)
                case .dial(let peer, let addresses):
                    #expect(peer != discovery.ownID && (1...4).contains(addresses.count))
                    #expect(addresses.allSatisfy { $0.peerID == peer })
                    dialled.append(peer)
                case .store(.store(let entry)): storage.insert(entry.peer)
                case .store(.remove(let peer)): #expect(storage.remove(peer) != nil)
                case .disconnect(let peer, _):
                    #expect(discovery.disconnected(peer, now: instant(now)).isEmpty)
                case .cancelRequest, .lookupEnded, .penalize: break
                }
            }
            (asked, dialled) = (asked.suffix(20), dialled.suffix(20))
            let occupancy = discovery.occupancy
            // The three configured peers may exceed the limit.
            #expect(occupancy.connectionCount <= 33 && occupancy.dialCount <= 14 && occupancy.lookupCount <= 4)
            #expect(occupancy.bookCount <= 60 && occupancy.requestCount <= occupancy.connectionCount)
            #expect(discovery.table.entry(of: discovery.ownID) == nil)
            #expect(discovery.nextWake <= instant(now + 6_000))
        }
        #expect(discovery.statistics.requestsAnswered > 100 && discovery.statistics.tableInsertions > 20)
        #expect(discovery.statistics.dials > 100 && discovery.statistics.offences > 100)
    }

    private func place(_ number: Int) -> PeerEndpoint {
        endpoint("/ip4/\(20 + number % 40).\(number).0.1/tcp/4001")
    }

    private func message(_ random: inout BlockPRG) -> [UInt8] {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return random.bytes(Int.random(in: 0..<60, using: &random))
        case 1: return DiscoveryVectors.signedAnswer
        case 2: return DiscoveryVectors.putValue
        default:
            let peers = (0..<Int.random(in: 0..<25, using: &random)).map { _ -> KademliaMessage.Peer in
                let number = Int.random(in: 0..<150, using: &random)
                return KademliaMessage.Peer(id: peer(UInt64(number)), endpoints: [place(number % 7 + number)])
            }
            return KademliaMessage(.findNode, key: random.bytes(34), closerPeers: peers).encoded
        }
    }

    private func step(
        _ discovery: inout PeerDiscovery,
        _ id: PeerID,
        _ number: Int,
        _ now: UInt64,
        _ asked: [PeerID],
        _ dialled: [PeerID],
        _ random: inout BlockPRG
    ) -> [DiscoveryEffect] {
        let now = instant(now)
        let names: [ProtocolName] = Bool.random(using: &random) ? ["/tabellion/kad/1.0.0"] : ["/other/1"]
        switch Int.random(in: 0..<16, using: &random) {
        case 0...1: return discovery.connected(id, address: place(number).address, isOutbound: false, now: now)
        case 2...3:
            let target = dialled.randomElement(using: &random) ?? id
            return discovery.connected(target, address: place(number).address, isOutbound: true, now: now)
        case 4: return discovery.dialFailed(dialled.randomElement(using: &random) ?? id, now: now)
        case 5: return discovery.disconnected(id, now: now)
        case 6...7:
            return discovery.identified(
                id,
                protocols: names,
                listenAddresses: [place(number).address, place(number + 1).address],
                signedRecord: number.isMultiple(of: 5) ? DiscoveryVectors.record : nil,
                now: now
            )
        case 8...10:
            let from = asked.randomElement(using: &random) ?? id
            return discovery.receive(response: message(&random), from: from, now: now)
        case 11: return discovery.requestFailed(asked.randomElement(using: &random) ?? id, now: now)
        case 12:
            if case .reply(let bytes) = discovery.receive(request: message(&random), from: id, now: now) {
                #expect(bytes.count < 4_096)
            }
            return []
        case 13: return discovery.find(number.isMultiple(of: 2) ? .peer(id) : .key([1, 2]), now: now).effects
        case 14: return discovery.connect(to: id, signedRecord: nil, from: peer(1), now: now)
        default: return discovery.advance(to: now)
        }
    }
}
