import Foundation
import ServerIdentity
import TLSProtocol
import TestServers

/// Certificates that several tests read, made once.
struct TestChains: Sendable {
    static let shared = Result { try TestChains() }

    let authority: TestCertificateAuthority
    let direct: TestCertificate
    let deepAuthority: TestCertificateAuthority
    let deep: TestCertificate
    let roots: TrustedRoots
    let deepRoots: TrustedRoots

    /// The present, for certificates made just now.
    static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    static let localhost = ServerName.dns("localhost")

    private init() throws {
        authority = try TestCertificateAuthority()
        direct = try authority.issue()
        deepAuthority = try TestCertificateAuthority(key: .rsa(2048), hasIntermediate: true)
        deep = try deepAuthority.issue(key: .rsa(2048))
        roots = try TrustedRoots(pemFile: authority.rootPath)
        deepRoots = try TrustedRoots(pemFile: deepAuthority.rootPath)
    }

    /// Checks a chain of the first authority for localhost, now.
    func verify(
        _ certificate: TestCertificate,
        for name: ServerName = localhost,
        at time: Int64 = now
    ) throws -> VerifiedServerIdentity {
        try ServerIdentityVerifier(roots: roots).verify(chain: certificate.chain(), for: name, at: time)
    }
}
