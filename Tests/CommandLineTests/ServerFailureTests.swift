import Foundation
import TestServers
import Testing

/// Web servers that are down, misconfigured, slow, endless or cut off: the status, the reason, and no file.
@Suite(.timeLimit(.minutes(10)))
struct ServerFailureTests {
    /// Notarizes `url`, once with a notary and once without, and expects the same failure.
    private func expectFailure(
        _ status: Int32,
        saying words: String,
        _ url: String,
        ca: String? = nil,
        _ options: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        let roots = try ca ?? WebSite.shared.get().authority.rootPath
        for mode in [["--dry-run"], ["--node", node.address, "--out", "result"]] {
            try await scratch.expectFailure(
                status,
                saying: words,
                ["notarize", url, "--ca", roots] + options + mode,
                sourceLocation: sourceLocation
            )
        }
    }

    @Test func down() async throws {
        let port = try LoopbackPort.unused()
        try await expectFailure(40, saying: "cannot connect to localhost:\(port)", "https://localhost:\(port)/")
        try await expectFailure(
            40,
            saying: "cannot connect to",
            "https://localhost/",
            ["--connect", "no-such-host.invalid:443"]
        )
    }

    @Test func refusedTLSVersion() async throws {
        let authority = try WebSite.shared.get().authority
        let server = try NginxServer(certificates: [try authority.issue()], protocols: "TLSv1.3")
        defer { server.stop() }
        try await expectFailure(41, saying: "it may accept TLS 1.3 only", "https://localhost:\(server.port)/")
    }

    @Test func refusedSuite() async throws {
        let authority = try WebSite.shared.get().authority
        let server = try NginxServer(
            certificates: [try authority.issue()],
            configuration: "ssl_ciphers ECDHE-ECDSA-AES256-GCM-SHA384;"
        )
        defer { server.stop() }
        try await expectFailure(41, saying: "nothing acceptable in the offer", "https://localhost:\(server.port)/")
    }

    @Test func noTLSAtAll() async throws {
        let server = try LoopbackListener { connection in
            _ = try? connection.read()
            try? connection.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        }
        try await expectFailure(41, saying: "it may not speak TLS", "https://localhost:\(server.port)/")
    }

    @Test func certificates() async throws {
        let authority = try WebSite.shared.get().authority
        let expired = try NginxServer(certificates: [try authority.issue(days: -1)])
        defer { expired.stop() }
        try await expectFailure(23, saying: "expired", "https://localhost:\(expired.port)/")
        let site = try WebSite.shared.get()
        try await expectFailure(
            23,
            saying: "not for shop.example but for localhost",
            "https://shop.example/payment",
            ["--connect", "127.0.0.1:\(site.port)"]
        )
        let other = try TestCertificateAuthority()
        try await expectFailure(23, saying: "no chain of valid signatures", site.url("/payment"), ca: other.rootPath)
    }

    @Test func httpErrors() async throws {
        let site = try WebSite.shared.get()
        try await expectFailure(42, saying: "HTTP status 404", site.url("/nothing"))
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        try await scratch.expectSuccess(notarize("/nothing", node: node.address, "--allow-http-errors"))
        #expect(scratch.names == ["result", "result.secrets"])
    }

    @Test func responsesWithoutEnd() async throws {
        let site = try WebSite.shared.get()
        try await expectFailure(44, saying: "longer than 65536 bytes", site.url("/odd/endless"))
        try await expectFailure(44, saying: "longer than 400 bytes", site.url("/statement"), ["--max-received", "400"])
    }

    @Test func silence() async throws {
        let site = try WebSite.shared.get()
        try await expectFailure(45, saying: "did not answer within 1 s", site.url("/odd/silent"), ["--timeout", "1"])
    }

    /// Every step is quick enough, and there is no end of them.
    @Test func dripping() async throws {
        let site = try WebSite.shared.get()
        try await expectFailure(
            45,
            saying: "did not finish within 10 s, the limit for all its steps together",
            site.url("/odd/drip"),
            ["--timeout", "1"]
        )
    }

    /// A body that stops early, and a connection that breaks inside of a record.
    @Test func cutOff() async throws {
        let site = try WebSite.shared.get()
        try await expectFailure(46, saying: "before its answer was complete", site.url("/odd/cut"))
        let link = try LoopbackListener(forwardingTo: site.port, cutAfter: 20_000)
        try await expectFailure(
            46,
            saying: "closed the connection before",
            site.url("/statement"),
            ["--connect", "127.0.0.1:\(link.port)"]
        )
        let early = try LoopbackListener(forwardingTo: site.port, cutAfter: 300)
        try await expectFailure(
            46,
            saying: "closed the connection before",
            site.url("/statement"),
            ["--connect", "127.0.0.1:\(early.port)"]
        )
        let scratch = try Scratch()
        let node = try await NotaryNode.shared.value
        try await scratch.expectSuccess(notarize("/odd/cut", node: node.address, "--allow-incomplete"))
    }

    @Test func ambiguousHTTP() async throws {
        let authority = try WebSite.shared.get().authority
        let server = try OpenSSLServer(
            certificate: try authority.issue(),
            pages: [
                "lengths": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "surplus": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc",
                "nothing": "hello",
            ],
            arguments: ["-tls1_2", "-HTTP"]
        )
        defer { server.stop() }
        for (page, words) in [("lengths", "ambiguous"), ("surplus", "after the end of the message")] {
            try await expectFailure(43, saying: words, "https://localhost:\(server.port)/\(page)")
        }
        try await expectFailure(
            46,
            saying: "before its answer was complete",
            "https://localhost:\(server.port)/nothing"
        )
    }
}
