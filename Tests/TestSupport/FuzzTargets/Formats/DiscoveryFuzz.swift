import CryptoCore
import Discovery
import PeerProtocols
import WireFormat

/// The input is a script: peers come and go, ask, answer, tell of themselves; time passes.
enum DiscoveryFuzz {
    static func run(_ bytes: [UInt8]) throws {
        var script = FuzzScript(bytes)
        var play = try DiscoveryPlay()
        while !script.isEmpty { try play.step(&script) }
    }

    /// Addresses near and far, of which some must not be believed.
    static let addresses: [Multiaddr] = [
        "/ip4/203.0.113.1/tcp/4001", "/ip4/203.0.113.2/tcp/4001", "/ip4/198.51.100.1/tcp/1", "/ip4/127.0.0.1/tcp/4001",
        "/ip4/192.168.1.1/tcp/80", "/ip6/2001:db8::1/tcp/4001", "/dns4/a.example/tcp/4001", "/ip4/0.0.0.0/tcp/0",
    ].compactMap { try? Multiaddr($0) }

    static func seeds() throws -> [[UInt8]] {
        let enter = (0..<4).flatMap { (peer: UInt8) -> [UInt8] in [0, peer, peer, 1, 1, peer, 0xff, 1, 3, 0] }
        func message(_ kind: UInt8, _ peer: UInt8, _ message: KademliaMessage) -> [UInt8] {
            var writer = FuzzScriptWriter()
            writer.byte(kind)
            writer.byte(peer)
            writer.block(message.encoded)
            return writer.bytes
        }
        let closer = (4..<8).map {
            KademliaMessage.Peer(
                id: FuzzIdentities.all[$0].id,
                endpoints: addresses.suffix(4).compactMap { PeerEndpoint($0) }
            )
        }
        let own = FuzzIdentities.own.id.bytes
        return [
            FuzzScriptWriter.joined(
                enter,
                message(4, 0, KademliaMessage(.findNode, key: own, closerPeers: closer)),
                [9, 10, 9, 255]
            ),
            FuzzScriptWriter.joined(
                enter,
                message(5, 1, KademliaMessage(.findNode, key: own)),
                message(5, 2, KademliaMessage(.ping))
            ),
            FuzzScriptWriter.joined(enter, [8, 5, 6, 0xff, 9, 20, 7, 5, 9, 255, 9, 255]),
            FuzzScriptWriter.joined(enter, Array([[UInt8]](repeating: [5, 0, 0, 2, 8, 5], count: 70).joined())),
            FuzzScriptWriter.joined(enter, [6, 0, 0xff, 6, 1, 1, 10, 4], [9, 100, 9, 100, 9, 100]),
            FuzzScriptWriter.joined(enter, message(5, 1, KademliaMessage(.putValue, key: [1])), [2, 0, 2, 1, 9, 1]),
        ]
    }
}

private struct DiscoveryPlay {
    private var discovery: PeerDiscovery
    private var now = FuzzIdentities.start
    private var connected: Set<PeerID> = []
    private var asked: Set<PeerID> = []
    private let configuration: DiscoveryConfiguration
    private static let name: ProtocolName = "/tabellion/kad/1.0.0"

    /// A record that its peer signed.
    private static let records = FuzzIdentities.others.map { identity in
        SignedPeerRecord(addresses: DiscoveryFuzz.addresses, sequenceNumber: 2, by: identity)?.envelope ?? []
    }

    init() throws {
        var configuration = DiscoveryConfiguration()
        configuration.bootstrap = [DiscoveryFuzz.addresses[0].with(FuzzIdentities.all[1].id)]
        configuration.book.entryCountMax = 6
        configuration.book.unverifiedCountMax = 3
        configuration.connections.dialCountMax = 2
        configuration.connections.waitingDialCountMax = 2
        configuration.connections.countMax = 5
        configuration.connections.trimThreshold = 4
        configuration.connections.trimTarget = 3
        configuration.table.bucketCountMax = 2
        configuration.lookupCountMax = 3
        configuration.requestBurstMax = 8
        // Keys for high buckets are found by trying.
        configuration.refreshedBucketMax = 3
        self.configuration = configuration
        discovery = try PeerDiscovery(
            ownID: FuzzIdentities.own.id,
            configuration: configuration,
            seed: Block(3, 4),
            now: now,
            time: UnixTime(milliseconds: 1_760_000_000_000)
        )
        discovery.ownEndpoints = [DiscoveryFuzz.addresses[5]].compactMap { PeerEndpoint($0) }
    }

