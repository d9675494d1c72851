import CryptoCore
import TLSProtocol
import TestServers
import Testing

/// Fetches a page with the client under test; checks no certificate.
private func fetch(
    _ path: String,
    from port: UInt16,
    name: String = "localhost",
    readCount: Int = 1 << 16
) throws -> (response: [UInt8], flight: ServerFlight, isWhole: Bool) {
    let connection = try LoopbackConnection(port: port)
    var random = SecureRandom.generator()
    var client = try LocalTLS12Client(
        configuration: TLS12ClientConfiguration(serverName: ServerName(name)),
        random: &random
    )
    let request = "GET \(path) HTTP/1.1\r\nHost: \(name)\r\nConnection: close\r\n\r\n"
    var flight: ServerFlight?
    var response: [UInt8] = []
    while true {
        try connection.write(client.takeOutput())
        let bytes = try connection.read(upTo: readCount)
        if bytes.isEmpty {
            try client.receiveEnd()
            return (response, try #require(flight), false)
        }
        var rest = ArraySlice(bytes)
        while let event = try client.nextEvent(from: &rest) {
            switch event {
            case .serverFlight(let received):
                flight = received
                try client.acceptServer()
            case .connected: try client.send(Array(request.utf8))
            case .applicationData(let bytes): response += bytes
            case .closed: return (response, try #require(flight), true)
            }
        }
    }
}

@Suite("Real servers", .serialized)
struct RealServerTests {
    private static let page = "{\"amount\":\"12.50\",\"padding\":\"\(String(repeating: "x", count: 50_000))\"}"

    @Test("nginx with an RSA or an ECDSA certificate or both answers a GET")
    func nginx() throws {
        let authority = try TestCertificateAuthority()
        let rsa = try authority.issue(key: .rsa(2048))
        let ecdsa = try authority.issue(key: .p256)
        let cases: [([TestCertificate], CipherSuite)] = [
            ([rsa], .ecdheRSAWithAES128GCMSHA256), ([ecdsa], .ecdheECDSAWithAES128GCMSHA256),
            ([rsa, ecdsa], .ecdheECDSAWithAES128GCMSHA256),
        ]
        for (certificates, suite) in cases {
            let server = try NginxServer(
                certificates: certificates,
                pages: ["/long": .init(Self.page), "/chunked": .init(Self.page, isChunked: true)],
                protocols: "TLSv1.2 TLSv1.3"
            )
            defer { server.stop() }
            let long = try fetch("/long", from: server.port)
            #expect(long.flight.suite == suite)
            #expect(long.flight.hello.reportsTLS13Support)
            #expect(long.isWhole)
            let text = String(decoding: long.response, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(text.hasSuffix(Self.page))
            let chunked = String(decoding: try fetch("/chunked", from: server.port).response, as: UTF8.self)
            #expect(chunked.contains("\r\nTransfer-Encoding: chunked\r\n"))
            #expect(chunked.hasSuffix("\r\n0\r\n\r\n"))
            // Reads of one byte at a time over a real socket, and an address in place of a name.
            let dripped = try fetch("/long", from: server.port, name: "127.0.0.1", readCount: 1)
            #expect(dripped.response.suffix(1000) == long.response.suffix(1000))
        }
    }

    @Test(
        "openssl s_server answers with every signature scheme on offer",
        arguments: [
            ("RSA-PSS+SHA256", SignatureScheme.rsaPSSSHA256), ("RSA-PSS+SHA384", .rsaPSSSHA384),
            ("RSA-PSS+SHA512", .rsaPSSSHA512), ("RSA+SHA256", .rsaPKCS1SHA256), ("RSA+SHA384", .rsaPKCS1SHA384),
            ("RSA+SHA512", .rsaPKCS1SHA512), ("ECDSA+SHA256", .ecdsaSHA256), ("ECDSA+SHA384", .ecdsaSHA384),
        ]
    )
    func schemes(algorithm: String, scheme: SignatureScheme) throws {
        let authority = try TestCertificateAuthority()
        let certificate = try authority.issue(key: algorithm.hasPrefix("ECDSA") ? .p256 : .rsa(2048))
        let server = try OpenSSLServer(
            certificate: certificate,
            pages: ["page": "paid"],
            arguments: ["-tls1_2", "-sigalgs", algorithm]
        )
        defer { server.stop() }
        let result = try fetch("/page", from: server.port)
        #expect(result.flight.keyExchange.scheme == scheme)
        #expect(String(decoding: result.response, as: UTF8.self).hasSuffix("paid"))
    }

    @Test("a server that asks for a certificate gets none; one that splits records is put together")
    func certificateRequest() throws {
        let certificate = try TestCertificateAuthority(hasIntermediate: true).issue(key: .p256)
        let server = try OpenSSLServer(
            certificate: certificate,
            pages: ["page": Self.page],
            arguments: ["-tls1_2", "-verify", "1", "-max_send_frag", "512"]
        )
        defer { server.stop() }
        let result = try fetch("/page", from: server.port)
        #expect(result.flight.requestsClientCertificate)
        #expect(result.flight.certificateChain.count == 2)
        #expect(String(decoding: result.response, as: UTF8.self).hasSuffix(Self.page))
    }

    @Test("a server of TLS 1.3 only refuses, and the error says why")
    func tls13Only() throws {
        let certificate = try TestCertificateAuthority().issue()
        let server = try NginxServer(certificates: [certificate], protocols: "TLSv1.3")
        defer { server.stop() }
        let refusal = TLSError.alertReceived(TLSAlert(.fatal, .protocolVersion))
        #expect(throws: refusal) { try fetch("/", from: server.port) }
        #expect(refusal.description.contains("TLS 1.3 only"))
    }

    @Test("a server without the suites, the group, or the extended master secret is refused")
    func incompatible() throws {
        let certificate = try TestCertificateAuthority().issue()
        let cases: [(TLSError, [String], String?)] = [
            (
                .alertReceived(TLSAlert(.fatal, .handshakeFailure)),
                ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"], nil
            ),
            (.alertReceived(TLSAlert(.fatal, .handshakeFailure)), ["-tls1_2", "-named_curve", "P-384"], nil),
            (.extendedMasterSecretMissing, ["-tls1_2"], "-ExtendedMasterSecret"),
        ]
        for (error, arguments, options) in cases {
            let server = try OpenSSLServer(
                certificate: certificate,
                arguments: arguments,
                libraryOptions: options
            )
            defer { server.stop() }
            #expect(throws: error) { try fetch("/page", from: server.port) }
        }
    }

    @Test("a server that asks to renegotiate is refused")
    func renegotiation() throws {
        let certificate = try TestCertificateAuthority().issue()
        let server = try OpenSSLServer(certificate: certificate, pages: nil)
        defer { server.stop() }
        let connection = try LoopbackConnection(port: server.port)
        var random = SecureRandom.generator()
        var client = try LocalTLS12Client(
            configuration: TLS12ClientConfiguration(serverName: ServerName("localhost")),
            random: &random
        )
        var isAsked = false
        #expect(throws: TLSError.renegotiationRefused) {
            while true {
                try connection.write(client.takeOutput())
                let bytes = try connection.read()
                try #require(!bytes.isEmpty)
                var rest = ArraySlice(bytes)
                while let event = try client.nextEvent(from: &rest) {
                    if case .serverFlight = event { try client.acceptServer() }
                    if case .connected = event {
                        isAsked = true
                        try server.write(line: "r")
                    }
                }
            }
        }
        #expect(isAsked)
        #expect(!client.takeOutput().isEmpty)
    }

    @Test("a server that speaks plain HTTP is recognised as such")
    func plainHTTP() throws {
        let certificate = try TestCertificateAuthority().issue()
        let plainPort = try LoopbackPort.unused()
        let server = try NginxServer(
            certificates: [certificate],
            configuration: "listen 127.0.0.1:\(plainPort);"
        )
        defer { server.stop() }
        #expect(throws: TLSError.unknownContentType(UInt8(ascii: "H"))) { try fetch("/", from: plainPort) }
    }
}
