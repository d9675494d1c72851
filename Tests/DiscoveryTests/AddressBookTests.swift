import CryptoCore
import Discovery
import PeerProtocols
import Testing
import WireFormat

struct AddressBookTests {
    private var configuration = AddressBookConfiguration()
    private var random = BlockPRG(seed: Block(3, 3))
    private let here = endpoint("/ip4/203.0.113.7/tcp/4001")
    private let there = endpoint("/ip4/203.0.113.8/tcp/4001")

    @Test mutating func addressesThatWorkComeFirst() {
        var book = AddressBook(configuration: configuration, now: time(0))
        book.learn([here], of: peer(1), source: .signedRecord, now: time(0))
        book.learn([there], of: peer(1), source: .hearsay, now: time(0))
        #expect(book.endpoints(of: peer(1)) == [here, there])
        book.reached(peer(1), at: there, now: time(1))
        #expect(book.endpoints(of: peer(1)) == [there, here])
        #expect(book[peer(1)]?.lastSuccess == time(1))
        // Only what worked, or what the peer is connected from, is told to others.
        #expect(book.endpointsToPassOn(of: peer(1)) == [there])
        book.learn([here], of: peer(1), source: .observed, now: time(2))
        #expect(book.endpointsToPassOn(of: peer(1)) == [there, here])
        for step in 3..<6 as Range<UInt64> { book.failed(peer(1), at: [there], now: time(step), using: &random) }
        #expect(book.endpointsToPassOn(of: peer(1)) == [here])
    }

    @Test mutating func failuresMakeItWait() {
        var book = AddressBook(configuration: configuration, now: time(0))
        book.learn([here], of: peer(1), source: .hearsay, now: time(0))
        book.reached(peer(1), at: here, now: time(0))
        var now: UInt64 = 0
        for count in 1...12 {
            book.failed(peer(1), at: [here], now: time(now), using: &random)
            let longest = min(UInt64(5_000) << UInt64(count - 1), 600_000)
            #expect(!book.mayDial(peer(1), now: time(now + longest / 2 - 1)))
            #expect(book.mayDial(peer(1), now: time(now + longest)))
            #expect(book.dialable(now: time(now + longest)) == [peer(1)])
            now += longest
        }
        book.reached(peer(1), at: here, now: time(now))
        #expect(book[peer(1)]?.failureCount == 0)
        #expect(book.mayDial(peer(1), now: time(now)))
        #expect(book.mayDial(peer(2), now: time(now)))
    }

    @Test mutating func strangersThatFailAreForgotten() {
        var book = AddressBook(configuration: configuration, now: time(0))
        book.learn([here], of: peer(1), source: .hearsay, now: time(0))
        book.learn([here], of: peer(2), source: .configuration, now: time(0))
        for step in 0..<3 as Range<UInt64> {
            #expect(book[peer(1)] != nil)
            book.failed(peer(1), at: [here], now: time(step), using: &random)
            book.failed(peer(2), at: [here], now: time(step), using: &random)
        }
        #expect(book[peer(1)] == nil)
        #expect(book[peer(2)] != nil)
        #expect(book.count == 1)
    }

    @Test mutating func hearsayCannotDriveOutWhoIsKnown() {
        configuration.entryCountMax = 100
        configuration.unverifiedCountMax = 30
        var book = AddressBook(configuration: configuration, now: time(0))
        for number in 0..<90 as Range<UInt64> { book.reached(peer(number), at: here, now: time(number)) }
        for number in 0..<5_000 as Range<UInt64> {
            book.learn([there], of: peer(number, salt: 1), source: .hearsay, now: time(100 + number))
            #expect(book.count <= 100)
        }
        // Of the known ones, those reached first made room at most for what was there before the strangers' share.
        let known = (0..<90 as Range<UInt64>).count { book[peer($0)] != nil }
        #expect(known == 90)
        #expect(book.count == 100)
        // The strangers that are left are the last.
        #expect(book[peer(4_999, salt: 1)] != nil && book[peer(0, salt: 1)] == nil)
    }

