internal import HTTPTranscript
internal import MPCTLS
internal import NodeRuntime
internal import PartyChannel
internal import PeerNetworking
internal import ServerIdentity
internal import TLSProtocol

/// Says in words why a session failed, whose fault it was, and which status that gives.
enum SessionFailure {
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
        case let error as PeerHostError: CommandFailure(.notaryUnreachable, "the notary cannot be reached: \(error)")
        case let error as StreamError: CommandFailure(.notaryGone, "the notary went away: \(error)")
        case let error as SelectorError: CommandFailure(.selectionInvalid, "\(error)")
        default: CommandFailure(.notaryMisbehaved, "the session failed: \(error)")
        }
    }

    private static func failure(_ error: MPCTLSError) -> CommandFailure {
        switch error {
        case .serverFailure(let what): CommandFailure(.serverTLSFailure, what)
        case .responseTooLarge(let limit): tooLarge(limit)
        case .invalidRequest(let what): CommandFailure(.usage, what)
        case .refusedByPolicy(let what): CommandFailure(.notaryRefused, what)
        case .peerViolation, .notaryMisbehaved, .proofRejected: CommandFailure(.notaryMisbehaved, "\(error)")
        }
    }

    private static func failure(_ error: ChannelError) -> CommandFailure {
        switch error {
        case .closed, .timedOut:
            CommandFailure(
                .notaryGone,
                error == .timedOut
                    ? "the notary did not answer in time" : "the notary went away during the session",
                advice: "Nothing was signed. Try again, or use another notary."
            )
        case .abortedByPeer(let reason): CommandFailure(.notaryRefused, "the notary ended the session: \(reason)")
        case .unexpectedFrame, .oversize, .wrongLength: CommandFailure(.notaryMisbehaved, "\(error)")
        }
    }

    private static func failure(_ error: WebServerError) -> CommandFailure {
        switch error {
        case .unreachable: CommandFailure(.serverUnreachable, "\(error)")
        case .timedOut: CommandFailure(.serverTimeout, "\(error)")
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
