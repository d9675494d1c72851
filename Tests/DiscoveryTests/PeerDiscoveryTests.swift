import CryptoCore
import Discovery
import PeerProtocols
import Testing

struct PeerDiscoveryTests {
    private let here = address("/ip4/203.0.113.1/tcp/4001")
    private let kad: ProtocolName = "/tabellion/kad/1.0.0"

    private func discovery(
        stored: [AddressBookEntry] = [],
        _ change: (inout DiscoveryConfiguration) -> Void = { _ in }
    ) throws -> PeerDiscovery {
        var configuration = DiscoveryConfiguration()
        change(&configuration)
        return try PeerDiscovery(
            ownID: peer(0),
            configuration: configuration,
            stored: stored,
            seed: Block(1, 2),
            now: instant(0),
            time: time(0)
        )
    }

    private func place(_ number: Int, port: Int = 4001) -> Multiaddr {
        address("/ip4/\(20 + number / 250).\(number % 250).0.1/tcp/\(port)")
    }

    /// A peer connects, says that it is a server, and answers the question that follows.
    private func join(_ number: Int, _ discovery: inout PeerDiscovery, at milliseconds: UInt64 = 1) -> Bool {
        let id = peer(UInt64(number))
        _ = discovery.connected(id, address: place(number, port: 9), isOutbound: false, now: instant(milliseconds))
        let effects = discovery.identified(
            id,
            protocols: [kad],
            listenAddresses: [place(number)],
            now: instant(milliseconds)
        )
        guard effects.contains(where: { if case .request(_, id) = $0 { true } else { false } }) else { return false }
        let answer = KademliaMessage(.findNode, key: peer(0).bytes)
        _ = discovery.receive(response: answer.encoded, from: id, now: instant(milliseconds))
        return discovery.table.entry(of: id) != nil
    }

    private func requests(_ effects: [DiscoveryEffect]) -> [PeerID] {
        effects.compactMap { if case .request(_, let peer) = $0 { peer } else { nil } }
    }

    private func dials(_ effects: [DiscoveryEffect]) -> [PeerID] {
        effects.compactMap { if case .dial(let peer, _) = $0 { peer } else { nil } }
    }

    // MARK: The table

    @Test func onlyWhoAnsweredEnters() throws {
        var discovery = try discovery()
        let effects = discovery.connected(peer(1), address: place(1), isOutbound: false, now: instant(0))
        #expect(effects.isEmpty)
        let asked = discovery.identified(peer(1), protocols: [kad], listenAddresses: [place(1)], now: instant(0))
        #expect(asked == [.request(KademliaMessage(.findNode, key: peer(0).bytes).encoded, to: peer(1))])
        #expect(discovery.table.count == 0)
        _ = discovery.receive(
            response: KademliaMessage(.findNode, key: peer(0).bytes).encoded,
            from: peer(1),
            now: instant(50)
        )
        #expect(discovery.table.entries.map(\.peer) == [peer(1)])
        // An answer that nobody asked for does nothing.
        _ = discovery.connected(peer(2), address: place(2), isOutbound: false, now: instant(60))
        let unasked = KademliaMessage(.findNode, closerPeers: [.init(id: peer(3), endpoints: [])])
        #expect(discovery.receive(response: unasked.encoded, from: peer(2), now: instant(61)).isEmpty)
        #expect(discovery.table.count == 1)
    }

    @Test func clientsAndOtherNetworksStayOut() throws {
        var discovery = try discovery { $0.protocols = ["/tabellion/main/kad/1.0.0"] }
        for (number, protocols) in [[], ["/ipfs/kad/1.0.0"], ["/tabellion/test/kad/1.0.0"]].enumerated() {
            let id = peer(UInt64(number + 1))
            _ = discovery.connected(id, address: place(number), isOutbound: true, now: instant(0))
            let names = protocols.compactMap { ProtocolName($0) }
            #expect(discovery.identified(id, protocols: names, listenAddresses: [], now: instant(0)).isEmpty)
        }
        let server = discovery.connected(peer(9), address: place(9), isOutbound: true, now: instant(0))
        #expect(server.isEmpty)
        let name: ProtocolName = "/tabellion/main/kad/1.0.0"
        let asked = discovery.identified(peer(9), protocols: [name], listenAddresses: [], now: instant(0))
        #expect(requests(asked) == [peer(9)])
        // A server that becomes a client leaves.
        _ = discovery.receive(response: KademliaMessage(.findNode).encoded, from: peer(9), now: instant(1))
        #expect(discovery.table.count == 1)
        _ = discovery.identified(peer(9), protocols: [], listenAddresses: [], now: instant(2))
        #expect(discovery.table.count == 0)
    }

