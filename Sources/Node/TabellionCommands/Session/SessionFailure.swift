internal import Attestations
internal import Correlations
internal import HTTPTranscript
internal import MPCTLS
internal import NodeRuntime
internal import PartyChannel
internal import PeerNetworking
internal import PeerProtocols
internal import ServerIdentity
internal import TLSProtocol
internal import WireFormat

/// Says in words why a session failed, whose fault it was, and which status that gives.
enum SessionFailure {
    private static let tryAgain = "Nothing was signed. Try again, or use another notary."
    private static let doNotTrust = "Do not use anything that this notary signed in this session."

    static func failure(_ error: any Error) -> CommandFailure {
        switch error {
        case let error as CommandFailure: error
        case let error as MPCTLSError: failure(error)
        case let error as ChannelError: failure(error)
        case let error as WebServerError: failure(error)
        case let error as TLSError: failure(error)
        case let error as FetchError: failure(error)
        case let error as ServerIdentityError:
            CommandFailure(
                .serverIdentityInvalid,
                "\(error)",
                advice: "Give --ca if the server's certificate comes from an authority of your own."
            )
        case let error as PeerHostError: failure(error)
        case let error as StreamOpeningError: failure(error)
        case let error as StreamError: CommandFailure(.notaryGone, "the notary went away: \(error)", advice: tryAgain)
        case let error as SelectorError: CommandFailure(.selectionInvalid, "\(error)")
        case let error as CorrelationError where error.blame != .peer: CommandFailure(.failure, "\(error)")
        case is CorrelationError, is AttestationError, is WireError:
            CommandFailure(.notaryMisbehaved, "the notary broke the protocol: \(error)", advice: doNotTrust)
        default: CommandFailure(.failure, "the session failed: \(error)")
        }
    }

    private static func failure(_ error: MPCTLSError) -> CommandFailure {
        switch error {
        case .serverFailure(let what): CommandFailure(.serverTLSFailure, what)
        case .responseTooLarge(let limit): tooLarge(limit)
        case .invalidRequest(let what): CommandFailure(.usage, what)
        case .refusedByPolicy(let what): CommandFailure(.notaryRefused, what)
        case .peerViolation(let what), .proofRejected(let what):
            CommandFailure(.notaryMisbehaved, "the notary broke the protocol: \(what)", advice: doNotTrust)
        case .notaryMisbehaved: CommandFailure(.notaryMisbehaved, "\(error)", advice: doNotTrust)
        }
    }

    private static func failure(_ error: ChannelError) -> CommandFailure {
        switch error {
        case .closed, .timedOut:
            CommandFailure(
                .notaryGone,
                error == .timedOut
                    ? "the notary did not answer in time" : "the notary went away during the session",
                advice: tryAgain
            )
        case .abortedByPeer(let reason): CommandFailure(.notaryRefused, "the notary refused the session: \(reason)")
        case .unexpectedFrame, .oversize, .wrongLength:
            CommandFailure(.notaryMisbehaved, "the notary broke the protocol: \(error)", advice: doNotTrust)
        }
    }

    private static func failure(_ error: PeerHostError) -> CommandFailure {
        let reason =
            switch error {
            case .connectionFailed(.security(.unexpectedPeer(_, let actual))):
                "somebody else answers there, with the peer id \(actual)"
            case .connectionFailed(.closedByPeer): "it closed the connection; it may have no room for another one"
            case .connectionFailed(.handshakeTimedOut): "it did not answer in time"
            case .connectionFailed(.negotiation), .connectionFailed(.multiplexing), .connectionFailed(.security):
                "what answers there is no node of this network (\(error))"
            default: "\(error)"
            }
        return CommandFailure(
            .notaryUnreachable,
            "the notary cannot be reached: \(reason)",
            advice: "Check the address that --node gives, or use another notary."
        )
    }

    private static func failure(_ error: StreamOpeningError) -> CommandFailure {
        switch error {
        case .protocolNotSupported:
            CommandFailure(.notaryRefused, "the node is no notary: it does not offer \(ProtocolName.notarize)")
        case .resetByPeer, .refused:
            CommandFailure(.notaryRefused, "the notary takes no further sessions now", advice: tryAgain)
        case .timedOut, .connectionClosed:
            CommandFailure(.notaryGone, "the notary went away before the session began", advice: tryAgain)
        case .malformedNegotiation:
            CommandFailure(.notaryMisbehaved, "the notary broke the protocol when the session was to begin")
        }
    }

    private static func failure(_ error: WebServerError) -> CommandFailure {
        switch error {
        case .unreachable: CommandFailure(.serverUnreachable, "\(error)")
        case .timedOut, .tooSlow:
            CommandFailure(.serverTimeout, "\(error)", advice: "Allow more with --timeout, as far as the notary waits.")
        case .outlasted:
            CommandFailure(.serverTimeout, "\(error)", advice: "Ask for less, or use a notary that waits longer.")
        case .gone: CommandFailure(.serverGone, "\(error)")
        }
    }

    private static func failure(_ error: TLSError) -> CommandFailure {
        if error == .truncated {
            return CommandFailure(.serverGone, "the server closed the connection before its answer was complete")
        }
        return CommandFailure(
            error.blame == .server ? .serverTLSFailure : .failure,
            "TLS with the server failed: \(error)"
        )
    }

    private static func failure(_ error: FetchError) -> CommandFailure {
        switch error {
        case .responseTooLarge(let limit): tooLarge(limit)
        }
    }

    private static func tooLarge(_ limit: Int) -> CommandFailure {
        CommandFailure(
            .serverResponseTooLarge,
            "the response is longer than \(limit) bytes",
            advice: "Allow more with --max-received, as far as the notary does."
        )
    }
}
