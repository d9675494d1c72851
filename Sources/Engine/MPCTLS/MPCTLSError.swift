internal import CryptoCore
internal import PartyChannel

/// Why an MPC-TLS session ended without a result, and whose fault that is.
package enum MPCTLSError: Error, Equatable, CustomStringConvertible {
    /// The other party sent something that the protocol excludes; it may be cheating or broken.
    case peerViolation(String)
    /// The notary refuses these parameters.
    case refusedByPolicy(String)
    /// The web server misbehaved, or the session with it failed.
    case serverFailure(String)
    /// The server sent more than the session's `maxReceived` bytes.
    case responseTooLarge(limit: Int)
    /// The request or configuration given by the caller cannot be used.
    case invalidRequest(String)
    /// What the notary opened after the close contradicts what it sent before: signed evidence is attached.
    case notaryMisbehaved(String, evidence: NotaryEvidence?)
    /// The final proof does not hold.
    case proofRejected(String)

    /// The same refusal as the notary sees it: an honest prover checks its server and its plan before it shows them.
    var blamedOnProver: MPCTLSError {
        switch self {
        case .serverFailure(let what), .invalidRequest(let what): .peerViolation(what)
        default: self
        }
    }

    package var description: String {
        switch self {
        case .peerViolation(let what): "the other party broke the protocol: \(what)"
        case .refusedByPolicy(let what): "the notary refuses the session: \(what)"
        case .serverFailure(let what): what
        case .responseTooLarge(let limit): "the response is longer than the \(limit) bytes agreed with the notary"
        case .invalidRequest(let what): what
        case .notaryMisbehaved(let what, _): "the notary misbehaved: \(what)"
        case .proofRejected(let what): "the proof was rejected: \(what)"
        }
    }
}

/// What shows that a notary deviated: its signed transcript digest and the seed that contradicts it.
///
/// Redacted, because the seed gives away the session's keys to whoever has the prover's frames.
package struct NotaryEvidence: Equatable, Sendable, Redacted {
    /// The session that the evidence is about.
    package let sessionID: [UInt8]
    /// Digest over every message that the two parties exchanged before the opening.
    package let transcriptDigest: [UInt8]
    /// The notary's signature over that digest, as its application made it.
    package let signature: [UInt8]
    /// The opened seed ρ.
    package let seed: [UInt8]
}
