import Attestations
import CryptoCore
import Foundation
import TLSProtocol
import TabellionCommands
import TestServers
import Testing

/// Presentations that open a committed handshake with a real server.
@Suite(.serialized) struct OpenedHandshakeTests {
    private static let shared = Result { try Recording() }
    private let recording: Recording

    init() throws {
        recording = try Self.shared.get()
    }

    /// A handshake with `openssl s_server`.
    private struct Recording: Sendable {
        let authority: TestCertificateAuthority
        let other: TestCertificateAuthority
        let handshake: HandshakeTranscript

        init() throws {
            authority = try TestCertificateAuthority()
            other = try TestCertificateAuthority()
            let server = try NginxServer(certificates: [authority.issue()])
            defer { server.stop() }
            let connection = try LoopbackConnection(port: server.port)
            var client = try TLS12ClientHandshake(
                configuration: TLS12ClientConfiguration(serverName: .dns("localhost")),
                clientRandom: SecureRandom.bytes(32)
            )
            try connection.write(client.start())
            var found: ServerFlight?
            while found == nil {
                let bytes = try connection.read()
                try #require(!bytes.isEmpty)
                var rest = ArraySlice(bytes)
                if case .serverFlight(let flight) = try client.nextEvent(from: &rest) { found = flight }
            }
            let flight = try #require(found)
            // Any point on the curve does for the client's key: the server's own.
            handshake = try HandshakeTranscript(
                clientHello: client.clientHello,
                serverFlight: flight,
                clientPoint: flight.serverPoint
            )
        }

        func facts(sessionHash: [UInt8]? = nil, clientRandom: [UInt8]? = nil) throws -> TLSFacts {
            let flight = handshake.serverFlight
            return try TLSFacts(
                version: 0x0303,
                cipherSuite: flight.suite.rawValue,
                group: 0x17,
                serverEphemeralKey: flight.serverPoint,
                clientRandom: #require(Bytes32(clientRandom ?? flight.clientRandom)),
                serverRandom: #require(Bytes32(flight.serverRandom)),
                sessionHash: sessionHash ?? handshake.sessionHash,
                serverFinishedHash: [UInt8](repeating: 1, count: 32)
            )
        }
    }

    private func payment(
        _ tls: TLSFacts,
        endTime: Int64 = Int64(Date().timeIntervalSince1970)
    ) throws -> NotarizedPayment {
        let opening = try IdentityOpening(blinder: NotarizedPayment.fill(9), handshake: recording.handshake.encoded)
        return try NotarizedPayment(identity: opening, tls: tls, endTime: endTime)
    }

    private func verify(_ payment: NotarizedPayment, ca: String, _ options: [String] = []) async throws -> TestConsole {
        let directory = try ScratchDirectory()
        try payment.write(to: directory)
        let now = Int64(payment.attestation.header.endTime / 1000)
        _ = try await TestConsole().run(["present", directory.file("a"), "--out", directory.file("p")] + options)
        let console = TestConsole(now: now)
        console.status = try await console.run("verify", directory.file("p"), "--ca", ca)
        return console
    }

    @Test func isCheckedAgainstTheGivenRoots() async throws {
        let console = try await verify(payment(recording.facts()), ca: recording.authority.rootPath)
        #expect(console.status == .success)
        #expect(console.standardOutput.contains("localhost"))
        #expect(console.standardOutput.contains("checked here, against"))
        #expect(!console.standardOutput.contains("by the notary's word"))
    }

    @Test func foreignRootsAreRefused() async throws {
        let console = try await verify(payment(recording.facts()), ca: recording.other.rootPath)
        #expect(console.status == .serverIdentityInvalid)
        #expect(console.standardError.contains("trusted root"))
        let missing = try await verify(payment(recording.facts()), ca: "/nonexistent.pem")
        #expect(missing.status == .inputUnreadable)
    }

    @Test func theCertificateMustHaveBeenValidThen() async throws {
        let later = Int64(Date().timeIntervalSince1970) + 400 * 86_400
        let console = try await verify(payment(recording.facts(), endTime: later), ca: recording.authority.rootPath)
        #expect(console.status == .serverIdentityInvalid)
        #expect(console.standardError.contains("expired"))
    }

    @Test func anotherHandshakeThanTheNotarysIsRefused() async throws {
        let cheats = [
            try recording.facts(sessionHash: [UInt8](repeating: 0, count: 32)),
            try recording.facts(clientRandom: [UInt8](repeating: 0, count: 32)), try NotarizedPayment.tls(),
        ]
        for facts in cheats {
            let console = try await verify(payment(facts), ca: recording.authority.rootPath)
            #expect(console.status == .serverIdentityInvalid)
            #expect(console.standardError.contains("not the one that the notary signed"))
        }
    }

    @Test func anUnknownServerMustBeAccepted() async throws {
        let console = try await verify(payment(recording.facts()), ca: recording.authority.rootPath, ["--hide-server"])
        #expect(console.status == .serverIdentityUndisclosed)
        let directory = try ScratchDirectory()
        try payment(recording.facts(), endTime: NotarizedPayment.endTime).write(to: directory)
        let accepting = TestConsole()
        #expect(try await accepting.run("verify", directory.file("a"), "--allow-unknown-server") == .success)
        #expect(accepting.standardOutput.contains("NOT DISCLOSED"))
    }
}
