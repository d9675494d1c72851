import Attestations
import CryptoCore
import RecordSamples
import Records
import Testing
import WireFormat

/// Each rule and whoever breaks it.
@Suite struct RecordValidatorTests {
    static let now: UInt64 = 1_760_000_000_000
    let samples = RecordSamples()

    func validator(
        _ membership: any SignerMembership = AnySigner(),
        _ change: (inout RecordValidationParameters) -> Void = { _ in }
    ) -> RecordValidator {
        var parameters = RecordValidationParameters()
        change(&parameters)
        return RecordValidator(
            network: samples.network,
            parameters: parameters,
            membership: membership,
            check: RecordCheck()
        )
    }

    /// What is said of a record that is `age` milliseconds old, or so many in the future.
    func refusal(
        age: Int64,
        _ arrival: RecordValidator.Arrival = .news,
        clock: Int64 = 0
    ) throws -> RecordRefusal? {
        let record = try samples.record(session: 1, at: UInt64(Int64(Self.now) - age))
        do throws(RecordRefusal) {
            _ = try validator().notarization(
                record.bytes,
                arrival: arrival,
                now: UInt64(Int64(Self.now) + clock)
            )
            return nil
        } catch {
            return error
        }
    }

    @Test func aGoodRecordIsAccepted() throws {
        let record = try samples.record(session: 1, at: Self.now)
        #expect(try validator().notarization(record.bytes, arrival: .news, now: Self.now) == record)
    }

