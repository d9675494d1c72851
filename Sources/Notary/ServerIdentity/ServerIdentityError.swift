package import TLSProtocol

/// Why a server is not who the client wanted to reach, in words that say what to do.
package enum ServerIdentityError: Error, Hashable, Sendable {
    /// A certificate of the chain does not parse; `index` counts from the leaf, 0.
    case malformedCertificate(index: Int, reason: String)
    /// A certificate's validity is over; times are Unix seconds.
    case expired(subject: String, notAfter: Int64)
    /// A certificate's validity has not begun; times are Unix seconds.
    case notYetValid(subject: String, notBefore: Int64)
    /// The leaf is for other names.
    case wrongHost(expected: ServerName, names: [String])
    /// No chain of valid signatures leads from the leaf to a trusted root.
    case untrustedRoot(issuer: String, isSelfSigned: Bool)
    /// A certificate may not be used for TLS servers.
    case notForServers(subject: String)
    /// A certificate is signed with SHA-1, or has a key that is too short, too long or of no supported kind.
    case weakCertificate(subject: String, reason: String)
    /// A chain leads to a trusted root but breaks a rule of RFC 5280.
    case invalidChain(reason: String)
    /// The signature scheme of the key exchange does not fit the key of the certificate.
    case schemeMismatch(scheme: SignatureScheme, key: String)
    /// The signature of the key exchange does not verify under the certificate's key.
    case badSignature
    /// The trusted roots cannot be read.
    case rootsUnreadable(path: String, reason: String)

    /// Whether the server, or somebody on the path to it, is at fault rather than this machine's configuration.
    package var blamesServer: Bool {
        if case .rootsUnreadable = self { false } else { true }
    }

    /// The alert that tells the server.
    package var alert: TLSAlert {
        switch self {
        case .malformedCertificate, .invalidChain: TLSAlert(.fatal, .badCertificate)
        case .expired, .notYetValid: TLSAlert(.fatal, .certificateExpired)
        case .wrongHost: TLSAlert(.fatal, .certificateUnknown)
        case .untrustedRoot: TLSAlert(.fatal, .unknownCA)
        case .notForServers, .weakCertificate: TLSAlert(.fatal, .unsupportedCertificate)
        case .schemeMismatch: TLSAlert(.fatal, .illegalParameter)
        case .badSignature: TLSAlert(.fatal, .decryptError)
        case .rootsUnreadable: TLSAlert(.fatal, .internalError)
        }
    }
}

extension ServerIdentityError: CustomStringConvertible {
    /// What is wrong, and what to do about it.
    package var description: String {
        switch self {
        case .malformedCertificate(let index, let reason):
            "certificate \(index) of the server's chain is malformed: \(reason)"
        case .expired(let subject, let notAfter):
            "the certificate of \(subject) expired (Unix time \(notAfter)); the server's operator must renew it,"
                + " or this machine's clock is wrong"
        case .notYetValid(let subject, let notBefore):
            "the certificate of \(subject) is not valid before Unix time \(notBefore); check this machine's clock"
        case .wrongHost(let expected, let names):
            "the certificate is not for \(expected) but for \(names.isEmpty ? "no names" : names.joined(separator: ", "));"
                + " check the host name in the URL"
        case .untrustedRoot(let issuer, let isSelfSigned):
            isSelfSigned
                ? "the certificate is signed by itself; trust it by naming it as a root, if you know it is genuine"
                : "no chain of valid signatures leads to a trusted root; the last known issuer is \(issuer):"
                    + " name its root certificate if you trust it, or the server leaves out an intermediate"
        case .notForServers(let subject): "the certificate of \(subject) may not be used for TLS servers"
        case .weakCertificate(let subject, let reason): "the certificate of \(subject) is refused: \(reason)"
        case .invalidChain(let reason): "the certificate chain breaks a rule of RFC 5280: \(reason)"
        case .schemeMismatch(let scheme, let key):
            "the server signed the key exchange as \(scheme), which does not fit its \(key) key"
        case .badSignature:
            "the signature of the key exchange does not verify under the certificate; somebody may be tampering"
        case .rootsUnreadable(let path, let reason): "the trusted roots in \(path) cannot be read: \(reason)"
        }
    }
}