    @Test mutating func entriesInUseStay() {
        configuration.entryCountMax = 10
        configuration.unverifiedCountMax = 10
        var book = AddressBook(configuration: configuration, now: time(0))
        for number in 0..<10 as Range<UInt64> {
            book.learn([here], of: peer(number), source: .identify, now: time(0))
            book.setUse(.connection, of: peer(number), true)
        }
        book.learn([here], of: peer(10), source: .identify, now: time(0))
        #expect(book[peer(10)] == nil && book.count == 10)
        book.expire(now: time(1 << 40))
        #expect(book.count == 10)
        book.setUse(.connection, of: peer(3), false)
        book.learn([here], of: peer(10), source: .identify, now: time(0))
        #expect(book[peer(10)] != nil && book[peer(3)] == nil && book.count == 10)
    }

    @Test mutating func addressesOfOnePeerAreBounded() {
        var book = AddressBook(configuration: configuration, now: time(0))
        book.learn([there], of: peer(1), source: .configuration, now: time(0))
        book.reached(peer(1), at: here, now: time(0))
        for port in 1...1_000 {
            book.learn(
                [endpoint("/ip4/198.51.100.1/tcp/\(port)")],
                of: peer(1),
                source: .identify,
                now: time(UInt64(port))
            )
        }
        #expect(book.endpoints(of: peer(1)).count == 8)
        #expect(book.endpoints(of: peer(1)).first == here)
        #expect(book.endpoints(of: peer(1)).contains(there))
    }

    @Test func timesEnd() {
        var book = AddressBook(configuration: configuration, now: time(0))
        book.learn([here], of: peer(1), source: .identify, now: time(0))
        book.reached(peer(2), at: here, now: time(0))
        book.learn([there], of: peer(2), source: .identify, now: time(0))
        book.learn([here], of: peer(3), source: .configuration, now: time(0))
        book.expire(now: time(3_600_000 - 1))
        #expect(book.count == 3)
        book.expire(now: time(3_600_000))
        #expect(book.entries.map(\.peer).count == 2)
        #expect(book[peer(1)] == nil)
        #expect(book.endpoints(of: peer(2)) == [here])
        book.expire(now: time(31 * 86_400_000))
        #expect(book.entries.map(\.peer) == [peer(3)])
    }

