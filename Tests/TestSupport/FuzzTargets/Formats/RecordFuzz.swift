import Attestations
import CryptoCore
import RecordSamples
import Records
import WireFormat

/// The input is a record as somebody brings it, and a header that somebody signs.
enum RecordFuzz {
    static let now: UInt64 = 1_760_000_000_000

    /// Records that their notaries signed.
    static let records: [Notarization] = (0..<6).compactMap { number in
        var samples = RecordSamples()
        if number % 2 == 1 { samples.server = nil }
        if number == 5 { samples.network = NetworkID(named: "another") }
        return try? samples.record(notary: number % 3, session: number, at: now - UInt64(number) * 400_000)
    }

    private static let known = Set(records.map(\.bytes))
    private static let keys = (0..<3).compactMap { try? RecordSamples.key($0) }
    private static let members = ListedSigners(keys.prefix(2).map(\.ethereumAddress))
    private static let validator = RecordValidator(
        network: RecordSamples().network,
        parameters: RecordValidationParameters(),
        membership: members,
        check: RecordCheck()
    )

    static func run(_ bytes: [UInt8]) throws {
        guard let unverified = try checkForm(bytes) else { return try signAndCheck(bytes) }
        if let verified = try? unverified.verified() {
            try require(known.contains(bytes), "a record that nobody signed")
            try check(verified)
        }
        try signAndCheck(bytes)
    }

    /// What can be read has this one encoding.
    private static func checkForm(_ bytes: [UInt8]) throws -> UnverifiedNotarization? {
        guard let record = try? UnverifiedNotarization(bytes: bytes) else { return nil }
        try requireEqual(record.bytes, bytes, "a record keeps its bytes")
        try require(bytes.count <= Notarization.byteCountMax, "a long record")
        let header = record.header.wireBytes
        try requireEqual(Array(bytes.dropFirst(2).dropLast(65)), header, "the encoding of a header")
        return record
    }

    /// Whoever can sign may sign what it likes: the header that the input begins with, for all that can be read of it.
    private static func signAndCheck(_ bytes: [UInt8]) throws {
        guard bytes.count > 67,
            let key = keys.first(where: { key in bytes.dropLast(65).ends(with: key.ethereumAddress) })
        else { return }
        guard let header = try? AttestationHeader(wireBytes: Array(bytes.dropFirst(2).dropLast(65)), limit: 2_048),
            let attestation = try? Attestation(signing: header, contextText: nil, with: key)
        else { return }
        let record = Notarization(attestation)
        let isShort = record.bytes.count <= Notarization.byteCountMax
        try require(isShort, "a signed record is longer than records may be")
        try requireEqual(try Notarization(bytes: record.bytes), record, "a record written and read again")
        try check(record)
        // One bit of the signature makes it nobody's, or somebody else's.
        for place in [0, 33, 64] {
            var bent = record.bytes
            bent[bent.count - 65 + place] ^= 1
            try require((try? Notarization(bytes: bent)) == nil, "a bent signature is accepted")
        }
        let attested = try Attestation(bytes: attestation.bytes)
        try requireEqual(attested.bytes, attestation.bytes, "an attestation written and read again")
    }

    /// A valid record is accepted exactly when the network's rules say so.
    private static func check(_ record: Notarization) throws {
        let header = record.header
        let (time, parameters) = (header.endTime, validator.parameters)
        let skew = parameters.clockSkewMax.wholeMilliseconds
        let age = parameters.newsAgeMax.wholeMilliseconds
        let isOurs = header.network == validator.network && members.isMember(header.notary, at: time)
        for arrival in [RecordValidator.Arrival.news, .archive(oldest: now - 1_000_000)] {
            let isTimely: Bool
            switch arrival {
            case .news: isTimely = time > now ? time - now <= skew : now - time <= age
            case .archive(let oldest): isTimely = time > now ? time - now <= skew : time >= oldest
            }
            var refusal: RecordRefusal?
            do throws(RecordRefusal) {
                _ = try validator.notarization(record.bytes, arrival: arrival, now: now)
            } catch {
                refusal = error
            }
            try requireEqual(refusal == nil, isOurs && isTimely, "the validator says \(String(describing: refusal))")
            try require(validator.windowEnd(of: header) >= time, "a window ends before it opens")
        }
    }

    static func seeds() throws -> [[UInt8]] {
        var later = records[0].bytes
        later[1] = 2
        return records.map(\.bytes) + [later, Array(records[0].bytes.dropLast(65)), records[0].bytes + [0], [1, 1]]
    }
}

extension ArraySlice<UInt8> {
    fileprivate func ends(with address: EthereumAddress) -> Bool { suffix(20).elementsEqual(address.bytes) }
}
