public import CryptoCore
internal import WireFormat

/// What a prover keeps of a session in which its notary opened a seed that contradicts what it had sent.
///
/// A value of this type always carries the notary's valid signature over ``transcriptDigest``, the digest of all
/// messages of the session before the opening. The seed is not signed: it is the notary's only if it opens the
/// commitment in those messages. They are not in here, so that a third party cannot judge by this alone; together with
/// them it can recompute what the notary should have sent. docs/attestation.md says what this shows and what it cannot.
public struct MisbehaviourEvidence: Hashable, Sendable {
    /// The most bytes of ``contradiction`` in UTF-8.
    public static let contradictionByteCountMax = 512
    /// The most bytes of the binary form.
    public static let byteCountMax = 1024

    /// Who signed.
    public let notary: EthereumAddress
    /// The session, as its prover knows it.
    public let sessionID: Bytes32
    /// Digest of every message of the session before the opening.
    public let transcriptDigest: Bytes32
    /// The seed that was opened.
    public let seed: Bytes32
    /// What the prover found, in its own words.
    public let contradiction: String
    private let signature: Secp256k1Signature

    /// Joins what a session left; `signature` is r ‖ s ‖ v, 65 bytes.
    ///
    /// - Throws: `.badSignature` when the signature is not `notary`'s over the digest, or has a high s; `.malformed` when
    ///   the words are too long.
    public init(
        notary: EthereumAddress,
        sessionID: Bytes32,
        transcriptDigest: Bytes32,
        signature: [UInt8],
        seed: Bytes32,
        contradiction: String
    ) throws(AttestationError) {
        guard contradiction.utf8.count <= Self.contradictionByteCountMax else { throw .malformed("contradiction") }
        guard
            let parsed = try? Secp256k1Signature(bytes: signature),
            let signer = try? Secp256k1PublicKey.recover(parsed, digest: Self.signedDigest(of: transcriptDigest.bytes)),
            signer.ethereumAddress == notary
        else { throw .badSignature }
        self.notary = notary
        self.sessionID = sessionID
        self.transcriptDigest = transcriptDigest
        self.signature = parsed
        self.seed = seed
        self.contradiction = contradiction
    }

    /// The signature: r ‖ s ‖ v, 65 bytes, v being 27 or 28.
    public var signatureBytes: [UInt8] { signature.bytes }

    /// What a notary signs before it opens its seed: Keccak-256 of a domain and the session's transcript digest.
    package static func signedDigest(of transcriptDigest: [UInt8]) -> [UInt8] {
        Keccak256.hash(Array("tabellion session transcript signature v1".utf8) + transcriptDigest)
    }
}

extension MisbehaviourEvidence {
    /// The canonical binary form.
    public var bytes: [UInt8] {
        BinaryContainer.evidence.write { writer in
            writer.fixed(notary.bytes)
            writer.fixed(sessionID.bytes)
            writer.fixed(transcriptDigest.bytes)
            writer.fixed(signatureBytes)
            writer.fixed(seed.bytes)
            writer.text(contradiction)
        }
    }

    /// Reads the binary form and checks the signature.
    ///
    /// - Throws: `.malformed`, `.unsupportedVersion`, `.badSignature`.
    public init(bytes: [UInt8]) throws(AttestationError) {
        self = try BinaryContainer.evidence.read(bytes) { reader in
            try MisbehaviourEvidence(
                notary: try reader.address(),
                sessionID: try reader.bytes32(),
                transcriptDigest: try reader.bytes32(),
                signature: try reader.fixed(65),
                seed: try reader.bytes32(),
                contradiction: try reader.text(limit: Self.contradictionByteCountMax, "contradiction")
            )
        }
    }

    /// The most bytes of the JSON form.
    public static let jsonByteCountMax = 8 << 10
    static let jsonFormat = "tabellion-evidence"

    /// The JSON form.
    public var json: String {
        var members = JSONValue.preamble(Self.jsonFormat)
        members.append(JSONMember("notary", .string(notary.checksummed)))
        members.append(JSONMember("sessionId", .hexadecimal(sessionID.bytes)))
        members.append(JSONMember("transcriptDigest", .hexadecimal(transcriptDigest.bytes)))
        members.append(JSONMember("signature", .hexadecimal(signatureBytes)))
        members.append(JSONMember("seed", .hexadecimal(seed.bytes)))
        members.append(JSONMember("contradiction", .string(contradiction)))
        return JSONValue.object(members).text(indented: true) + "\n"
    }

    /// Reads the JSON form and checks the signature.
    ///
    /// - Throws: `.malformed`, `.unsupportedVersion`, `.badSignature`.
    public init(json text: [UInt8]) throws(AttestationError) {
        var object = try StrictObject(try JSONValue.document(text, limit: Self.jsonByteCountMax), "evidence")
        try object.preamble(Self.jsonFormat)
        let spelling = try object.text("notary")
        guard let notary = try? EthereumAddress(spelling), notary.checksummed == spelling else {
            throw .malformed("evidence.notary")
        }
        let sessionID = try object.bytes32("sessionId")
        let transcriptDigest = try object.bytes32("transcriptDigest")
        let signature = try object.bytes("signature")
        let seed = try object.bytes32("seed")
        let contradiction = try object.text("contradiction")
        try object.finish()
        try self.init(
            notary: notary,
            sessionID: sessionID,
            transcriptDigest: transcriptDigest,
            signature: signature,
            seed: seed,
            contradiction: contradiction
        )
    }
}