    @Test func onlyNewerSignedRecordsCount() throws {
        var book = AddressBook(configuration: configuration, now: time(0))
        func record(_ number: UInt64, _ endpoint: PeerEndpoint) throws -> SignedPeerRecord {
            try #require(
                SignedPeerRecord(addresses: [endpoint.address], sequenceNumber: number, by: DiscoveryVectors.author)
            )
        }
        let id = DiscoveryVectors.author.id
        try book.learn(record(5, here), endpoints: [here], now: time(0))
        #expect(book.endpoints(of: id) == [here])
        try book.learn(record(5, here), endpoints: [here], now: time(0))
        #expect(throws: SignedRecordError.stale(known: 5)) {
            try book.learn(record(5, there), endpoints: [there], now: time(0))
        }
        #expect(throws: SignedRecordError.stale(known: 5)) {
            try book.learn(record(4, there), endpoints: [there], now: time(0))
        }
        #expect(book.endpoints(of: id) == [here])
        try book.learn(record(6, there), endpoints: [there], now: time(0))
        #expect(book.endpoints(of: id) == [there])
        #expect(try book[id]?.signedRecord?.envelope == record(6, there).envelope)
    }

    @Test mutating func storageFollows() throws {
        var book = AddressBook(configuration: configuration, now: time(0))
        book.learn([here], of: peer(1), source: .hearsay, now: time(0))
        #expect(book.takeChanges(limit: 10).isEmpty)
        book.reached(peer(1), at: here, now: time(1))
        book.reached(peer(2), at: there, now: time(2))
        #expect(book.hasChanges)
        let first = book.takeChanges(limit: 1)
        #expect(try first == [.store(#require(book[peer(1)]))])
        #expect(try book.takeChanges(limit: 10) == [.store(#require(book[peer(2)]))])
        #expect(book.takeChanges(limit: 10).isEmpty)
        // Success after success is not worth a write, after an hour it is.
        book.reached(peer(1), at: here, now: time(3))
        #expect(!book.hasChanges)
        book.reached(peer(1), at: here, now: time(3_600_001))
        #expect(book.takeChanges(limit: 10).count == 1)
        book.expire(now: time(40 * 86_400_000))
        let removals = book.takeChanges(limit: 10)
        #expect(Set(removals) == [.remove(peer(1)), .remove(peer(2))])
        #expect(!book.hasChanges)
    }

    @Test mutating func aRestartRemembers() throws {
        var book = AddressBook(configuration: configuration, now: time(0))
        let record = try SignedPeerRecord(envelope: DiscoveryVectors.record)
        let id = record.peer
        book.learn([there], of: id, source: .configuration, now: time(0))
        book.reached(id, at: here, now: time(10))
        try book.learn(record, endpoints: record.addresses.compactMap { PeerEndpoint($0) }, now: time(11))
        book.failed(id, at: [there], now: time(12), using: &random)
        let stored = try #require(book[id])
        let encoding = stored.wireBytes
        #expect(encoding.count <= AddressBookEntry.byteCountMax)
        let read = try AddressBookEntry(wireBytes: encoding, limit: AddressBookEntry.byteCountMax)
        #expect(read == stored)
        #expect(read.wireBytes == encoding)
        // The wait does not outlive the run, and what was configured may not be any more.
        let again = AddressBook(configuration: configuration, stored: [read], now: time(20))
        #expect(again.mayDial(id, now: time(20)))
        #expect(again[id]?.isConfigured == false)
        #expect(again[id]?.signedRecord == stored.signedRecord)
        #expect(again.endpoints(of: id).first == here)
        // A clock that was wrong does not make an entry immortal.
        let early = AddressBook(configuration: configuration, stored: [read], now: time(0))
        #expect(early[id]?.lastSuccess == time(0))
        // Too old to be of use.
        #expect(AddressBook(configuration: configuration, stored: [read], now: time(1 << 41)).count == 0)
        configuration.entryCountMax = 1
        configuration.unverifiedCountMax = 1
        let other = AddressBookEntry(peer(5))
        #expect(AddressBook(configuration: configuration, stored: [read, other, read], now: time(20)).count == 1)
    }

    @Test func storedEntriesAreReadStrictly() throws {
        var book = AddressBook(configuration: configuration, now: time(0))
        let record = try SignedPeerRecord(envelope: DiscoveryVectors.record)
        book.reached(record.peer, at: endpoint("/dns4/node.example/tcp/9"), now: time(10))
        try book.learn(record, endpoints: record.addresses.compactMap { PeerEndpoint($0) }, now: time(11))
        let whole = try #require(book[record.peer]).wireBytes
        for length in whole.indices {
            #expect((try? AddressBookEntry(wireBytes: Array(whole.prefix(length)), limit: 8_192)) == nil)
        }
        #expect((try? AddressBookEntry(wireBytes: whole + [0], limit: 8_192)) == nil)
        for index in whole.indices {
            for bit in 0..<8 {
                var hostile = whole
                hostile[index] ^= 1 << UInt8(bit)
                guard let entry = try? AddressBookEntry(wireBytes: hostile, limit: 8_192) else { continue }
                #expect(entry.wireBytes == hostile)
            }
        }
    }
}

struct DialBackoffTests {
    @Test func waitsGrowWithinTheirBounds() {
        var random = BlockPRG(seed: Block(4, 4))
        let backoff = DialBackoff()
        #expect(backoff.delay(afterFailures: 0, using: &random) == .zero)
        for count in 1...70 {
            let longest = min(Duration.seconds(5) * (1 << min(count - 1, 20)), .seconds(600))
            let delays = (0..<200).map { _ in backoff.delay(afterFailures: count, using: &random) }
            #expect(delays.allSatisfy { $0 >= longest / 2 && $0 <= longest })
            // The jitter is there.
            #expect(Set(delays).count > 190)
            #expect(delays.contains { $0 < longest * 0.6 } && delays.contains { $0 > longest * 0.9 })
        }
        #expect(backoff.delay(afterFailures: .max, using: &random) <= .seconds(600))
    }
}
