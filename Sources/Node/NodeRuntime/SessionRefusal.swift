internal import Correlations
internal import MPCTLS
internal import PartyChannel
internal import ServerIdentity
internal import TLSProtocol

/// Why a notary ended a session, as the prover may know it.
///
/// Only errors about what the prover itself sent or asked for are told; whatever else went wrong on the notary's
/// machine is not the prover's business, and could name files or addresses there.
enum SessionRefusal {
    /// How the reason begins when a session took longer than it may.
    static let tookTooLong = "you took longer than this notary waits"

    /// One sentence for the prover.
    static func reason(_ error: any Error, configuration: NotaryConfiguration) -> String {
        switch error {
        case let error as MPCTLSError: reason(error)
        case let error as ChannelError: reason(error, configuration)
        case let error as CorrelationError where error.blame == .peer: "your side broke the protocol: \(error)"
        case let error as TLSError where error.blame == .server: "the handshake that you sent is refused: \(error)"
        case let error as ServerIdentityError where error.blamesServer: "the server is refused: \(error)"
        default: "the notary failed"
        }
    }

    private static func reason(_ error: MPCTLSError) -> String {
        switch error {
        case .refusedByPolicy(let what): what
        case .peerViolation(let what), .serverFailure(let what): "your side broke the protocol: \(what)"
        case .proofRejected(let what): "your proof is refused: \(what)"
        case .responseTooLarge: "\(error)"
        case .invalidRequest, .notaryMisbehaved: "the notary failed"
        }
    }

    private static func reason(_ error: ChannelError, _ configuration: NotaryConfiguration) -> String {
        switch error {
        case .timedOut:
            "\(tookTooLong): \(configuration.sessionDuration.components.seconds) s in all, "
                + "\(configuration.messageTimeout.components.seconds) s for a message"
        case .closed, .abortedByPeer: "the session was over"
        case .unexpectedFrame, .oversize, .wrongLength: "your side broke the protocol: \(error)"
        }
    }
}
