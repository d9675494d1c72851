import CryptoCore
import Discovery
import PeerProtocols
import Testing

struct LookupTests {
    private typealias Known = (peer: PeerID, endpoints: [PeerEndpoint])

    private func place(_ number: Int, port: Int = 1) -> PeerEndpoint {
        endpoint("/ip4/\(20 + number / 250).\(number % 250).0.1/tcp/\(port)")
    }

    private func known(_ numbers: some Sequence<Int>, salt: UInt64 = 0, network: Int? = nil) -> [Known] {
        numbers.map { (peer(UInt64($0), salt: salt), [place(network ?? $0, port: 1 + $0)]) }
    }

    private func lookup(
        _ goal: LookupGoal,
        _ seeds: [Known],
        paths: Int = 4,
        limitsNetworks: Bool = true,
        _ change: (inout LookupConfiguration) -> Void = { _ in }
    ) -> Lookup {
        var configuration = LookupConfiguration()
        change(&configuration)
        return Lookup(
            goal,
            seeds: seeds,
            pathCount: paths,
            configuration: configuration,
            limitsNetworks: limitsNetworks,
            now: instant(0)
        )
    }

    /// Takes out all contacts that may be under way together.
    private func contacts(_ lookup: inout Lookup) -> [Known] {
        var contacts: [Known] = []
        while let contact = lookup.nextContact() { contacts.append(contact) }
        return contacts
    }

    @Test func withoutSeedsThereIsNothingToFind() {
        var lookup = lookup(.peer(peer(1)), [])
        #expect(lookup.nextContact() == nil)
        #expect(lookup.isFinished && !lookup.result.isFound)
        #expect(lookup.result.nearest.isEmpty && lookup.result.hopCount == 0)
    }

    @Test func theNearestOfEachPathAreAskedFirst() {
        let goal = LookupGoal.key([1, 2, 3])
        let key = KademliaKey(hashing: [1, 2, 3])
        let seeds = known(1...20).sorted {
            KademliaKey($0.peer).distance(to: key) < KademliaKey($1.peer).distance(to: key)
        }
        var lookup = lookup(goal, seeds) { $0.concurrency = 4 }
        let first = contacts(&lookup).map(\.peer)
        #expect(Set(first) == Set(seeds.prefix(4).map(\.peer)))
        #expect(lookup.nextContact() == nil)
        lookup.answered(first[0], closer: [])
        #expect(lookup.nextContact() != nil)
        #expect(lookup.nextContact() == nil)
        // Peers that were not asked cannot answer.
        lookup.answered(seeds[19].peer, closer: known(100...110))
        #expect(lookup.nextContact() == nil)
    }

    @Test func aLookupOfAKeyEndsWithTheNearest() {
        // A world in which everyone names the twenty nearest of 200.
        let key = KademliaKey(hashing: [7])
        let world = known(1...200).sorted {
            KademliaKey($0.peer).distance(to: key) < KademliaKey($1.peer).distance(to: key)
        }
        var lookup = lookup(.key([7]), Array(world.suffix(20)))
        var count = 0
        while !lookup.isFinished {
            let contacts = contacts(&lookup)
            #expect(!contacts.isEmpty && contacts.count <= 10)
            for contact in contacts { lookup.answered(contact.peer, closer: Array(world.prefix(20))) }
            count += contacts.count
        }
        #expect(!lookup.result.isFound)
        #expect(lookup.result.nearest.prefix(3) == world.prefix(3).map(\.peer)[...])
        #expect(count == lookup.result.contactCount && count < 24)
        #expect(lookup.result.hopCount == 2)
    }

    @Test func pathsShareNoStep() {
        var random = BlockPRG(seed: Block(6, 6))
        let target = peer(5_000)
        var lookup = lookup(.peer(target), known(1...20), paths: 10)
        var asked: [PeerID: Int] = [:]
        while !lookup.isFinished {
            for contact in contacts(&lookup) {
                asked[contact.peer, default: 0] += 1
                let named = known((0..<20).map { _ in Int.random(in: 1...2_000, using: &random) })
                if Bool.random(using: &random) {
                    lookup.answered(contact.peer, closer: named)
                } else {
                    lookup.failed(contact.peer)
                }
            }
        }
        // Again only with an address that was not tried before; here each peer has one.
        #expect(asked.values.allSatisfy { $0 == 1 })
        #expect(asked.count == lookup.contactCount && asked.count <= 96)
    }

    @Test func theBudgetIsKept() {
        // Liars who name endless chains of nearer peers, which exist.
        let target = peer(0)
        let key = KademliaKey(target)
        let near = (1..<6_000 as Range<UInt64>).map { peer($0, salt: 1) }
            .sorted { KademliaKey($0).distance(to: key) > KademliaKey($1).distance(to: key) }
        var lookup = lookup(.peer(target), known(1...20), paths: 10, limitsNetworks: false)
        var next = 0
        var count = 0
        while !lookup.isFinished {
            for contact in contacts(&lookup) {
                let chain = near[next..<min(next + 20, near.count)].map { (peer: $0, endpoints: [place(1)]) }
                next = min(next + 20, near.count - 20)
                lookup.answered(contact.peer, closer: chain)
                count += 1
            }
            #expect(count <= 96)
        }
        #expect(count <= 96 && count > 30)
    }

    @Test func oneNetworkIsAskedLittle() {
        for limits in [true, false] {
            var lookup = lookup(.key([7]), known(1...20, network: 3), limitsNetworks: limits)
            var count = 0
            while !lookup.isFinished {
                for contact in contacts(&lookup) {
                    lookup.answered(contact.peer, closer: known(100...119, network: 3))
                    count += 1
                }
            }
            #expect(limits ? count == 4 : count > 4)
        }
    }

    @Test func furtherAddressesAreTriedOnlyWhereTheyHelp() {
        let target = peer(0)
        var lookup = lookup(.peer(target), known(1...6), paths: 6)
        let first = contacts(&lookup)
        #expect(first.count == 6)
        // Three name the target at false addresses, in all more than one attempt can try, two at the true one.
        let true_ = place(99)
        for (index, contact) in first.prefix(3).enumerated() {
            let places = (0..<8).map { place(50 + index, port: 1 + $0) }
            lookup.answered(contact.peer, closer: [(target, places)])
        }
        for contact in first[3..<5] { lookup.answered(contact.peer, closer: [(target, [true_])]) }
        let attempt = lookup.nextContact()
        #expect(attempt?.peer == target)
        // The true one has two voices.
        #expect(attempt?.endpoints.first == true_ && attempt?.endpoints.count == 3)
        lookup.failed(target)
        var tried = Set(attempt?.endpoints ?? [])
        while let next = lookup.nextContact(), next.peer == target {
            #expect(tried.isDisjoint(with: next.endpoints))
            tried.formUnion(next.endpoints)
            lookup.failed(target)
        }
        // Three of each answer, no more.
        #expect(tried.count == 10)
        lookup.answered(first[5].peer, closer: [(target, [place(98)])])
        #expect(lookup.nextContact()?.endpoints == [place(98)])
        lookup.reached(target)
        #expect(lookup.isFinished && lookup.result.isFound && lookup.nextContact() == nil)
        #expect(lookup.result.hopCount == 2)
    }

    @Test func otherPeersAreNotReached() {
        var lookup = lookup(.peer(peer(0)), known(1...6))
        lookup.reached(peer(1))
        #expect(!lookup.isFinished)
        var keyLookup = self.lookup(.key([1]), known(1...6))
        keyLookup.reached(peer(1))
        #expect(!keyLookup.isFinished)
    }
}
