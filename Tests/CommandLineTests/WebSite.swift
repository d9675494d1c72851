import Foundation
import TestServers

/// The web site of all tests of this target: payment pages, and answers of every odd kind.
struct WebSite: Sendable {
    static let payment =
        #"{"payment":{"id":"p-1","amount":"12.30","currency":"EUR","payee":"Ada Lovelace","status":"settled"},"#
        + #""account":{"holder":"Charles Babbage","iban":"DE02120300000000202051"}}"#
    /// About 50 KB with one account number near its start.
    static let statement =
        #"{"account":{"iban":"DE02120300000000202051","holder":"Charles Babbage"},"rows":["#
        + (0..<1000).map { #"{"id":\#($0),"amount":"\#($0 % 97).10","payee":"Payee \#($0)"}"# }.joined(separator: ",")
        + "]}"

    /// A little more than 1 MB with one account number near its start.
    static let archive =
        #"{"account":{"iban":"DE02120300000000202051","holder":"Charles Babbage"},"rows":["#
        + (0..<22_000).map { #"{"id":\#($0),"amount":"\#($0 % 97).10","payee":"Payee \#($0)"}"# }.joined(separator: ",")
        + "]}"

    /// Started by the first test, ended with the process.
    static let shared = Result { try WebSite() }

    let authority: TestCertificateAuthority
    let backend: OddBackend
    private let nginx: NginxServer

    var port: UInt16 { nginx.port }

    private init() throws {
        authority = try TestCertificateAuthority()
        backend = try OddBackend()
        nginx = try NginxServer(
            certificates: [try authority.issue(), try authority.issue(key: .rsa(2048))],
            pages: [
                "/payment": NginxServer.Page(Self.payment),
                "/chunked": NginxServer.Page(Self.payment, isChunked: true),
                "/statement": NginxServer.Page(Self.statement),
                "/archive": NginxServer.Page(Self.archive),
            ],
            configuration: """
                location /odd/ {
                    proxy_pass http://127.0.0.1:\(backend.port);
                    proxy_buffering off;
                    proxy_http_version 1.1;
                }
                """
        )
    }

    /// The URL of a page.
    func url(_ path: String) -> String { "https://localhost:\(port)\(path)" }
}