    @Test(arguments: ["ff", "0805", "", "0804" + "4a0a" + "0a02", "0802"])
    func answersThatAreNoneCostThePeer(_ hex: String) throws {
        var discovery = try discovery()
        _ = discovery.connected(peer(1), address: place(1), isOutbound: true, now: instant(0))
        _ = discovery.identified(peer(1), protocols: [kad], listenAddresses: [], now: instant(0))
        let effects = discovery.receive(response: bytes(hex), from: peer(1), now: instant(9))
        #expect(effects == [.penalize(peer(1), .malformedMessage)])
        #expect(discovery.table.count == 0)
        #expect(discovery.occupancy.requestCount == 0)
        #expect(discovery.statistics.offences == 1)
    }

    @Test func silentPeersAreGivenUp() throws {
        var discovery = try discovery()
        _ = discovery.connected(peer(1), address: place(1), isOutbound: true, now: instant(0))
        _ = discovery.identified(peer(1), protocols: [kad], listenAddresses: [], now: instant(0))
        #expect(discovery.nextWake <= instant(10_000))
        #expect(!discovery.advance(to: instant(9_999)).contains(.cancelRequest(peer(1))))
        #expect(discovery.advance(to: instant(10_000)).contains(.cancelRequest(peer(1))))
        #expect(discovery.occupancy.requestCount == 0)
        // What still comes is ignored.
        let answer = KademliaMessage(.findNode, key: peer(0).bytes)
        #expect(discovery.receive(response: answer.encoded, from: peer(1), now: instant(10_001)).isEmpty)
        #expect(discovery.table.count == 0)
    }

    @Test func thereIsOneRequestToAPeerAtATime() throws {
        var discovery = try discovery()
        for number in 1...8 { #expect(join(number, &discovery) == true) }
        var open: Set<PeerID> = []
        var pending = discovery.advance(to: instant(2))
        for number in 0..<6 as Range<UInt64> {
            let (_, effects) = discovery.find(.key([UInt8(number)]), now: instant(3))
            pending += effects
        }
        var count = 0
        while !pending.isEmpty {
            let effect = pending.removeFirst()
            guard case .request(_, let peer) = effect else { continue }
            #expect(open.insert(peer).inserted)
            count += 1
            // Answer when everyone who can be was asked.
            if !pending.contains(where: { if case .request = $0 { true } else { false } }) {
                for peer in open.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
                    open.remove(peer)
                    pending += discovery.receive(
                        response: KademliaMessage(.findNode).encoded,
                        from: peer,
                        now: instant(4)
                    )
                }
            }
        }
        #expect(open.isEmpty && count > 20)
        #expect(discovery.occupancy.requestCount == 0)
    }

    // MARK: Requests of others

