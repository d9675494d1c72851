internal import Attestations

/// Says in words why an attestation or presentation is refused, and which status that gives.
enum AttestationFailure {
    static func failure(_ error: AttestationError, in path: String) -> CommandFailure {
        CommandFailure(status(error), "\(path): \(message(error))", advice: advice(error))
    }

    static func status(_ error: AttestationError) -> ExitStatus {
        switch error {
        case .malformed, .unsupportedVersion, .secretsMismatch: .inputMalformed
        case .badSignature: .signatureInvalid
        case .contextTextMismatch, .merkleMismatch, .overlappingSegments, .segmentOutOfRange,
            .identityOpeningMismatch:
            .disclosureInvalid
        case .untrustedNotary: .notaryUntrusted
        case .wrongNetwork, .wrongOwner, .wrongContext, .wrongServerName: .contextMismatch
        case .notYetValid, .expired, .tooOld: .attestationExpired
        case .incomplete: .transcriptIncomplete
        case .identityMissing: .serverIdentityUndisclosed
        case .identityNotChecked, .identityRejected: .serverIdentityInvalid
        case .notCovered: .selectionInvalid
        }
    }

    private static func message(_ error: AttestationError) -> String {
        switch error {
        case .malformed(let place): "the file is damaged or was altered (\(start(of: place)))"
        case .unsupportedVersion(let version): "format version \(version) is not known to this program"
        case .badSignature: "the signature is not that of the named notary over this content"
        case .contextTextMismatch: "the context text is not the one that was signed"
        case .untrustedNotary(let notary): "the notary \(notary) is not among the trusted ones"
        case .wrongNetwork(let network): "it was made for another network, \(network)"
        case .wrongOwner(let owner): "it belongs to another owner, \(owner)"
        case .wrongContext(let hash): "it is bound to another context, with the hash \(hash)"
        case .wrongServerName(let name): "it is about another server, \(name)"
        case .notYetValid(let end):
            "the session ended at \(Timestamp.text(milliseconds: end)), which is in the future: a clock is wrong"
        case .expired(let moment): "it expired at \(Timestamp.text(milliseconds: moment))"
        case .tooOld(let age): "the session ended \(Timestamp.duration(milliseconds: age)) ago, longer than allowed"
        case .incomplete: "the response is only a prefix of what the server may have sent"
        case .merkleMismatch: "the parts shown are not those that the notary signed"
        case .overlappingSegments(let leaf, let next): "parts \(leaf) and \(next) overlap or are out of order"
        case .segmentOutOfRange(let leaf): "part \(leaf) lies outside of the transcript"
        case .identityMissing: "who the server was is committed to, but not disclosed"
        case .identityOpeningMismatch: "the handshake shown is not the one that was committed to"
        case .identityNotChecked: "there is no way to check who the server was"
        case .identityRejected(let reason): "the server's identity was refused: \(start(of: reason))"
        case .notCovered(let direction, let range):
            "bytes \(range.lowerBound) to \(range.upperBound - 1) that were \(direction == .sent ? "sent" : "received") "
                + "cannot be shown separately"
        case .secretsMismatch: "the secrets belong to another attestation"
        }
    }

    /// Words that may quote the file: no more of them than a sentence.
    private static func start(of text: String) -> String {
        text.count > 300 ? text.prefix(300) + "…" : text
    }

    private static func advice(_ error: AttestationError) -> String? {
        switch error {
        case .untrustedNotary: "Name the notary with --trust if you know and trust it."
        case .identityMissing:
            "Ask for a presentation with the server, or accept an unknown one with --allow-unknown-server."
        case .identityRejected: "If you trust the server's own certificate authority, name its certificate with --ca."
        default: nil
        }
    }
}
