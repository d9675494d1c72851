extension TLSError: CustomStringConvertible {
    /// What happened and, where the user can do something about it, what.
    package var description: String {
        switch self {
        case .malformed(let element): "the server sent a malformed \(element.rawValue)"
        case .recordOverflow(let byteCount, let limit):
            "the server sent a TLS record of \(byteCount) bytes, more than the \(limit) allowed"
        case .unknownContentType(let type):
            "the server sent a record of unknown type \(type); it may not speak TLS on this port"
        case .unsupportedVersion(let version):
            "the server chose TLS version 0x\(String(version, radix: 16)); only TLS 1.2 (0x303) is supported"
        case .unexpected(let element): "the server sent a \(element.rawValue) where it is not allowed"
        case .tooLarge(let element, let limit): "the \(element.rawValue) exceeds the limit of \(limit)"
        case .suiteNotOffered(let suite): "the server chose cipher suite 0x\(String(suite, radix: 16)), not offered"
        case .compressionNotOffered(let method): "the server chose compression method \(method)"
        case .extensionNotOffered(let type): "the server answered with extension \(type), which it may not"
        case .extendedMasterSecretMissing:
            "the server does not support the extended master secret (RFC 7627); it cannot be notarized"
        case .secureRenegotiationMissing:
            "the server does not support secure renegotiation (RFC 5746); it cannot be notarized"
        case .applicationProtocolNotOffered: "the server chose an application protocol other than http/1.1"
        case .downgraded: "the server reports a downgrade below TLS 1.2; somebody may be tampering with the connection"
        case .groupNotOffered(let group): "the server chose key exchange group \(group); only P-256 (23) is supported"
        case .invalidServerPoint: "the server's ephemeral key is not a point of P-256"
        case .signatureSchemeNotOffered(let scheme):
            "the server signed with scheme 0x\(String(scheme, radix: 16)), not offered or unfit for the suite"
        case .renegotiationRefused: "the server asked to renegotiate, which is refused"
        case .nonceReused(let nonce): "the server used the record nonce \(nonce) twice"
        case .badRecordMAC: "a record of the server does not authenticate"
        case .wrongServerFinished: "the server's Finished message does not match the handshake"
        case .alertReceived(let alert): TLSError.explain(alert)
        case .truncated: "the server closed the connection in the middle of the handshake or of a record"
        case .misuse(let words): "misuse of the TLS client: \(words)"
        case .libraryFailure: "the cryptographic library failed; the machine may be out of memory"
        case .alreadyFailed: "the TLS client already stopped because of an earlier error"
        }
    }

    /// The alert in words; the two that servers use to refuse this client's offer get a reason.
    private static func explain(_ alert: TLSAlert) -> String {
        switch alert.kind {
        case .protocolVersion: "the server refuses TLS 1.2 (\(alert)); it may accept TLS 1.3 only"
        case .handshakeFailure:
            "the server found nothing acceptable in the offer (\(alert)): it must support ECDHE on P-256"
                + " with AES-128-GCM under TLS 1.2"
        case .unrecognizedName: "the server does not know this host name (\(alert))"
        case .closeNotify: "the server closed the connection (\(alert))"
        default: "the server ended the connection with a \(alert)"
        }
    }
}