    mutating func step(_ script: inout FuzzScript) throws {
        let deed = script.choice(11)
        if deed == 9 {
            now = now.advanced(by: .milliseconds(100 * (1 + Int64(script.byte()))))
            return try follow(discovery.advance(to: now))
        }
        let number = script.choice(7)
        let identity = FuzzIdentities.others[number]
        let peer = identity.id
        switch deed {
        case 0:
            let address = DiscoveryFuzz.addresses[script.choice(8)]
            // Nobody is ever reached at an address of nobody.
            let isOutbound = script.choice(2) == 1 && PeerEndpoint(address)?.scope != .unusable
            connected.insert(peer)
            try follow(discovery.connected(peer, address: address, isOutbound: isOutbound, now: now))
        case 1:
            let mask = script.byte()
            let addresses = DiscoveryFuzz.addresses.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
            try follow(
                discovery.identified(
                    peer,
                    protocols: script.choice(2) == 0 ? [] : [Self.name],
                    listenAddresses: addresses,
                    signedRecord: script.choice(4) == 3 ? Self.records[script.choice(7)] : nil,
                    now: now
                )
            )
        case 2:
            connected.remove(peer)
            asked.remove(peer)
            try follow(discovery.disconnected(peer, now: now))
        case 3: try follow(discovery.dialFailed(peer, now: now))
        case 4:
            let isAwaited = asked.remove(peer) != nil
            let effects = discovery.receive(response: script.block(), from: peer, now: now)
            if !isAwaited { try require(effects.isEmpty, "an answer that nobody asked for") }
            try follow(effects)
        case 5: try check(discovery.receive(request: script.block(), from: peer, now: now), to: peer)
        case 6:
            // An answer with as many of the others as a mask says, at addresses that it says.
            let mask = script.byte()
            asked.remove(peer)
            let peers = FuzzIdentities.all.enumerated().filter { mask >> $0.offset & 1 == 1 }.map { other in
                KademliaMessage.Peer(
                    id: other.element.id,
                    endpoints: [PeerEndpoint(DiscoveryFuzz.addresses[(other.offset + number) % 8])].compactMap { $0 }
                )
            }
            let answer = KademliaMessage(.findNode, closerPeers: peers).encoded
            try follow(discovery.receive(response: answer, from: peer, now: now))
        case 7:
            asked.remove(peer)
            try follow(discovery.requestFailed(peer, now: now))
        case 8:
            let goal: LookupGoal = script.choice(2) == 0 ? .peer(peer) : .key(script.bytes(4))
            try follow(discovery.find(goal, now: now).effects)
        default:
            let source = script.choice(2) == 0 ? nil : FuzzIdentities.others[script.choice(7)].id
            let record = script.choice(2) == 0 ? Self.records[script.choice(7)] : script.block()
            try follow(discovery.connect(to: peer, signedRecord: record, from: source, now: now))
        }
    }

    private mutating func follow(_ effects: [DiscoveryEffect]) throws {
        for effect in effects {
            switch effect {
            case .dial(let peer, let addresses):
                try require(peer != FuzzIdentities.own.id, "it dials itself")
                try require(!connected.contains(peer), "it dials who is connected")
                let most = configuration.connections.dialAddressCountMax + configuration.lookup.attemptAddressCountMax
                try require((1...most).contains(addresses.count), "it dials \(addresses.count) addresses")
                for address in addresses {
                    try requireEqual(address.peerID, peer, "the peer of an address that is dialled")
                    let scope = PeerEndpoint(address)?.scope
                    try require(scope != .unusable && PeerEndpoint(address)?.port != 0, "it dials \(address)")
                }
            case .disconnect(let peer, _):
                connected.remove(peer)
                asked.remove(peer)
            case .request(let bytes, let peer):
                try require(connected.contains(peer), "a question to a peer that is not there")
                try require(asked.insert(peer).inserted, "two questions to a peer at a time")
                let message = try KademliaMessage(decoding: bytes, limits: configuration.limits)
                try requireEqual(message.kind, .findNode, "the kind of a question")
            case .cancelRequest(let peer):
                try require(asked.remove(peer) != nil, "an end of a question that was not asked")
            case .penalize(let peer, let offence):
                try require(peer != FuzzIdentities.own.id, "it blames itself for \(offence)")
            case .lookupEnded(_, _, let result):
                try require(result.contactCount <= configuration.lookup.contactCountMax, "a lookup asks many")
            case .store(.store(let entry)):
                let bytes = entry.wireBytes
                try require(bytes.count <= AddressBookEntry.byteCountMax, "a long entry is stored")
                let again = try AddressBookEntry(wireBytes: bytes, limit: AddressBookEntry.byteCountMax)
                try requireEqual(again, entry, "an entry that is stored")
            case .store(.remove): break
            }
        }
        let occupancy = discovery.occupancy
        try require(occupancy.bookCount <= configuration.book.entryCountMax, "the book has too many")
        // The peer to begin with is always welcome.
        try require(occupancy.connectionCount <= configuration.connections.countMax + 1, "too many connections")
        try require(occupancy.dialCount <= 4, "too many dials")
        try require(occupancy.requestCount <= occupancy.connectionCount, "too many questions")
        try require(occupancy.lookupCount <= configuration.lookupCountMax, "too many lookups")
        try require(discovery.table.entries.allSatisfy { $0.peer != FuzzIdentities.own.id }, "itself in the table")
    }

    private func check(_ answer: KademliaAnswer, to peer: PeerID) throws {
        guard case .reply(let bytes) = answer else { return }
        try require(connected.contains(peer), "an answer to a peer that is not there")
        let message = try KademliaMessage(decoding: bytes, limits: configuration.limits)
        try require(message.closerPeers.count <= configuration.table.bucketCountMax, "an answer names many")
        try require(message.closerPeers.allSatisfy { $0.id != peer }, "an answer names the one who asks")
    }
}
