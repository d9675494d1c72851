import CryptoCore
import Discovery
import PeerProtocols

/// The input is an envelope, and a payload that somebody signs.
enum PeerRecordFuzz {
    static func run(_ bytes: [UInt8]) throws {
        if let record = try? SignedPeerRecord(envelope: bytes) {
            // Nobody can sign for these peers: the record must say what one of the seeds says.
            try require(
                samples.contains {
                    $0.peer == record.peer && $0.sequenceNumber == record.sequenceNumber
                        && $0.addresses == record.addresses
                },
                "a record that nobody signed"
            )
        }
        // The first byte: who signs, and whether it is said to be a peer record.
        guard let first = bytes.first else { return }
        let signer = FuzzIdentities.all[Int(first & 1)]
        let type: [UInt8] = first & 2 == 0 ? [3, 1] : [3, 2]
        let domain = first & 4 == 0 ? "libp2p-peer-record" : "libp2p-relay-rsvp"
        let payload = Array(bytes.dropFirst())
        guard let envelope = SignedEnvelope(payload, type: type, domain: domain, by: signer) else {
            throw FuzzFailure("a key does not sign")
        }
        let opened = try? SignedEnvelope(decoding: envelope.encoded, domain: domain, limit: 8 << 10)
        try requireEqual(opened, envelope, "an envelope written and read again")
        try require(
            (try? SignedEnvelope(decoding: envelope.encoded, domain: domain + " ", limit: 8 << 10)) == nil,
            "a signature for another purpose"
        )
        guard let record = try? SignedPeerRecord(envelope: envelope.encoded) else { return }
        try require(first & 6 == 0, "a record of another type or purpose")
        try requireEqual(record.peer, signer.id, "the signer of a record")
        try require(record.addresses.count <= SignedPeerRecord.addressCountMax, "a record with many addresses")
        try require(record.envelope.count <= SignedPeerRecord.byteCountMax, "a long record")
        if let again = SignedPeerRecord(
            addresses: record.addresses,
            sequenceNumber: record.sequenceNumber,
            by: signer
        ) {
            let read = try SignedPeerRecord(envelope: again.envelope)
            try requireEqual(read.addresses, record.addresses, "addresses of a record signed anew")
            try requireEqual(read.sequenceNumber, record.sequenceNumber, "the number of a record signed anew")
        }
    }

    private static let samples: [SignedPeerRecord] = [0, 1, 2].compactMap { count in
        SignedPeerRecord(
            addresses: Array(DiscoveryFuzz.addresses.prefix(count * 3)),
            sequenceNumber: UInt64(count) << 40,
            by: FuzzIdentities.all[count]
        )
    }

    static func seeds() throws -> [[UInt8]] {
        let payloads = try samples.map { sample in
            try SignedEnvelope(decoding: sample.envelope, domain: "libp2p-peer-record", limit: 4 << 10).payload
        }
        let others: [[UInt8]] = [[0], [0, 0x10, 0xff, 0xff, 0xff, 0xff, 0x7f], [0, 0x1a, 0], [0, 0x1a, 2, 0x0a, 0]]
        let signed = payloads.enumerated().map { [UInt8($0.offset)] + $0.element }
        return samples.map(\.envelope) + signed + others + [[4] + payloads[0]]
    }
}
