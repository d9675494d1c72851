import Attestations
import CryptoCore
import RecordSamples
import Records
import Testing
import WireFormat

@Suite struct NotarizationTests {
    static let time: UInt64 = 1_760_000_000_000
    let samples = RecordSamples()

    @Test func aRecordIsReadAsItWasWritten() throws {
        let record = try samples.record(session: 1, at: Self.time)
        let read = try Notarization(bytes: record.bytes)
        #expect(read == record)
        #expect(read.header == record.header)
        #expect(read.id == record.id)
        #expect(read.attestation.signatureBytes == record.attestation.signatureBytes)
        #expect(Notarization(read.attestation).bytes == record.bytes)
    }

    @Test func committedServersAndLongNamesFit() throws {
        var samples = samples
        samples.server = nil
        let committed = try samples.record(session: 1, at: Self.time)
        #expect(try Notarization(bytes: committed.bytes) == committed)
        samples.server = String(repeating: "a", count: RevealedServer.nameByteCountMax)
        let long = try samples.record(session: 1, at: Self.time)
        #expect(try Notarization(bytes: long.bytes) == long)
        #expect(long.bytes.count < Notarization.byteCountMax)
    }

    @Test func theContextTextStaysBehind() throws {
        let key = try RecordSamples.key(0)
        let text = "intent 7: 129.90 EUR"
        let plain = try samples.header(notary: key.ethereumAddress, session: 1, at: Self.time)
        let header = try AttestationHeader(
            network: plain.network,
            sessionID: plain.sessionID,
            mode: plain.mode,
            engineVersion: plain.engineVersion,
            tls: plain.tls,
            server: plain.server,
            startTime: plain.startTime,
            endTime: plain.endTime,
            transcript: plain.transcript,
            purpose: AttestationPurpose(
                owner: plain.purpose.owner,
                contextHash: AttestationPurpose.contextHash(of: text),
                declaredValue: plain.purpose.declaredValue,
                currency: plain.purpose.currency,
                nonce: plain.purpose.nonce,
                expiry: plain.purpose.expiry
            ),
            notary: plain.notary
        )
        let attestation = try Attestation(signing: header, contextText: text, with: key)
        let record = Notarization(attestation)
        #expect(record.attestation.contextText == nil)
        #expect(record == Notarization(attestation.withoutContextText))
        #expect(!String(decoding: record.bytes, as: UTF8.self).contains(text))
        #expect(record.id == attestation.id)
    }

    @Test func noOtherBytesAreARecord() throws {
        let bytes = try samples.record(session: 1, at: Self.time).bytes
        for count in bytes.indices {
            #expect(throws: RecordRefusal.self) { try Notarization(bytes: Array(bytes.prefix(count))) }
        }
        #expect(throws: RecordRefusal.malformed(.trailingBytes(count: 1))) { try Notarization(bytes: bytes + [0]) }
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: RecordRefusal.self, "byte \(index), bit \(bit)") { try Notarization(bytes: changed) }
            }
        }
    }

    @Test func otherVersionsAreToldApart() throws {
        var bytes = try samples.record(session: 1, at: Self.time).bytes
        bytes[1] = 2
        let newer = #expect(throws: RecordRefusal.unsupportedVersion(2)) { try Notarization(bytes: bytes) }
        #expect(newer?.verdict == .ignore)
        bytes[1] = 0
        let older = #expect(throws: RecordRefusal.self) { try Notarization(bytes: bytes) }
        #expect(older?.verdict == .reject)
        bytes[1] = 1
        bytes[0] = 9
        #expect(throws: RecordRefusal.self) { try Notarization(bytes: bytes) }
    }

    @Test func hugeInputIsRefusedByItsLength() {
        let bytes = [UInt8](repeating: 1, count: Notarization.byteCountMax + 1)
        #expect(throws: RecordRefusal.oversize(byteCount: bytes.count)) { try Notarization(bytes: bytes) }
        #expect(throws: RecordRefusal.self) { try Notarization(bytes: Array(bytes.dropFirst())) }
    }

    @Test func anAddressNamesTheBytesAndNothingElse() throws {
        let record = try samples.record(session: 1, at: Self.time)
        let other = try samples.record(session: 2, at: Self.time)
        #expect(record.recordID == RecordID(of: record.bytes))
        #expect(record.recordID != other.recordID)
        #expect(record.recordID.value.bytes != Keccak256.hash(record.bytes))
        #expect(record.recordID.value != record.id.value)
    }

    @Test func aWindowIsOpenUntilItsEnd() {
        #expect(NotarizationWindow(end: 10, now: 9) == .open(until: 10))
        #expect(NotarizationWindow(end: 10, now: 10) == .final(since: 10))
        #expect(NotarizationWindow(end: 10, now: 10).isFinal)
        #expect(!NotarizationWindow(end: .max, now: 10).isFinal)
        #expect(NotarizationWindow(end: 10, now: 11).end == 10)
    }
}
