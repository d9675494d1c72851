import CryptoCore
import Discovery
import PeerProtocols
import Testing

/// Peers with keys, which a buyer looks at: whoever has none cannot be a notary.
private let members = (1...220).map { identity($0).id }
private let inventions = (1001...1060).map { identity($0).id }

private func member(_ number: UInt64, salt: UInt64 = 0) -> PeerID {
    (salt == 0 ? members : inventions)[Int(number)]
}

/// How a buyer finds nodes, and what a liar among those that it begins with can do.
struct NodeSearchTests {
    /// Nodes by number, each at a network of its own, and what they answer.
    private struct World {
        var now = instant(0)
        var dead: Set<Int> = []
        /// What a node names in place of the twenty nearest; by number.
        var liars: [Int: @Sendable () -> [KademliaMessage.Peer]] = [:]
        var asked: [PeerID] = []
        let nodes: [(peer: PeerID, endpoint: PeerEndpoint, key: KademliaKey)]

        init(_ count: Int) {
            nodes = (0..<count).map { (member(UInt64($0)), Self.place($0), Self.keys[$0]) }
        }

        private static let keys = members.map { KademliaKey($0) }

        static func place(_ number: Int) -> PeerEndpoint {
            endpoint("/ip4/\(20 + number / 250).\(number % 250).0.1/tcp/7047")
        }

        func address(_ number: Int) -> Multiaddr { nodes[number].endpoint.address.with(nodes[number].peer) }

        /// Answers one question as its node does, later than the one before.
        mutating func answer(_ question: NodeSearch.Question, _ search: inout NodeSearch) throws {
            asked.append(question.peer)
            now = now.advanced(by: .milliseconds(1))
            guard let number = nodes.firstIndex(where: { $0.peer == question.peer }), !dead.contains(number) else {
                return search.failed(question)
            }
            let request = try KademliaMessage(decoding: question.request, limits: KademliaLimits())
            try #require(request.kind == .findNode && request.key.count == 32)
            let key = KademliaKey(hashing: request.key)
            let honest = nodes.sorted {
                $0.key.distance(to: key) < $1.key.distance(to: key)
            }.prefix(20).map { KademliaMessage.Peer(id: $0.peer, endpoints: [$0.endpoint]) }
            let message = KademliaMessage(.findNode, key: request.key, closerPeers: liars[number]?() ?? honest)
            search.answered(question, message.encoded, at: question.addresses[0], now: now)
        }

        /// Lets a search go to its end.
        mutating func run(_ search: inout NodeSearch) throws {
            while !search.isFinished(now: now) {
                var questions: [NodeSearch.Question] = []
                while let question = search.nextQuestion(now: now) { questions.append(question) }
                try #require(!questions.isEmpty && questions.count <= 3)
                for question in questions { try answer(question, &search) }
            }
        }
    }

    private func search(
        _ known: [Multiaddr],
        seed: UInt64 = 1,
        limitsNetworks: Bool = true,
        wanted: @escaping @Sendable (PeerID) -> Bool = { _ in true },
        _ change: (inout NodeSearchConfiguration) -> Void = { _ in }
    ) -> NodeSearch {
        var configuration = NodeSearchConfiguration()
        change(&configuration)
        return NodeSearch(
            known: known,
            policy: AddressPolicy(),
            limitsNetworks: limitsNetworks,
            isWanted: wanted,
            configuration: configuration,
            seed: Block(seed, 7),
            now: instant(0)
        )
    }

    private func next(_ search: inout NodeSearch) throws -> NodeSearch.Question {
        let question = search.nextQuestion(now: instant(0))
        return try #require(question)
    }

    private func draws(_ choice: NodeChoice) -> [NodeChoice.Node] {
        var choice = choice
        var nodes: [NodeChoice.Node] = []
        while let node = choice.next() { nodes.append(node) }
        return nodes
    }

