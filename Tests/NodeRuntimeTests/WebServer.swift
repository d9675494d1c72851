import ServerIdentity
import TestServers

/// The web server that all tests of this target notarize, started by the first.
struct WebServer: Sendable {
    static let body =
        #"{"payment":{"id":"p-1","amount":"12.30","currency":"EUR","payee":"Ada"},"secret":"s3cr3t-iban"}"#

    /// The server; tests share it, because it keeps no state.
    static let shared = Result { try WebServer() }

    let authority: TestCertificateAuthority
    let roots: TrustedRoots
    private let nginx: NginxServer
    var port: UInt16 { nginx.port }

    private init() throws {
        authority = try TestCertificateAuthority()
        roots = try TrustedRoots(pemFile: authority.rootPath)
        nginx = try NginxServer(
            certificates: [try authority.issue()],
            pages: [
                "/payment": NginxServer.Page(Self.body),
                "/chunked": NginxServer.Page(Self.body, isChunked: true),
            ]
        )
    }
}
