import Attestations
import RecordSamples
import Records
import Testing
import WireFormat

@Suite struct OwnSignatureTests {
    let intent = SigningIntent(
        kind: .attestation,
        subject: RecordSamples.bytes32("session"),
        digest: RecordSamples.bytes32("digest")
    )

    @Test func aSecondDifferentSignatureConflicts() {
        let signed = OwnSignature(digest: intent.digest, time: 7)
        #expect(!signed.conflicts(with: intent))
        let other = SigningIntent(kind: .attestation, subject: intent.subject, digest: RecordSamples.bytes32("other"))
        #expect(signed.conflicts(with: other))
    }

    @Test func theIntentToAttestNamesSessionAndDigest() throws {
        let header = try RecordSamples().header(notary: .zero, session: 3, at: 1_000_000)
        let intent = SigningIntent(attesting: header)
        #expect(intent.subject == header.sessionID)
        #expect(intent.digest == header.id.value)
        let other = try RecordSamples().header(notary: .zero, session: 3, at: 1_000_000, variant: 1)
        #expect(SigningIntent(attesting: other).digest != intent.digest)
    }

    @Test func onlyItsOwnEncodingIsRead() throws {
        let signed = OwnSignature(digest: intent.digest, time: 1_760_000_000_000)
        let bytes = signed.wireBytes
        #expect(try OwnSignature(wireBytes: bytes, limit: 40) == signed)
        for count in bytes.indices {
            #expect(throws: WireError.self) { try OwnSignature(wireBytes: Array(bytes.prefix(count)), limit: 40) }
        }
        #expect(throws: WireError.self) { try OwnSignature(wireBytes: bytes + [0], limit: 41) }
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x40
            // Every other encoding is that of another value.
            #expect(try OwnSignature(wireBytes: changed, limit: 40) != signed)
        }
    }
}