    @Test func threeKnownNodesLeadAnywhere() throws {
        var counts: [PeerID: Int] = [:]
        for seed in 0..<300 {
            var world = World(200)
            var search = search((0..<3).map(world.address), seed: UInt64(seed))
            try world.run(&search)
            #expect(world.asked.count <= 12 && Set(world.asked).count == world.asked.count)
            var choice = search.choice
            #expect(choice.count > 20)
            let node = choice.next()
            counts[try #require(node).peer, default: 0] += 1
        }
        // The file's three have their share and no more; the others are drawn from the whole network.
        let known = (0..<3).reduce(0) { $0 + (counts[member(UInt64($1))] ?? 0) }
        #expect((40...130).contains(known), "\(known)")
        #expect(counts.count > 120, "\(counts.count)")
    }

    @Test func everyoneOfASmallNetworkIsFoundAndDrawnOnce() throws {
        var world = World(8)
        var search = search([world.address(5)])
        try world.run(&search)
        let drawn = draws(search.choice)
        #expect(Set(drawn.map(\.peer)) == Set(world.nodes.map(\.peer)) && drawn.count == 8)
        for node in drawn {
            let number = try #require(world.nodes.firstIndex { $0.peer == node.peer })
            #expect(node.addresses == [world.address(number)])
        }
    }

    /// One of three known nodes names invented nodes only: they get its walk's share of the draws, however many they are.
    @Test func aLiarControlsItsOwnWalkOnly() throws {
        var lies = 0
        for seed in 0..<300 {
            var world = World(200)
            world.liars[0] = {
                (0..<20).map { .init(id: member(UInt64($0), salt: 9), endpoints: [World.place(400 + $0)]) }
            }
            let honest = Set(world.nodes.map(\.peer))
            var search = search((0..<3).map(world.address), seed: UInt64(seed))
            try world.run(&search)
            // Its inventions do not answer, or they would be members like any other.
            let node = try #require(draws(search.choice).first)
            if !honest.contains(node.peer) || node.peer == member(0) { lies += 1 }
        }
        // A fourth of the draws is the liar's walk, a twelfth the liar itself.
        #expect((50...150).contains(lies), "\(lies)")
    }

    @Test func manyNodesOfOneNetworkCountAsFour() throws {
        func found(limitsNetworks: Bool) throws -> Int {
            var world = World(1)
            world.liars[0] = {
                (0..<20).map {
                    KademliaMessage.Peer(
                        id: member(UInt64($0), salt: 9),
                        endpoints: [endpoint("/ip4/99.1.0.\($0 + 1)/tcp/1")]
                    )
                }
            }
            var search = search([world.address(0)], limitsNetworks: limitsNetworks)
            try world.run(&search)
            return search.choice.count
        }
        #expect(try found(limitsNetworks: true) == 1 + 4)
        #expect(try found(limitsNetworks: false) == 1 + 20)
    }

    @Test func addressesThatAStrangerHasNoBusinessToNameAreNotTaken() throws {
        var world = World(1)
        world.liars[0] = {
            [
                .init(id: member(50), endpoints: [endpoint("/ip4/127.0.0.1/tcp/22")]),
                .init(id: member(51), endpoints: [endpoint("/ip4/192.168.0.1/tcp/80")]),
                .init(id: member(52), endpoints: [endpoint("/dns4/inside.example/tcp/80")]),
                .init(id: member(53), endpoints: []),
                .init(id: member(54), endpoints: [endpoint("/ip4/10.0.0.1/tcp/80"), endpoint("/ip4/99.1.0.1/tcp/1")]),
            ]
        }
        var search = search([world.address(0)])
        try world.run(&search)
        let drawn = draws(search.choice)
        #expect(Set(drawn.map(\.peer)) == [member(0), member(54)])
        #expect(drawn.first { $0.peer == member(54) }?.addresses.count == 1)
    }

    @Test func onlyThoseWhoMaySignAreDrawnAndTheOthersAreAskedAllTheSame() throws {
        var world = World(30)
        let members: Set<PeerID> = [member(11), member(12)]
        var search = search([world.address(0), world.address(1)], wanted: { members.contains($0) })
        try world.run(&search)
        let drawn = draws(search.choice)
        #expect(!drawn.isEmpty && Set(drawn.map(\.peer)).isSubset(of: members))
        #expect(world.asked.contains(member(0)))
    }

    @Test func deadNodesAreReplacedAndDrawnLast() throws {
        var world = World(40)
        world.dead = Set(0..<5)
        var search = search((0..<6).map(world.address))
        try world.run(&search)
        #expect(world.asked.contains(member(5)))
        let drawn = draws(search.choice).map(\.peer)
        let failed = Set(world.asked.filter { world.dead.map { member(UInt64($0)) }.contains($0) })
        #expect(!failed.isEmpty)
        #expect(Set(drawn.suffix(failed.count)) == failed)
    }

    @Test func nothingAnswers() throws {
        var world = World(20)
        world.dead = Set(0..<20)
        var search = search((0..<20).map(world.address))
        try world.run(&search)
        #expect(world.asked.count == 12)
        #expect(draws(search.choice).count == 20)
        var empty = self.search([])
        let question = empty.nextQuestion(now: instant(0))
        #expect(question == nil && empty.isFinished(now: instant(0)))
        #expect(draws(empty.choice).isEmpty)
    }

    /// Half a second after the first answer the search is over, whoever keeps it waiting.
    @Test func whoIsSlowIsNotWaitedFor() throws {
        var world = World(200)
        var search = search((0..<3).map(world.address))
        let first = try next(&search)
        let second = try next(&search)
        let third = try next(&search)
        let fourth = search.nextQuestion(now: instant(0))
        #expect(fourth == nil)
        #expect(!search.isFinished(now: instant(4_999)) && search.isFinished(now: instant(5_000)))
        world.now = instant(900)
        try world.answer(first, &search)
        #expect(!search.isFinished(now: instant(1_000)))
        #expect(search.isFinished(now: instant(1_401)))
        let late = search.nextQuestion(now: instant(1_401))
        #expect(late == nil)
        // A late answer may still be counted in, it prolongs nothing.
        world.now = instant(1_300)
        try world.answer(second, &search)
        #expect(search.isFinished(now: instant(1_401)))
        #expect(search.choice.count > 20)
        // Who was asked and has not answered is drawn last.
        #expect(draws(search.choice).last?.peer == third.peer)
    }

    @Test func whatIsNoAnswerIsAFailure() throws {
        for bytes in [[], [8, 5], [0xff], KademliaMessage(.getValue).encoded] as [[UInt8]] {
            let world = World(3)
            var search = search([world.address(0)])
            let question = try next(&search)
            search.answered(question, bytes, at: question.addresses[0], now: instant(1))
            #expect(search.isFinished(now: instant(1)))
            #expect(draws(search.choice).map(\.peer) == [member(0)])
        }
        // Nor is what was not asked.
        let world = World(3)
        var search = search([world.address(0), world.address(1)])
        _ = try next(&search)
        var other = self.search([world.address(2)])
        let stranger = try next(&other)
        search.answered(stranger, DiscoveryVectors.answer, at: world.address(2), now: instant(1))
        #expect(search.choice.count == 2 && !search.isFinished(now: instant(1)))
    }

    @Test func falseAddressesDoNotHideTrueOnes() throws {
        var choice = NodeChoice(seed: Block(3, 3))
        let wrong = endpoint("/ip4/99.0.0.1/tcp/1").address.with(member(1))
        let right = endpoint("/ip4/20.0.0.1/tcp/1").address.with(member(1))
        choice.add([.init(peer: member(1), addresses: [wrong])])
        choice.add([.init(peer: member(1), addresses: [right])])
        let drawn = draws(choice)
        #expect(drawn.count == 1 && Set(drawn[0].addresses) == [wrong, right])
    }
}
