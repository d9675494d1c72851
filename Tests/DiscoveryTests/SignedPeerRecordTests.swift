import CryptoCore
import Discovery
import PeerProtocols
import Testing

struct SignedPeerRecordTests {
    @Test func independentRecordsAreVerified() throws {
        let record = try SignedPeerRecord(envelope: DiscoveryVectors.record)
        #expect(record.peer == DiscoveryVectors.author.id)
        #expect(record.sequenceNumber == 1_700_000_000)
        #expect(record.addresses == DiscoveryVectors.addresses)
        #expect(record.envelope == DiscoveryVectors.record)
    }

    @Test func ownRecordsAreThoseOfOtherImplementations() throws {
        // Both sign deterministically, so not only the form is the same.
        let own = try #require(
            SignedPeerRecord(
                addresses: DiscoveryVectors.addresses,
                sequenceNumber: 1_700_000_000,
                by: DiscoveryVectors.author
            )
        )
        #expect(own.envelope == DiscoveryVectors.record)
        #expect(try SignedPeerRecord(envelope: own.envelope) == own)
    }

    @Test func everyFlippedBitAndEveryTruncationIsRefused() {
        let whole = DiscoveryVectors.record
        for index in whole.indices {
            #expect((try? SignedPeerRecord(envelope: Array(whole.prefix(index)))) == nil)
            for bit in 0..<8 {
                var hostile = whole
                hostile[index] ^= 1 << UInt8(bit)
                #expect((try? SignedPeerRecord(envelope: hostile)) == nil, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test func recordsOfOthersAndForOtherPurposesAreRefused() throws {
        let payload = try #require(self.payload(of: DiscoveryVectors.record))
        let thief = identity(9)
        let type: [UInt8] = [3, 1]
        func envelope(_ payload: [UInt8], _ type: [UInt8], _ domain: String, _ signer: PeerIdentity) -> [UInt8] {
            SignedEnvelope(payload, type: type, domain: domain, by: signer)?.encoded ?? []
        }
        let domain = "libp2p-peer-record"
        #expect(throws: Never.self) {
            try SignedPeerRecord(envelope: envelope(payload, type, domain, DiscoveryVectors.author))
        }
        #expect(throws: SignedRecordError.otherSigner) {
            try SignedPeerRecord(envelope: envelope(payload, type, domain, thief))
        }
        #expect(throws: SignedRecordError.badSignature) {
            try SignedPeerRecord(envelope: envelope(payload, type, "other-domain", DiscoveryVectors.author))
        }
        #expect(throws: SignedRecordError.otherPayload) {
            try SignedPeerRecord(envelope: envelope(payload, [3, 2], domain, DiscoveryVectors.author))
        }
        #expect(throws: SignedRecordError.malformed) {
            try SignedPeerRecord(envelope: envelope([0xff], type, domain, DiscoveryVectors.author))
        }
        #expect(throws: SignedRecordError.malformed) {
            try SignedPeerRecord(envelope: envelope(payload + payload, type, domain, DiscoveryVectors.author))
        }
        // An Ed25519 key.
        let ed25519 = [0x0a, 0x24, 8, 1, 0x12, 0x20] + [UInt8](repeating: 1, count: 32) + [0x2a, 0]
        #expect(throws: SignedRecordError.unsupportedKey) { try SignedPeerRecord(envelope: ed25519) }
    }

    @Test func sizesAreBounded() throws {
        let many = (0..<33).map { address("/ip4/203.0.113.7/tcp/\(4_000 + $0)") }
        #expect(SignedPeerRecord(addresses: many, sequenceNumber: 1, by: identity(9)) == nil)
        let record = SignedPeerRecord(addresses: Array(many.dropLast()), sequenceNumber: 1, by: identity(9))
        #expect(try SignedPeerRecord(envelope: record?.envelope ?? []).addresses.count == 32)
        let padded = DiscoveryVectors.record + [0x7a, 0x80, 0x20] + [UInt8](repeating: 0, count: 4_096)
        #expect(throws: SignedRecordError.oversize(byteCount: padded.count)) {
            try SignedPeerRecord(envelope: padded)
        }
        #expect(SignedPeerRecord(addresses: [], sequenceNumber: 1 << 63, by: identity(9)) == nil)
    }

    private func payload(of envelope: [UInt8]) -> [UInt8]? {
        var reader = ProtobufReader(envelope)
        while let field = try? reader.next() {
            if field.number == 3, case .bytes(let payload) = field.value { return payload }
        }
        return nil
    }
}
