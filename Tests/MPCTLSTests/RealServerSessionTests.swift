import MPCTLS
import PartyChannel
import TLSProtocol
import TestServers
import Testing

/// Whole sessions against nginx and OpenSSL in every shape that matters to the engine.
@Suite(.serialized) struct RealServerSessionTests {
    private static let page =
        #"{"payment":{"amount":"12.30","payee":"Ada"},"note":""# + String(repeating: "n", count: 50_000) + #""}"#

    /// Shows the first line of the response and commits to its last bytes.
    private static func harness(path: String, maxReceived: Int = 60_000) -> SessionHarness {
        var harness = SessionHarness(path: path)
        harness.maxSent = 128
        harness.maxReceived = maxReceived
        harness.plan = { opened in
            let end = opened.received.count
            return DisclosurePlan(
                sent: .hidden,
                received: DirectionPlan(
                    opensKey: false,
                    segments: [
                        PlannedSegment(range: 0..<15, treatment: .disclosed),
                        PlannedSegment(range: end - 100..<end - 60, treatment: .disclosed),
                        PlannedSegment(range: end - 40..<end, treatment: .committed),
                    ]
                )
            )
        }
        return harness
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func nginxWithEitherKindOfCertificate() async throws {
        let authority = try TestCertificateAuthority()
        let kinds: [(TestCertificate, CipherSuite)] = [
            (try authority.issue(key: .rsa(2048)), .ecdheRSAWithAES128GCMSHA256),
            (try authority.issue(key: .p256), .ecdheECDSAWithAES128GCMSHA256),
        ]
        for (certificate, suite) in kinds {
            let server = try NginxServer(
                certificates: [certificate],
                pages: ["/p": .init(#"{"paid":true,"reference":"0123456789012345678901234567890123456789"}"#)],
                protocols: "TLSv1.2 TLSv1.3"
            )
            defer { server.stop() }
            let (prover, facts) = try await Self.harness(path: "/p").run(port: server.port).both()
            #expect(prover.facts == facts)
            #expect(facts.handshake.suite == suite)
            #expect(facts.endedWithCloseNotify)
            #expect(facts.segments[0].content == .disclosed(Array("HTTP/1.1 200 OK".utf8)))
        }
        _ = authority
    }

    @Test func longAndChunkedResponses() async throws {
        let authority = try TestCertificateAuthority()
        let server = try NginxServer(
            certificates: [try authority.issue()],
            pages: ["/long": .init(Self.page), "/chunked": .init(Self.page, isChunked: true)]
        )
        defer { server.stop() }
        for path in ["/long", "/chunked"] {
            let (prover, facts) = try await Self.harness(path: path).run(port: server.port).both()
            #expect(prover.facts == facts)
            #expect(facts.receivedByteCount > 50_000 && facts.endedWithCloseNotify)
            let received = prover.secrets.received
            #expect(Self.text(received).contains("Transfer-Encoding: chunked") == (path == "/chunked"))
            for segment in facts.segments {
                if case .disclosed(let bytes) = segment.content { #expect(bytes == Array(received[segment.range])) }
            }
        }
        _ = authority
    }

    @Test func manySmallRecords() async throws {
        let authority = try TestCertificateAuthority()
        let server = try OpenSSLServer(
            certificate: try authority.issue(),
            pages: ["page": String(Self.page.suffix(20_000))],
            arguments: ["-tls1_2", "-max_send_frag", "512"]
        )
        defer { server.stop() }
        let (prover, facts) = try await Self.harness(path: "/page").run(port: server.port).both()
        #expect(prover.facts == facts)
        #expect(facts.receivedByteCount > 20_000)
        #expect(Self.text(prover.secrets.received).hasSuffix(Self.page.suffix(20_000)))
        _ = authority
    }

    @Test func longerResponseThanAgreedIsRefused() async throws {
        let authority = try TestCertificateAuthority()
        let server = try NginxServer(certificates: [try authority.issue()], pages: ["/long": .init(Self.page)])
        defer { server.stop() }
        let outcome = await Self.harness(path: "/long", maxReceived: 40_000).run(port: server.port)
        expectRefusal(outcome.prover, .server, "longer than the 40000 bytes agreed")
        expectRefusal(outcome.notary, .channel)
        _ = authority
    }

    @Test func serverOfTLS13OnlyIsRefused() async throws {
        let authority = try TestCertificateAuthority()
        let server = try NginxServer(certificates: [try authority.issue()], protocols: "TLSv1.3")
        defer { server.stop() }
        let outcome = await Self.harness(path: "/").run(port: server.port)
        #expect(throws: TLSError.alertReceived(TLSAlert(.fatal, .protocolVersion))) { try outcome.prover.get() }
        expectRefusal(outcome.notary, .channel)
        _ = authority
    }

    @Test func serverWithoutExtendedMasterSecretIsRefused() async throws {
        let authority = try TestCertificateAuthority()
        let server = try OpenSSLServer(
            certificate: try authority.issue(),
            pages: ["page": "paid"],
            libraryOptions: "-ExtendedMasterSecret"
        )
        defer { server.stop() }
        let outcome = await Self.harness(path: "/page").run(port: server.port)
        #expect(throws: TLSError.extendedMasterSecretMissing) { try outcome.prover.get() }
        expectRefusal(outcome.notary, .channel)
        _ = authority
    }

    /// OpenSSL's console asks for a renegotiation as soon as the request is there.
    @Test func renegotiationIsRefused() async throws {
        let authority = try TestCertificateAuthority()
        let server = try OpenSSLServer(certificate: try authority.issue(), pages: nil)
        defer { server.stop() }
        let port = server.port
        let outcome = await Self.harness(path: "/").run {
            try WatchedConnection(port: port) { writes in if writes == 3 { try server.write(line: "r") } }
        }
        #expect(throws: TLSError.renegotiationRefused) { try outcome.prover.get() }
        expectRefusal(outcome.notary, .channel)
        _ = authority
    }

    /// The server's process dies with the request in its hands.
    @Test func earlyCloseLeavesAnIncompleteResponse() async throws {
        let authority = try TestCertificateAuthority()
        let server = try OpenSSLServer(certificate: try authority.issue(), pages: nil)
        let port = server.port
        var harness = Self.harness(path: "/")
        harness.plan = { _ in DisclosurePlan(sent: .hidden, received: .hidden) }
        let outcome = await harness.run {
            try WatchedConnection(port: port) { writes in if writes == 3 { server.stop() } }
        }
        if case .success(let facts) = outcome.notary {
            #expect(!facts.endedWithCloseNotify && facts.receivedByteCount == 0)
        }
        #expect((try? outcome.prover.get())?.facts.endedWithCloseNotify != true)
        _ = authority
    }
}

/// A connection that tells of each write.
private final class WatchedConnection: ServerConnection {
    private let connection: LoopbackServerConnection
    private let didWrite: (Int) throws -> Void
    private var writes = 0

    init(port: UInt16, didWrite: @escaping (Int) throws -> Void) throws {
        connection = try LoopbackServerConnection(port: port)
        self.didWrite = didWrite
    }

    func write(_ bytes: [UInt8]) throws {
        try connection.write(bytes)
        writes += 1
        try didWrite(writes)
    }

    func read() throws -> [UInt8] { try connection.read() }

    func close() { connection.close() }
}