    @Test func requestsAreAnswered() throws {
        var discovery = try discovery()
        discovery.ownEndpoints = [endpoint("/ip4/203.0.113.1/tcp/4001")]
        for number in 1...30 { #expect(join(number, &discovery) == true) }
        func ask(_ request: KademliaMessage, _ from: UInt64 = 1) throws -> KademliaMessage? {
            let answer = discovery.receive(request: request.encoded, from: peer(from), now: instant(1_000))
            guard case .reply(let bytes) = answer else { return nil }
            return try KademliaMessage(decoding: bytes, limits: KademliaLimits())
        }
        let target = peer(77)
        let answer = try #require(try ask(KademliaMessage(.findNode, key: target.bytes)))
        #expect(answer.kind == .findNode && answer.key == target.bytes)
        let sorted = (2...30 as ClosedRange<UInt64>).map { peer($0) }.sorted {
            KademliaKey($0).distance(to: KademliaKey(target)) < KademliaKey($1).distance(to: KademliaKey(target))
        }
        // The twenty nearest, without who asks, at the addresses that they have.
        #expect(answer.closerPeers.map(\.id) == Array(sorted.prefix(20)))
        #expect(answer.closerPeers.allSatisfy { $0.endpoints.count == 1 && $0.connection == .notConnected })
        #expect(answer.closerPeers.first?.endpoints.first?.port == 4001)
        // Who is asked for by name comes first; this node, too.
        let near = try #require(try ask(KademliaMessage(.findNode, key: peer(5).bytes)))
        #expect(near.closerPeers.first?.id == peer(5) && near.closerPeers.count == 20)
        let own = try #require(try ask(KademliaMessage(.findNode, key: peer(0).bytes)))
        #expect(own.closerPeers.first?.id == peer(0))
        #expect(try ask(KademliaMessage(.ping)) == KademliaMessage(.ping))
        #expect(try ask(KademliaMessage(.getValue, key: [1])) == KademliaMessage(.getValue, key: [1]))
        #expect(try ask(KademliaMessage(.getProviders, key: [1])) == KademliaMessage(.getProviders, key: [1]))
        for (kind, expected) in [(KademliaMessage.Kind.addProvider, KademliaAnswer.none), (.putValue, .reset(nil))] {
            let request = KademliaMessage(kind, key: [1]).encoded
            #expect(discovery.receive(request: request, from: peer(1), now: instant(1_000)) == expected)
        }
        let empty = KademliaMessage(.findNode).encoded
        #expect(
            discovery.receive(request: empty, from: peer(1), now: instant(1_000)) == .reset(.malformedMessage)
        )
        #expect(discovery.receive(request: [0xff], from: peer(2), now: instant(1_000)) == .reset(.malformedMessage))
        // Strangers and, in client mode, everyone get nothing.
        #expect(discovery.receive(request: empty, from: peer(99), now: instant(1_000)) == .reset(nil))
        var client = try self.discovery { $0.mode = .client }
        _ = client.connected(peer(1), address: place(1), isOutbound: false, now: instant(0))
        let ping = KademliaMessage(.ping).encoded
        #expect(client.receive(request: ping, from: peer(1), now: instant(0)) == .reset(nil))
    }

    @Test func whoAsksTooMuchIsRefused() throws {
        var discovery = try discovery()
        _ = discovery.connected(peer(1), address: place(1), isOutbound: false, now: instant(0))
        _ = discovery.connected(peer(2), address: place(2), isOutbound: false, now: instant(0))
        let ping = KademliaMessage(.ping).encoded
        var served = 0
        for _ in 0..<1_000 {
            if case .reply = discovery.receive(request: ping, from: peer(1), now: instant(0)) { served += 1 }
        }
        #expect(served == 64)
        #expect(discovery.receive(request: ping, from: peer(1), now: instant(0)) == .reset(.tooManyRequests))
        // Others do not suffer, and after a second there are eight more.
        #expect(discovery.receive(request: ping, from: peer(2), now: instant(0)) == .reply(ping))
        served = 0
        for _ in 0..<100 {
            if case .reply = discovery.receive(request: ping, from: peer(1), now: instant(1_000)) { served += 1 }
        }
        #expect(served == 8)
    }

