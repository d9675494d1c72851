import CryptoCore
import ServerIdentity
import TLSProtocol
import TestServers
import Testing

@Suite("Identities of real servers", .serialized)
struct RealServerIdentityTests {
    private let chains: TestChains

    init() throws {
        chains = try TestChains.shared.get()
    }

    /// The first flight of the server on `port`.
    private func flight(from port: UInt16) throws -> ServerFlight {
        let connection = try LoopbackConnection(port: port)
        var client = try TLS12ClientHandshake(
            configuration: TLS12ClientConfiguration(serverName: TestChains.localhost),
            clientRandom: SecureRandom.bytes(32)
        )
        try connection.write(client.start())
        while true {
            let bytes = try connection.read()
            try #require(!bytes.isEmpty)
            var rest = ArraySlice(bytes)
            guard case .serverFlight(let flight) = try client.nextEvent(from: &rest) else { continue }
            return flight
        }
    }

    private func verify(
        _ certificates: [TestCertificate],
        roots: TrustedRoots,
        for name: ServerName = TestChains.localhost,
        at time: Int64 = TestChains.now
    ) throws -> VerifiedServerIdentity {
        let server = try NginxServer(certificates: certificates)
        defer { server.stop() }
        return try ServerIdentityVerifier(roots: roots).verify(flight(from: server.port), for: name, at: time)
    }

    @Test("nginx with ECDSA, and with RSA below an intermediate, is who it says")
    func honest() throws {
        #expect(throws: Never.self) { try verify([chains.direct], roots: chains.roots) }
        #expect(throws: Never.self) { try verify([chains.deep], roots: chains.deepRoots) }
    }

    @Test("expired, foreign, self-signed and misnamed servers get their own refusals")
    func refusals() throws {
        #expect {
            try verify([chains.direct], roots: chains.roots, at: TestChains.now + 31 * 86_400)
        } throws: {
            guard case .expired = $0 as? ServerIdentityError else { return false }
            return true
        }
        #expect(
            throws: ServerIdentityError.wrongHost(expected: .dns("pay.test"), names: ["localhost", "127.0.0.1"])
        ) { try verify([chains.direct], roots: chains.roots, for: .dns("pay.test")) }
        #expect(
            throws: ServerIdentityError.untrustedRoot(issuer: "CN=Self-signed", isSelfSigned: true)
        ) { try verify([chains.authority.selfSigned()], roots: chains.roots) }
        #expect(
            throws: ServerIdentityError.untrustedRoot(issuer: "CN=Throw-away root", isSelfSigned: false)
        ) { try verify([chains.direct], roots: chains.deepRoots) }
    }

    @Test("a key exchange replayed under another random, or with another key, is refused")
    func forgedKeyExchange() throws {
        let server = try NginxServer(certificates: [chains.direct])
        defer { server.stop() }
        let verifier = ServerIdentityVerifier(roots: chains.roots)
        let flight = try flight(from: server.port)
        #expect(throws: Never.self) { try verifier.verify(flight, for: TestChains.localhost, at: TestChains.now) }
        let replayed = try ServerFlight(
            decoding: flight.rawMessages,
            answering: ClientHello(random: SecureRandom.bytes(32), serverName: TestChains.localhost)
        )
        #expect(throws: ServerIdentityError.badSignature) {
            try verifier.verify(replayed, for: TestChains.localhost, at: TestChains.now)
        }
        // Somebody in the middle puts a point of their own in place of the server's.
        let mine = try P256Point.generatorMultiple(P256Scalar(bytes: [UInt8](repeating: 1, count: 32))).uncompressed
        let start = try #require(flight.rawMessages.firstRange(of: flight.serverPoint)?.lowerBound)
        var raw = flight.rawMessages
        raw.replaceSubrange(start..<(start + mine.count), with: mine)
        let forged = try ServerFlight(
            decoding: raw,
            answering: ClientHello(random: flight.clientRandom, serverName: TestChains.localhost)
        )
        #expect(forged.serverPoint == mine)
        #expect(throws: ServerIdentityError.badSignature) {
            try verifier.verify(forged, for: TestChains.localhost, at: TestChains.now)
        }
    }
}
