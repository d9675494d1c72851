import Attestations
import CryptoCore
import EthereumCodec
import Foundation
import HTTPTranscript
import MPCTLS
import NodeRuntime
import PeerNetworking
import PeerProtocols
import TLSProtocol

/// A buyer who notarizes a page of the shared web server; tests bend what they like.
struct Buyer: Sendable {
    static let cookie = "session=buyers-cookie-4711"

    var path = "/payment"
    var maxReceived = 4096
    var revealsServerIdentity = true
    var reveal: [String] = []
    var network = TestNotary.network
    var lifetime: Duration = .seconds(86_400)
    var contextText: String? = "intent 4711: 12.30 EUR to Ada"
    /// The port to connect to instead of the web server's.
    var serverPort: UInt16?
    /// How far this buyer's clock is ahead, in milliseconds.
    var clockLead: UInt64 = 0
    var didEnter: @Sendable (SessionPhase) -> Void = { _ in }
    /// Gets the connection to the notary before the session starts.
    var didConnect: @Sendable (PeerConnection) -> Void = { _ in }

    var request: [UInt8] {
        let lines = ["GET \(path) HTTP/1.1", "Host: localhost", "Connection: close", "Cookie: \(Self.cookie)", "", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    func task() throws -> NotarizationClient.Task {
        let owner = [UInt8](repeating: 0xaa, count: 20)
        guard let owner = EthereumAddress(bytes: owner), let nonce = Bytes32(SecureRandom.bytes(32)) else {
            preconditionFailure("the lengths are right")
        }
        let expiry = Date().timeIntervalSince1970 * 1000 + lifetime / .milliseconds(1)
        return NotarizationClient.Task(
            host: "127.0.0.1",
            port: try serverPort ?? WebServer.shared.get().port,
            serverName: try ServerName("localhost"),
            request: request,
            maxReceived: maxReceived,
            revealsServerIdentity: revealsServerIdentity,
            preparedCorrelations: 400_000,
            binding: NotarizationRequest(
                network: network,
                purpose: try AttestationPurpose(
                    owner: owner,
                    contextHash: AttestationPurpose.contextHash(of: contextText ?? ""),
                    declaredValue: UInt256(1230),
                    currency: "EUR",
                    nonce: nonce,
                    expiry: UInt64(max(0, expiry))
                ),
                contextText: contextText
            ),
            serverTimeout: .seconds(10)
        )
    }

    /// Runs a session with the notary at `address`, from dialling it to closing the connection.
    func notarize(with address: Multiaddr) async throws -> NotarizationClient.Outcome {
        let host = PeerHost(
            identity: PeerIdentity(privateKey: try Secp256k1PrivateKey.random(SecureRandom.bytes))
        )
        let result: Result<NotarizationClient.Outcome, any Error>
        do {
            result = .success(try await onThread { try notarize(through: host, with: address) })
        } catch {
            result = .failure(error)
        }
        await host.shutDown(grace: .milliseconds(200))
        return try result.get()
    }

    @available(*, noasync)
    func notarize(through host: PeerHost, with address: Multiaddr) throws -> NotarizationClient.Outcome {
        let connection = try host.dialAndWait(address)
        didConnect(connection)
        let stream = try connection.openStreamAndWait([.notarize])
        stream.timeLimits = StreamTimeLimits(read: .seconds(60), write: .seconds(60))
        let request = DisclosureRequest(reveal: try reveal.map { try TranscriptSelector($0) }, policy: .all)
        let client = NotarizationClient(
            roots: try WebServer.shared.get().roots,
            unixMilliseconds: { [clockLead] in UnixClock.milliseconds + clockLead }
        )
        return try client.notarize(
            try task(),
            over: stream,
            progress: { phase, _ in didEnter(phase) },
            plan: { opened in
                let both = AnnotatedTranscript.both(
                    sent: opened.sent,
                    received: opened.received,
                    authenticatedClose: opened.endedWithCloseNotify
                )
                let disclosure = try request.plan(sent: both.sent, received: both.received)
                return try EnginePlan(disclosure, sent: both.sent, received: both.received).proof
            }
        )
    }
}
