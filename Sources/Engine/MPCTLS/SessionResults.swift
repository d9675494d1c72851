internal import CryptoCore
package import TLSProtocol

/// What a verified session proves; the same for both parties, and what an attestation is made of.
///
/// Redacted: it holds disclosed plaintext, and the salt that hides it from everybody else.
package struct SessionFacts: Equatable, Sendable, Redacted {
    /// 32 bytes, contributed to by both parties.
    package let sessionID: [UInt8]
    /// What was agreed.
    package let parameters: SessionParameters
    /// The handshake, or the commitment to it.
    package let handshake: HandshakeDisclosure
    /// Hash of the handshake up to the client's Finished (in committed mode as the prover says).
    package let serverFinishedHash: [UInt8]
    /// Plaintext bytes of the request.
    package let sentByteCount: Int
    /// Plaintext bytes of the response.
    package let receivedByteCount: Int
    /// Whether an authenticated close_notify ended the response; without it the response is a prefix until the close.
    package let endedWithCloseNotify: Bool
    /// 32 bytes that the two parties share and nobody else knows, from which the blinders of disclosed parts follow.
    package let disclosureSalt: [UInt8]
    /// What was disclosed and committed to: sent first, sorted by range.
    package let segments: [ProvenSegment]
}

/// What the prover alone keeps of a session.
package struct ProverSecrets: Sendable, Redacted {
    /// The whole handshake.
    package let handshake: HandshakeTranscript
    /// Opens a committed handshake, 32 bytes.
    package let handshakeBlinder: [UInt8]
    /// The request and the response.
    package let sent: [UInt8]
    package let received: [UInt8]
    /// The 16-byte blinders of the committed segments, in the order of ``SessionFacts/segments``.
    package let blinders: [[UInt8]]
}
