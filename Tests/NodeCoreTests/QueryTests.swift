import Attestations
import KeyValueStorage
import NodeCore
import RecordSamples
import Records
import Testing

@Suite struct QueryTests {
    static let start: UInt64 = 1_760_000_000_000

    /// Sixty records of three notaries about two servers and hidden ones, a second apart.
    func archive() throws -> (archive: NotarizationArchive, records: [Notarization]) {
        let records = try (0..<60).map { number in
            var samples = RecordSamples()
            samples.server = [nil, "Bank.example", "shop.example"][number % 3]
            samples.owner = RecordSamples.account(UInt8(number % 2))
            return try samples.record(notary: number % 3, session: number, at: Self.start + UInt64(number) * 1_000)
        }
        let disk = MemoryDisk()
        try disk.fill(records)
        let store = try MemoryStore(disk, layout: NodeStore.layout(network: RecordSamples().network))
        return (NotarizationArchive(store: store), records)
    }

    func all(_ query: NotarizationQuery, in archive: NotarizationArchive) throws -> [AttestationID] {
        var query = query
        var found: [AttestationID] = []
        for _ in 0..<100 {
            let page = try archive.list(query, now: Self.start)
            #expect(page.entries.count <= query.limit)
            found += page.entries.map(\.id)
            guard let next = page.next else { break }
            query.cursor = next
        }
        return found
    }

    @Test(arguments: [1, 7, 60, 1_000])
    func pagesMakeTheWhole(limit: Int) throws {
        let (archive, records) = try archive()
        let ids = records.map(\.id)
        #expect(try all(NotarizationQuery(order: .ascending, limit: limit), in: archive) == ids)
        #expect(try all(NotarizationQuery(order: .descending, limit: limit), in: archive) == ids.reversed())
    }

    @Test func filtersChoose() throws {
        let (archive, records) = try archive()
        let notary = try RecordSamples.key(1).ethereumAddress
        let owner = RecordSamples.account(1)
        for order in [ScanOrder.ascending, .descending] {
            let expected = { (isWanted: (Notarization) -> Bool) -> [AttestationID] in
                let ids = records.filter(isWanted).map(\.id)
                return order == .ascending ? ids : ids.reversed()
            }
            let find = { (filter: NotarizationQuery.Filter) in
                try all(NotarizationQuery(filter, order: order, limit: 6), in: archive)
            }
            #expect(try find(.notary(notary)) == expected { $0.header.notary == notary })
            #expect(try find(.owner(owner)) == expected { $0.header.purpose.owner == owner })
            for name in ["bank.example", "BANK.example"] {
                #expect(
                    try find(.server(name))
                        == expected {
                            if case .revealed(let server) = $0.header.server {
                                server.name == "Bank.example"
                            } else {
                                false
                            }
                        }
                )
            }
            #expect(try find(.server("ank.example")).isEmpty)
            #expect(try find(.server(String(repeating: "a", count: 300))).isEmpty)
            #expect(try find(.notary(.zero)).isEmpty)
        }
    }

    @Test func timesChoose() throws {
        let (archive, records) = try archive()
        let from = Self.start + 10_000
        let before = Self.start + 20_000
        for order in [ScanOrder.ascending, .descending] {
            let query = NotarizationQuery(from: from, before: before, order: order, limit: 3)
            let expected = records[10..<20].map(\.id)
            #expect(try all(query, in: archive) == (order == .ascending ? expected : expected.reversed()))
            #expect(try all(NotarizationQuery(from: before, before: from, order: order), in: archive).isEmpty)
        }
    }

    @Test func aRecordIsShownWithItsWindow() throws {
        let (archive, records) = try archive()
        let end = records[0].header.endTime + 86_400_000
        let open = try #require(try archive.show(records[0].id, now: Self.start))
        #expect(open.record == records[0])
        #expect(open.window == .open(until: end))
        #expect(open.contradiction == nil)
        #expect(try archive.show(records[0].id, now: end)?.window == .final(since: end))
        #expect(try archive.show(AttestationID(.zero), now: 0) == nil)
        let header = records[5].header
        #expect(try archive.attestation(of: header.sessionID, by: header.notary) == records[5].id)
        #expect(try archive.attestation(of: .zero, by: header.notary) == nil)
    }

    @Test func aDamagedRecordIsAnError() throws {
        let disk = MemoryDisk()
        let record = try RecordSamples().record(session: 1, at: Self.start)
        try disk.fill([record])
        let store = try MemoryStore(disk, layout: NodeStore.layout(network: RecordSamples().network))
        let key = NodeStore.notarizations.storedKey(AttestationKey(record.id))
        var value = try #require(try store.value(forKey: key))
        value[value.count - 20] ^= 1
        var batch = WriteBatch()
        batch.put(key: key, value: value)
        try store.write(batch, sync: true)
        #expect(throws: StorageError.self) {
            try NotarizationArchive(store: store).show(record.id, now: Self.start)
        }
    }

    @Test func theStatusTellsWhatIsThere() throws {
        var node = try SoloNode()
        let peers = try (0..<3).map(FakePeer.init)
        for peer in peers { try node.connect(peer, address: "/ip4/127.0.0.1/tcp/1") }
        node.graft([peers[0]])
        let header = try RecordSamples().header(
            notary: node.machine.account,
            session: 1,
            at: SoloNode.start.unixMilliseconds
        )
        node.bring(.attestationRequested(SigningRequestID(number: 1), header, contextText: nil))
        let status = node.machine.status(now: node.now)
        #expect(status.peers.map(\.peer) == peers.map(\.id))
        #expect(status.peers.map(\.isInMesh) == [true, false, false])
        #expect(status.meshes.map(\.topic) == [node.machine.topic])
        #expect(status.recordCount == 1)
        #expect(status.recordByteCount > 800)
        #expect(status.statistics.recordsSigned == 1)
        #expect(status.statistics.published == 1)
        #expect(status.network == RecordSamples().network)
        #expect(status.storeFailure == nil)
    }
}