    @Test func anotherNetworksRecordIsRejected() throws {
        var others = samples
        others.network = NetworkID(named: "another")
        let record = try others.record(session: 1, at: Self.now)
        let refusal = #expect(throws: RecordRefusal.wrongNetwork) {
            try validator().notarization(record.bytes, arrival: .news, now: Self.now)
        }
        #expect(refusal?.verdict == .reject)
    }

    @Test func aStrangersSignatureIsRejected() throws {
        let member = try RecordSamples.key(0).ethereumAddress
        let stranger = try RecordSamples.key(1).ethereumAddress
        let rule = validator(ListedSigners([member]))
        let good = try samples.record(notary: 0, session: 1, at: Self.now)
        let bad = try samples.record(notary: 1, session: 1, at: Self.now)
        #expect(throws: Never.self) { try rule.notarization(good.bytes, arrival: .news, now: Self.now) }
        let refusal = #expect(throws: RecordRefusal.notAMember(stranger)) {
            try rule.notarization(bad.bytes, arrival: .news, now: Self.now)
        }
        #expect(refusal?.verdict == .reject)
    }

    @Test func aMembersNameUnderAStrangersSignatureIsRejected() throws {
        // The stranger names the member as notary, and signs itself.
        let member = try RecordSamples.key(0).ethereumAddress
        let record = try samples.record(notary: 0, session: 1, at: Self.now)
        let digest = record.id.value.bytes
        let forged = try RecordSamples.key(1).sign(digest: digest).bytes
        let bytes = record.bytes.dropLast(65) + forged
        let refusal = #expect(throws: RecordRefusal.badSignature) {
            try validator(ListedSigners([member])).notarization(Array(bytes), arrival: .news, now: Self.now)
        }
        #expect(refusal?.verdict == .reject)
    }

    @Test func theOtherFormOfASignatureIsRejected() throws {
        // n - s with the other v is a valid signature to a careless verifier.
        let record = try samples.record(session: 1, at: Self.now)
        let signature = record.attestation.signatureBytes
        let order: [UInt8] = [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
            0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
        ]
        var high = [UInt8](repeating: 0, count: 32)
        var borrow = 0
        for index in (0..<32).reversed() {
            let difference = Int(order[index]) - Int(signature[32 + index]) - borrow
            borrow = difference < 0 ? 1 : 0
            high[index] = UInt8(truncatingIfNeeded: difference)
        }
        let bytes = record.bytes.dropLast(65) + signature[..<32] + high + [signature[64] ^ 7]
        #expect(throws: RecordRefusal.badSignature) {
            try validator().notarization(Array(bytes), arrival: .news, now: Self.now)
        }
    }

    @Test func newsHaveToBeNew() throws {
        #expect(try refusal(age: 0) == nil)
        #expect(try refusal(age: 600_000) == nil)
        #expect(try refusal(age: 600_001) == .late(milliseconds: 600_001))
        #expect(try refusal(age: 720_000)?.verdict == .ignore)
        #expect(try refusal(age: 720_001) == .stale(milliseconds: 720_001))
        #expect(try refusal(age: 720_001)?.verdict == .reject)
    }

    @Test func aNotarysClockMayBeAheadALittle() throws {
        #expect(try refusal(age: -60_000) == nil)
        #expect(try refusal(age: -60_001) == .early(milliseconds: 60_001))
        #expect(try refusal(age: -180_000)?.verdict == .ignore)
        #expect(try refusal(age: -180_001) == .fromTheFuture(milliseconds: 180_001))
        #expect(try refusal(age: -180_001)?.verdict == .reject)
        #expect(try refusal(age: -180_001, .archive(oldest: 0))?.verdict == .reject)
    }

    @Test func anUntimelyForgeryIsAForgery() throws {
        for (age, code) in [(600_001, "badSignature"), (720_001, "stale"), (-60_001, "badSignature")]
            as [(Int64, String)]
        {
            var bytes = try samples.record(session: 1, at: UInt64(Int64(Self.now) - age)).bytes
            bytes[bytes.count - 20] ^= 1
            let refusal = #expect(throws: RecordRefusal.self) {
                try validator().notarization(bytes, arrival: .news, now: Self.now)
            }
            #expect(refusal?.code == code)
            #expect(refusal?.verdict == .reject)
        }
    }

    @Test func archivesGoBackToTheirLimit() throws {
        let oldest = Self.now - 5_000_000
        #expect(try refusal(age: 5_000_000, .archive(oldest: oldest)) == nil)
        #expect(try refusal(age: 5_000_001, .archive(oldest: oldest)) == .beyondRetention)
        #expect(try refusal(age: 5_000_001, .archive(oldest: oldest))?.isFaultOfKeeper == false)
    }

    /// What a node takes in, another whose clock differs by no more than the tolerance does not punish.
    @Test(arguments: [-120_000, -1, 0, 1, 119_999, 120_000] as [Int64])
    func honestPeersWithOtherClocksAreNotPunished(difference: Int64) throws {
        for age in [-60_000, -59_999, 0, 599_999, 600_000] as [Int64] {
            #expect(try refusal(age: age) == nil)
            #expect(try refusal(age: age, clock: difference)?.verdict != .reject)
        }
    }

    @Test func everyRefusalHasACodeOfItsOwn() {
        let all: [RecordRefusal] = [
            .oversize(byteCount: 1), .malformed(.invalid("")), .unsupportedVersion(2), .badSignature, .wrongNetwork,
            .notAMember(.zero), .early(milliseconds: 1), .fromTheFuture(milliseconds: 1), .late(milliseconds: 1),
            .stale(milliseconds: 1), .duplicate, .doubleSigned, .tooMany(.zero), .beyondRetention, .busy, .storeFull,
            .storeUnavailable,
        ]
        #expect(Set(all.map(\.code)).count == all.count)
        #expect(all.filter(\.isFaultOfKeeper).allSatisfy { $0.verdict == .reject })
    }

    @Test func sharedChecksSayTheSameAndComputeOnce() throws {
        let shared = SharedRecordCheck()
        let record = try samples.record(session: 1, at: Self.now)
        let forged = Array(record.bytes.dropLast()) + [record.bytes[record.bytes.count - 1] ^ 7]
        for _ in 0..<3 {
            #expect(try shared.verify(try shared.decode(record.bytes)) == record)
            #expect(throws: RecordRefusal.badSignature) { try shared.verify(try shared.decode(forged)) }
            #expect(throws: RecordRefusal.self) { try shared.decode([1, 2, 3]) }
        }
        #expect(shared.computedCount == 2)
    }
}
