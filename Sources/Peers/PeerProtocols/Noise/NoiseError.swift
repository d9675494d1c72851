/// Why a secured connection failed.
package enum NoiseError: Error, Equatable, Sendable {
    /// A message is too short for its place in the handshake, or a frame is too short for its tag; the peer's fault.
    case malformed
    /// A message arrived out of turn; the peer's fault.
    case unexpectedMessage
    /// A message was changed on the way, or the two sides' keys differ; the peer's fault or an attacker's.
    case authenticationFailed
    /// A Diffie-Hellman key of small order; the peer's fault.
    case invalidPublicKey
    /// The payload that names the peer is malformed; the peer's fault.
    case invalidPayload
    /// The identity key is malformed or of a kind that is not accepted here; the peer's fault.
    case invalidIdentityKey(PeerKeyError)
    /// The identity key did not sign the Noise key; the peer's fault.
    case invalidIdentitySignature
    /// Somebody else answered than the one that was dialled.
    case unexpectedPeer(expected: PeerID, actual: PeerID)
    /// All 2^64 - 1 message numbers of a key are used.
    case nonceExhausted
    /// The cryptographic library refused valid input; the environment's fault.
    case cryptographyUnavailable
}
