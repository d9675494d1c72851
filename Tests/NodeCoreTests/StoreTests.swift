import Attestations
import CryptoCore
import Discovery
import Gossip
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records
import Testing
import WireFormat

@Suite struct StoreTests {
    @Test func keyspacesDoNotShareAPrefix() {
        let layout = NodeStore.layout(network: RecordSamples().network)
        #expect(layout.keyspaces.count == 14)
        #expect(Set(layout.keyspaces.map(\.prefix)).count == layout.keyspaces.count)
        #expect(Set(layout.keyspaces.map(\.name)).count == layout.keyspaces.count)
        #expect(layout.owner == RecordSamples().network.description)
    }

    @Test func anotherNetworksStoreIsRefused() throws {
        let disk = MemoryDisk()
        try disk.fill([])
        #expect(throws: StorageError.self) {
            try MemoryStore(disk, layout: NodeStore.layout(network: NetworkID(named: "another")))
        }
    }

    /// Keys are read as they were written, sort as their values, and are the prefix of no other.
    private func check<Key: OrderedKey & Equatable>(_ keys: [Key]) throws {
        let encodings = keys.map { key -> [UInt8] in
            var writer = KeyWriter()
            key.encode(into: &writer)
            return writer.bytes
        }
        for (key, bytes) in zip(keys, encodings) {
            var reader = KeyReader(bytes)
            #expect(try Key(from: &reader) == key)
            try reader.finish()
            for count in bytes.indices {
                #expect(throws: WireError.self) {
                    var reader = KeyReader(Array(bytes.prefix(count)))
                    _ = try Key(from: &reader)
                    try reader.finish()
                }
            }
        }
        for (earlier, later) in zip(encodings, encodings.dropFirst()) {
            #expect(KeyOrder.precedes(earlier, later))
            #expect(!later.starts(with: earlier))
        }
    }

    @Test func keysSortAsTheirValues() throws {
        let low = AttestationID(Bytes32([UInt8](repeating: 1, count: 32)) ?? .zero)
        let high = AttestationID(Bytes32([UInt8](repeating: 0xff, count: 32)) ?? .zero)
        let times = [TimeKey(time: 0, id: low), TimeKey(time: 255, id: high), TimeKey(time: 256, id: low)]
        try check([AttestationKey(low), AttestationKey(high)])
        try check(times)
        try check(times.map { AccountTimeKey(account: RecordSamples.account(1), time: $0) })
        try check(
            [("a", times[2]), ("a.b", times[0]), ("ab", times[0]), ("ab", times[1])]
                .map { ServerTimeKey(server: $0.0, time: $0.1) }
        )
        try check([
            SessionKey(notary: RecordSamples.account(1), sessionID: low.value),
            SessionKey(notary: RecordSamples.account(1), sessionID: high.value),
            SessionKey(notary: RecordSamples.account(2), sessionID: low.value),
        ])
        let signatures = SigningIntent.Kind.allCases.map {
            SignatureKey(SigningIntent(kind: $0, subject: low.value, digest: .zero))
        }
        try check(signatures)
        try check(signatures.map { SignatureTimeKey(time: 9, key: $0) })
        try check([
            DigestKey(level: .minute, index: 5), DigestKey(level: .minute, index: 6), DigestKey(level: .day, index: 0),
        ])
        try check([PeerKey(PeerID(publicKey: RecordSamples.key(1).publicKey))])
    }

    @Test func storedRecordsAreReadAsTheyWereWritten() throws {
        let record = try RecordSamples().record(session: 1, at: 1_000_000)
        let stored = StoredNotarization(windowEnd: 7, record: record.unverified)
        let bytes = stored.wireBytes
        #expect(try StoredNotarization(wireBytes: bytes, limit: 4_096) == stored)
        for count in bytes.indices {
            #expect(throws: WireError.self) {
                try StoredNotarization(wireBytes: Array(bytes.prefix(count)), limit: 4_096)
            }
        }
        #expect(throws: WireError.self) { try StoredNotarization(wireBytes: bytes + [0], limit: 4_096) }
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            let read = try? StoredNotarization(wireBytes: changed, limit: 4_096)
            #expect(read != stored)
        }
    }

    @Test func sharedEntriesAreTheSame() throws {
        let shared = SharedEntries()
        for session in 0..<3 {
            let record = try RecordSamples().record(session: session, at: 1_000_000)
            let fresh = try FreshEntries().entries(of: record, windowEnd: 5).batch
            #expect(try shared.entries(of: record, windowEnd: 5).batch == fresh)
            #expect(try shared.entries(of: record, windowEnd: 5).batch == fresh)
            #expect(try shared.entries(of: record, windowEnd: 6).batch != fresh)
        }
    }

    @Test func configurationsThatContradictThemselvesAreRefused() throws {
        let network = RecordSamples().network
        func error(_ change: (inout NodeConfiguration) -> Void) -> NodeConfigurationError? {
            var configuration = NodeConfiguration(network: network)
            change(&configuration)
            do { try configuration.validate() } catch { return error }
            return nil
        }
        #expect(error { _ in } == nil)
        #expect(error { $0.gossip.meshDegree = 1 } == .gossip(.meshDegrees))
        #expect(error { $0.discovery?.protocols = [] } == .discovery(.protocols))
        #expect(error { $0.commits.inFlightMax = 0 } == .limits)
        #expect(error { $0.sync.pageByteCountMax = 1 << 20 } == .limits)
        #expect(error { $0.retention.storeByteCountMax = 1 } == .limits)
        #expect(error { $0.retention.recordAgeMax = .seconds(3_600) } == .retentionTooShort)
    }

    @Test func timesAddUpAndSaturate() {
        let instant = SoloNode.start.advanced(by: .milliseconds(1_500))
        #expect(instant.unixMilliseconds == SoloNode.start.unixMilliseconds + 1_500)
        #expect(instant.monotonic.nanoseconds(since: SoloNode.start.monotonic) == 1_500_000_000)
        let late = NodeInstant(monotonic: MonotonicInstant(nanoseconds: .max), unixMilliseconds: .max)
        #expect(late.advanced(by: .seconds(1)) == late)
        #expect(late.advanced(by: .seconds(-1)) == late)
    }
}
