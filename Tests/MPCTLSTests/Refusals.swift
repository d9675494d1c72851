import MPCTLS
import PartyChannel
import Testing

/// How a party refused.
enum Refusal: Equatable {
    /// It blames the other party's message.
    case violation
    /// The final proof does not hold.
    case rejectedProof
    /// What the notary opened contradicts what it sent.
    case misbehaviour
    /// It blames the server.
    case server
    /// The channel ended or carried something else than the protocol's next frame.
    case channel
    /// Something else.
    case other

    init(_ error: any Error) {
        switch error {
        case MPCTLSError.peerViolation: self = .violation
        case MPCTLSError.proofRejected: self = .rejectedProof
        case MPCTLSError.notaryMisbehaved: self = .misbehaviour
        case MPCTLSError.serverFailure, MPCTLSError.responseTooLarge: self = .server
        case is ChannelError: self = .channel
        default: self = .other
        }
    }
}

/// Expects an error of this kind whose description contains `words`.
func expectRefusal<Value>(
    _ result: Result<Value, any Error>,
    _ refusal: Refusal,
    _ words: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    switch result {
    case .success:
        Issue.record("a cheated session succeeded", sourceLocation: sourceLocation)
    case .failure(let error):
        let isExpected = Refusal(error) == refusal && (words.isEmpty || "\(error)".contains(words))
        #expect(isExpected, "refused with: \(error)", sourceLocation: sourceLocation)
    }
}