    @Test func onlyAddressesThatAreSoundArePassedOn() throws {
        var discovery = try discovery()
        // One that names a victim, one that this node dialled, one in a local network asked for by a stranger.
        for number in 1...3 { #expect(join(number, &discovery) == true) }
        _ = discovery.connected(peer(4), address: place(4, port: 9), isOutbound: false, now: instant(2))
        let victim = address("/ip4/8.8.8.8/tcp/53")
        _ = discovery.identified(
            peer(4),
            protocols: [kad],
            listenAddresses: [victim, address("/ip4/127.0.0.1/tcp/22"), address("/ip4/192.168.0.1/tcp/80")],
            now: instant(2)
        )
        _ = discovery.receive(response: KademliaMessage(.findNode).encoded, from: peer(4), now: instant(3))
        #expect(discovery.table.entry(of: peer(4)) != nil)
        // This node may dial what the peer says, others are not told.
        #expect(discovery.book.endpoints(of: peer(4)).map(\.address) == [victim])
        let request = KademliaMessage(.findNode, key: peer(4).bytes)
        let answer = discovery.receive(request: request.encoded, from: peer(1), now: instant(4))
        guard case .reply(let bytes) = answer else {
            Issue.record("no answer")
            return
        }
        let message = try KademliaMessage(decoding: bytes, limits: KademliaLimits())
        #expect(Set(message.closerPeers.map(\.id)) == [peer(2), peer(3)])
    }

    // MARK: Connections

    @Test func bootstrapPeersAreAskedAndDialledAgainWithPatience() throws {
        let bootstrap = [place(1).with(peer(1)), place(2).with(peer(2)), place(9).with(peer(0))]
        var discovery = try discovery { $0.bootstrap = bootstrap }
        let first = discovery.advance(to: instant(0))
        #expect(first == [.dial(peer(1), [bootstrap[0]]), .dial(peer(2), [bootstrap[1]])])
        var now: UInt64 = 0
        var dialledAt: [UInt64] = []
        _ = discovery.dialFailed(peer(1), now: instant(0))
        _ = discovery.dialFailed(peer(2), now: instant(0))
        while now < 3_600_000 {
            now += 500
            for peer in dials(discovery.advance(to: instant(now))) {
                if peer == bootstrap[0].peerID { dialledAt.append(now) }
                _ = discovery.dialFailed(peer, now: instant(now))
            }
        }
        // In an hour about a dozen times, the later the rarer, and never given up.
        #expect((9...20).contains(dialledAt.count))
        let gaps = zip(dialledAt.dropFirst(), dialledAt).map { $0 - $1 }
        #expect(gaps.suffix(4).allSatisfy { (300_000...607_000).contains($0) })
        #expect((dialledAt.first ?? 0) <= 11_000)
        // When one comes back, it is asked.
        let back = discovery.connected(peer(1), address: place(1), isOutbound: true, now: instant(now))
        #expect(back.isEmpty || requests(back) == [peer(1)])
    }

    @Test func dialsAreLimitedAndEnd() throws {
        let stored = (1...60).map { number -> AddressBookEntry in
            var book = AddressBook(configuration: AddressBookConfiguration(), now: time(0))
            let id = peer(UInt64(number))
            book.reached(id, at: PeerEndpoint(place(number)) ?? endpoint("/ip4/8.8.8.8/tcp/1"), now: time(0))
            return book[id] ?? AddressBookEntry(id)
        }
        var discovery = try discovery(stored: stored) { $0.connections.outboundTarget = 40 }
        let first = dials(discovery.advance(to: instant(0)))
        #expect(first.count == 8 && Set(first).count == 8)
        // Wishes wait until a dial ends, also by its time.
        for number in 1...60 as ClosedRange<UInt64> {
            #expect(dials(discovery.connect(to: peer(number), now: instant(1))).isEmpty)
        }
        #expect(discovery.occupancy.dialCount <= 72)
        let ended = dials(discovery.dialFailed(first[0], now: instant(2)))
        #expect(ended.count == 1)
        var later: [PeerID] = []
        for second in 1...20 as ClosedRange<UInt64> { later += dials(discovery.advance(to: instant(second * 1_000))) }
        // Seven were begun at the first moment, the eighth two milliseconds later.
        #expect(later.count == 7)
        #expect(discovery.statistics.dialsFailed == 8)
    }

    @Test func outboundConnectionsGoToDifferentNetworks() throws {
        let stored = (1...60).map { number -> AddressBookEntry in
            var book = AddressBook(configuration: AddressBookConfiguration(), now: time(0))
            let id = peer(UInt64(number))
            // Fifty of them are at one provider.
            let place = endpoint("/ip4/\(number <= 50 ? 20 : 20 + number).7.0.\(number)/tcp/1")
            book.reached(id, at: place, now: time(0))
            return book[id] ?? AddressBookEntry(id)
        }
        var discovery = try discovery(stored: stored)
        var dialled: [PeerID] = []
        for second in 0..<120 as Range<UInt64> {
            for effect in discovery.advance(to: instant(second * 1_000)) {
                guard case .dial(let peer, let addresses) = effect else { continue }
                dialled.append(peer)
                _ = discovery.connected(peer, address: addresses[0], isOutbound: true, now: instant(second * 1_000))
            }
        }
        #expect(dialled.count == 12)
        #expect((1...50 as ClosedRange<UInt64>).count { dialled.contains(peer($0)) } == 2)
    }

    /// Whom the application will not have is neither named to others nor dialled like those that were good.
    @Test func whoIsShunnedIsNotNamedAndWaits() throws {
        // Where a peer was reached is told to others.
        var book = AddressBook(configuration: AddressBookConfiguration(), now: time(0))
        book.reached(peer(1), at: try #require(PeerEndpoint(place(1))), now: time(0))
        var discovery = try discovery(stored: book.entries) { $0.connections.outboundTarget = 1 }
        for number in 1...2 { #expect(join(number, &discovery)) }
        let question = KademliaMessage(.findNode, key: peer(9).bytes).encoded
        func named(_ discovery: inout PeerDiscovery) throws -> Set<PeerID> {
            guard case .reply(let answer) = discovery.receive(request: question, from: peer(2), now: instant(2)) else {
                return []
            }
            return Set(try KademliaMessage(decoding: answer, limits: KademliaLimits()).closerPeers.map(\.id))
        }
        #expect(try named(&discovery) == [peer(1)])
        _ = discovery.shun(peer(1), now: instant(3))
        #expect(try named(&discovery).isEmpty)
        #expect(discovery.table.entry(of: peer(1)) == nil && discovery.table.entry(of: peer(2)) != nil)
        _ = discovery.disconnected(peer(1), now: instant(4))
        #expect(discovery.connect(to: peer(1), now: instant(5)).isEmpty)
        // It waits longer each time, also if it is still unwanted when it is dialled.
        var dialledAt: [UInt64] = []
        for now in stride(from: 500, through: 3_600_000, by: 500) as StrideThrough<UInt64> {
            for dialled in dials(discovery.advance(to: instant(now))) {
                if dialled == peer(1) {
                    dialledAt.append(now)
                    _ = discovery.shun(dialled, now: instant(now))
                } else {
                    _ = discovery.dialFailed(dialled, now: instant(now))
                }
            }
        }
        #expect((6...20).contains(dialledAt.count))
        #expect(zip(dialledAt, dialledAt.dropFirst()).suffix(2).allSatisfy { $1 - $0 >= 300_000 })
        #expect(discovery.statistics.peersShunned == dialledAt.count + 1)
        #expect(discovery.occupancy.dialCount == 0)
    }

    @Test func tooManyConnectionsOfOneHostAreRefused() throws {
        var discovery = try discovery()
        for number in 1...8 as ClosedRange<UInt64> {
            #expect(discovery.refusal(ofInboundFrom: place(1)) == nil)
            _ = discovery.connected(peer(number), address: place(1), isOutbound: false, now: instant(0))
        }
        #expect(discovery.refusal(ofInboundFrom: place(1)) == .tooManyOfHost)
        let refused = discovery.connected(peer(9), address: place(1), isOutbound: false, now: instant(0))
        #expect(refused == [.disconnect(peer(9), .refused(.tooManyOfHost))])
        #expect(discovery.disconnected(peer(9), now: instant(1)).isEmpty)
        #expect(discovery.connections.count == 8)
        let ping = KademliaMessage(.ping).encoded
        #expect(discovery.receive(request: ping, from: peer(9), now: instant(1)) == .reset(nil))
    }

    @Test func surplusConnectionsAreClosedExceptProtectedOnes() throws {
        var discovery = try discovery {
            ($0.connections.countMax, $0.connections.trimThreshold, $0.connections.trimTarget) = (40, 20, 10)
        }
        for number in 1...30 {
            let id = peer(UInt64(number))
            _ = discovery.connected(id, address: place(number), isOutbound: false, now: instant(0))
            discovery.setValue(Double(number), of: id)
            if number <= 5 { discovery.protect(id, .mesh) }
        }
        let effects = discovery.advance(to: instant(60_000))
        let closed = effects.compactMap { if case .disconnect(let peer, .surplus) = $0 { peer } else { nil } }
        #expect(closed == (6...25 as ClosedRange<UInt64>).map { peer($0) })
    }

    // MARK: Recommendations

    @Test func recommendedPeersAreDialledWhereTheirRecordSays() throws {
        let author = DiscoveryVectors.author.id
        var discovery = try discovery()
        let effects = discovery.connect(to: author, signedRecord: DiscoveryVectors.record, now: instant(0))
        #expect(effects == [.dial(author, DiscoveryVectors.addresses.map { $0.with(author) })])
        #expect(discovery.book[author]?.signedRecord?.sequenceNumber == 1_700_000_000)
        // While the dial is under way and while it has to wait, the recommendation is nothing new.
        #expect(discovery.connect(to: author, signedRecord: DiscoveryVectors.record, now: instant(1)).isEmpty)
        let failed = discovery.dialFailed(author, now: instant(2))
        #expect(dials(failed).isEmpty)
        #expect(dials(discovery.connect(to: author, now: instant(3))).isEmpty)
        // Itself is nobody to connect to.
        #expect(discovery.connect(to: peer(0), now: instant(4)).isEmpty)
    }

    @Test func forgedRecordsCostWhoBringsThem() throws {
        var discovery = try discovery()
        _ = discovery.connected(peer(1), address: place(1), isOutbound: true, now: instant(0))
        var forged = DiscoveryVectors.record
        forged[60] ^= 1
        let author = DiscoveryVectors.author.id
        let effects = discovery.connect(to: author, signedRecord: forged, from: peer(1), now: instant(0))
        #expect(effects.contains(.penalize(peer(1), .badSignedRecord)) && dials(effects).isEmpty)
        #expect(discovery.book[author] == nil)
        // A good record of another peer than the one recommended.
        let record = DiscoveryVectors.record
        let other = discovery.connect(to: peer(2), signedRecord: record, from: peer(1), now: instant(1))
        #expect(other.contains(.penalize(peer(1), .badSignedRecord)))
        #expect(discovery.book[author] == nil && discovery.book[peer(2)] == nil)
    }

    @Test func strangersAreLookedUp() throws {
        var discovery = try discovery()
        for number in 1...5 { #expect(join(number, &discovery) == true) }
        let effects = discovery.connect(to: peer(50), now: instant(5))
        #expect(!requests(effects).isEmpty)
        // One search is enough, and one peer knows where.
        let again = discovery.connect(to: peer(50), now: instant(6))
        #expect(requests(again).isEmpty)
        let found = KademliaMessage(
            .findNode,
            key: peer(50).bytes,
            closerPeers: [
                .init(id: peer(50), endpoints: [endpoint("/ip4/127.0.0.1/tcp/22"), endpoint("/ip4/9.9.9.9/tcp/1")])
            ]
        )
        let asked = try #require(requests(effects).first)
        let next = discovery.receive(response: found.encoded, from: asked, now: instant(7))
        // The address on this machine, which a peer from afar named, is not dialled.
        #expect(next.contains(.dial(peer(50), [address("/ip4/9.9.9.9/tcp/1").with(peer(50))])))
        let place = address("/ip4/9.9.9.9/tcp/1")
        let end = discovery.connected(peer(50), address: place, isOutbound: true, now: instant(8))
        let isFound = end.contains { effect in
            guard case .lookupEnded(_, .peer(peer(50)), let result) = effect else { return false }
            return result.isFound
        }
        #expect(isFound)
        #expect(discovery.occupancy.lookupCount <= 1)
    }

    @Test func lookupsEndByTheirTime() throws {
        var discovery = try discovery { $0.requestTimeout = .seconds(300) }
        for number in 1...5 { #expect(join(number, &discovery) == true) }
        let (number, _) = discovery.find(.peer(peer(50)), now: instant(10))
        #expect(number != nil)
        var results: [LookupResult] = []
        for second in 1...70 as ClosedRange<UInt64> {
            for effect in discovery.advance(to: instant(10 + second * 1_000)) {
                if case .lookupEnded(number, _, let result) = effect {
                    #expect(second == 60)
                    results.append(result)
                }
            }
        }
        #expect(results.count == 1 && results.first?.isFound == false)
    }

    @Test func lookupsAreBounded() throws {
        var discovery = try discovery()
        for number in 1...5 { #expect(join(number, &discovery) == true) }
        var begun = 0
        for number in 0..<100 as Range<UInt64> {
            let (lookup, _) = discovery.find(.peer(peer(1_000 + number)), now: instant(10))
            if lookup != nil { begun += 1 }
            #expect(discovery.occupancy.lookupCount <= 8)
        }
        #expect(begun <= 8)
    }

    @Test func configurationsAreChecked() {
        func error(_ change: (inout DiscoveryConfiguration) -> Void) -> DiscoveryConfigurationError? {
            do throws(DiscoveryConfigurationError) {
                var configuration = DiscoveryConfiguration()
                change(&configuration)
                try configuration.validate()
                return nil
            } catch { return error }
        }
        #expect(error { _ in } == nil)
        #expect(error { $0.exemptLoopback() } == nil)
        #expect(error { $0.protocols = [] } == .protocols)
        #expect(error { $0.bootstrap = [here] } == .bootstrap)
        #expect(error { $0.bootstrap = [address("/tcp/1").with(peer(1))] } == .bootstrap)
        #expect(error { $0.connections.trimTarget = 1_000 } == .limits)
        #expect(error { $0.lookup.concurrency = 0 } == .limits)
        #expect(error { $0.firstRefreshInterval = .seconds(3_600) } == .times)
    }
}
