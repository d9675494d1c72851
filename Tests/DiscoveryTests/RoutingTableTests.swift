import CryptoCore
import Discovery
import PeerProtocols
import Testing

struct RoutingTableTests {
    private let own = peer(0)

    private func table(_ change: (inout RoutingTableConfiguration) -> Void = { _ in }) -> RoutingTable {
        var configuration = RoutingTableConfiguration()
        change(&configuration)
        return RoutingTable(own: own, configuration: configuration)
    }

    private func network(_ number: Int) -> AddressPrefix? {
        .network(of: endpoint("/ip4/\(20 + number / 250).\(number % 250).0.1/tcp/1"))
    }

    @Test func bucketsHoldWhatSharesTheirPrefix() {
        var table = table()
        for number in 1...2_000 as ClosedRange<UInt64> {
            _ = table.answered(peer(number), network: nil, now: instant(number))
        }
        let key = KademliaKey(own)
        for entry in table.entries { #expect(entry.key == KademliaKey(entry.peer)) }
        for bucket in 0..<table.bucketCount {
            let members = table.entries.filter { $0.key.commonPrefixLength(with: key) == bucket }
            #expect(members.count == table.count(inBucket: bucket))
            #expect(members.count <= 20)
        }
        // Of 2,000 peers about 1,000, 500, 250, 125, 62 and 31 fall into the first buckets, which are full.
        #expect((0..<6).allSatisfy { table.count(inBucket: $0) == 20 })
        #expect(table.bucketCount < 24)
        // The first ones stay.
        let first = (1...2_000).first { KademliaKey(peer($0)).commonPrefixLength(with: key) == 0 } ?? 0
        #expect(table.entry(of: peer(first)) != nil)
    }

    @Test func nearestPeersAreThoseOfASearchThroughAll() {
        var table = table()
        for number in 1...700 as ClosedRange<UInt64> {
            _ = table.answered(peer(number), network: nil, now: instant(number))
        }
        for number in 0..<200 as Range<UInt64> {
            let key = number == 0 ? KademliaKey(own) : KademliaKey(peer(number, salt: number.isMultiple(of: 2) ? 1 : 0))
            let sorted = table.entries.sorted { $0.key.distance(to: key) < $1.key.distance(to: key) }
            for count in [1, 5, 20, 64, 1_000] {
                #expect(table.nearest(count, to: key).map(\.peer) == sorted.prefix(count).map(\.peer))
            }
            let even = sorted.filter { $0.peer.bytes[20].isMultiple(of: 2) }
            #expect(
                table.nearest(20, to: key) { $0.peer.bytes[20].isMultiple(of: 2) }.map(\.peer)
                    == even.prefix(20).map(\.peer)
            )
        }
        #expect(self.table().nearest(20, to: KademliaKey(own)).isEmpty)
    }

    @Test func itselfAndKnownPeersDoNotEnter() {
        var table = table()
        #expect(table.answered(own, network: nil, now: instant(0)) == .ownID)
        #expect(!table.wouldAccept(own, network: nil))
        #expect(table.wouldAccept(peer(1), network: nil))
        #expect(table.answered(peer(1), network: nil, now: instant(0)) == .inserted(replaced: nil))
        #expect(!table.wouldAccept(peer(1), network: nil))
        #expect(table.answered(peer(1), network: nil, now: instant(9)) == .known)
        #expect(table.entry(of: peer(1))?.heardAt == instant(9))
        #expect(table.count == 1)
    }

    @Test func oneNetworkGetsFewPlaces() throws {
        var table = table()
        var inserted = 0
        for number in 1...1_000 as ClosedRange<UInt64> {
            // 1,000 ids in one network beside one honest peer in each of 300.
            let insertion = table.answered(peer(number), network: network(0), now: instant(number))
            if case .inserted = insertion { inserted += 1 }
            #expect((insertion == .inserted(replaced: nil)) || insertion == .networkFull || insertion == .bucketFull)
        }
        #expect(inserted == 3 && table.count == 3)
        for bucket in 0..<table.bucketCount { #expect(table.count(inBucket: bucket) <= 2) }
        for number in 1...300 {
            _ = table.answered(peer(UInt64(number), salt: 5), network: network(number), now: instant(5_000))
        }
        #expect(table.entries.count { $0.network == network(0) } == 3)
        #expect(table.count > 60)
        // A place that becomes free can be taken by the same network again.
        let leaving = try #require(table.entries.first { $0.network == network(0) })
        #expect(table.remove(leaving.peer) == true)
        #expect((1...1_000).contains { table.wouldAccept(peer($0), network: network(0)) })
    }

    @Test func deadPeersLeaveAndMakeRoom() throws {
        var table = table()
        let bucket0 = (1...200 as ClosedRange<UInt64>).map { peer($0) }
            .filter { KademliaKey($0).commonPrefixLength(with: KademliaKey(own)) == 0 }
        for (index, peer) in bucket0.prefix(20).enumerated() {
            #expect(table.answered(peer, network: nil, now: instant(UInt64(index))) == .inserted(replaced: nil))
        }
        let (dead, new) = (bucket0[3], bucket0[20])
        #expect(table.answered(new, network: nil, now: instant(50)) == .bucketFull)
        #expect(!table.wouldAccept(new, network: nil))
        // One failure: the place is to be had.
        #expect(table.failed(dead) == false)
        #expect(table.wouldAccept(new, network: nil))
        #expect(table.answered(new, network: nil, now: instant(60)) == .inserted(replaced: dead))
        #expect(table.entry(of: dead) == nil)
        // An answer in between forgives, two failures in a row do not.
        let other = bucket0[4]
        #expect(table.failed(other) == false)
        #expect(table.answered(other, network: nil, now: instant(70)) == .known)
        #expect(table.failed(other) == false)
        #expect(table.failed(other) == true)
        #expect(table.entry(of: other) == nil)
        #expect(table.failed(other) == false)
        #expect(table.remove(other) == false)
        #expect(table.count == 19)
    }

    @Test func silentPeersAreNamedInOrder() {
        var table = table()
        for number in 1...10 as ClosedRange<UInt64> {
            _ = table.answered(peer(number), network: nil, now: instant(number * 1_000))
        }
        let silent = table.silent(for: .seconds(5), now: instant(9_000))
        #expect(silent == [peer(1), peer(2), peer(3), peer(4)])
        for number in 1...10 as ClosedRange<UInt64> { table.remove(peer(number)) }
        #expect(table.count == 0 && table.bucketCount == 0)
    }
}
