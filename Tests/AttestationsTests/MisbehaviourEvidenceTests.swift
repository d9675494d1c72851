import Attestations
import CryptoCore
import Testing

@Suite("Evidence against a notary")
struct MisbehaviourEvidenceTests {
    private static let digest = [UInt8](repeating: 0x44, count: 32)

    private func evidence(
        signing digest: [UInt8] = digest,
        key: UInt8 = 7,
        contradiction: String = "its answer is wrong"
    ) throws -> MisbehaviourEvidence {
        let notary = try Secp256k1PrivateKey(bytes: [UInt8](repeating: 7, count: 32))
        let signer = try Secp256k1PrivateKey(bytes: [UInt8](repeating: key, count: 32))
        return try MisbehaviourEvidence(
            notary: notary.ethereumAddress,
            sessionID: try #require(Bytes32([UInt8](repeating: 1, count: 32))),
            transcriptDigest: try #require(Bytes32(Self.digest)),
            signature: try signer.sign(digest: MisbehaviourEvidence.signedDigest(of: digest)).bytes,
            seed: try #require(Bytes32([UInt8](repeating: 2, count: 32))),
            contradiction: contradiction
        )
    }

    @Test func bothFormsAreReadBack() throws {
        let evidence = try evidence()
        let bytes = evidence.bytes
        #expect(try MisbehaviourEvidence(bytes: bytes) == evidence)
        #expect(try MisbehaviourEvidence(json: Array(evidence.json.utf8)) == evidence)
        // docs/attestation.md: magic, version, notary, session, digest, signature, seed, words.
        #expect(bytes.starts(with: Array("TABE".utf8) + [0, 1] + evidence.notary.bytes))
        #expect(bytes.count == 4 + 2 + 20 + 32 + 32 + 65 + 32 + 4 + evidence.contradiction.utf8.count)
        #expect(Array(bytes[26..<58]) == evidence.sessionID.bytes)
        #expect(Array(bytes[58..<90]) == Self.digest)
        #expect(Array(bytes[90..<155]) == evidence.signatureBytes)
        #expect(Array(bytes[155..<187]) == evidence.seed.bytes)
    }

    @Test func onlyTheNotarysSignatureOverTheDigestIsAccepted() throws {
        #expect(throws: AttestationError.badSignature) { try evidence(key: 8) }
        #expect(throws: AttestationError.badSignature) { try evidence(signing: [UInt8](repeating: 0x45, count: 32)) }
        #expect(throws: AttestationError.malformed("contradiction")) {
            try evidence(contradiction: String(repeating: "x", count: 513))
        }
    }

    /// Notary, digest and signature belong together; session, seed and words are the prover's own.
    @Test func changedFilesAreRefused() throws {
        let evidence = try evidence()
        let bytes = evidence.bytes
        for count in 0..<bytes.count {
            #expect(throws: AttestationError.self) { try MisbehaviourEvidence(bytes: Array(bytes.prefix(count))) }
        }
        #expect(throws: AttestationError.self) { try MisbehaviourEvidence(bytes: bytes + [0]) }
        for place in [0, 5, 6, 25, 58, 89, 90, 154, 187] {
            var changed = bytes
            changed[place] ^= 1
            #expect(throws: AttestationError.self, "\(place)") { try MisbehaviourEvidence(bytes: changed) }
        }
        let json = evidence.json
        for (old, new) in [
            ("tabellion-evidence", "tabellion-secrets"), (#""version": 1"#, #""version": 2"#),
            ("0x4444", "0x4544"), (#""seed""#, #""sead""#), ("{", #"{"more": 1, "#),
            (evidence.notary.checksummed, evidence.notary.checksummed.lowercased()),
        ] {
            let changed = json.replacing(old, with: new, maxReplacements: 1)
            #expect(changed != json)
            #expect(throws: AttestationError.self, "\(old)") {
                try MisbehaviourEvidence(json: Array(changed.utf8))
            }
        }
    }
}
