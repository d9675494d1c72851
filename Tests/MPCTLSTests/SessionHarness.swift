import CryptoCore
import Foundation
import MPCTLS
import PartyChannel
import TLSProtocol
import TestServers

/// A test server's connection as the engine wants it.
final class LoopbackServerConnection: ServerConnection {
    private let connection: LoopbackConnection

    init(port: UInt16) throws {
        connection = try LoopbackConnection(port: port)
    }

    func write(_ bytes: [UInt8]) throws { try connection.write(bytes) }

    func read() throws -> [UInt8] { try connection.read() }

    func close() { connection.close() }
}

/// Runs `body` on a thread of its own, so that blocking parties never occupy the cooperative pool.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Swift.Result { try body() }) }
        thread.stackSize = 8 << 20
        thread.start()
    }
}

/// What a session gave to each party, or why it ended.
struct SessionOutcome: Sendable {
    let prover: Result<ProverResult, any Error>
    let notary: Result<SessionFacts, any Error>

    struct ProverResult: Sendable {
        let facts: SessionFacts
        let secrets: ProverSecrets
        let andGates: Int
    }

    /// Both results, if both parties succeeded.
    func both() throws -> (prover: ProverResult, notary: SessionFacts) { (try prover.get(), try notary.get()) }
}

/// One session between a prover and a notary in this process, with a hook for every thing that a test may bend.
struct SessionHarness: Sendable {
    var request: [UInt8]
    var maxSent = 1024
    var maxReceived = 4096
    var revealsServerIdentity = true
    var preparedCorrelations = 700_000
    var plan: @Sendable (OpenedTranscript) throws -> DisclosurePlan = { _ in
        DisclosurePlan(sent: .hidden, received: .hidden)
    }
    var accept: @Sendable (SessionParameters) throws -> Void = { _ in }
    var validateFlight: @Sendable (ServerFlight) throws -> Void = { _ in }
    var proverChannel: @Sendable (any PartyChannel) -> any PartyChannel = { $0 }
    var notaryChannel: @Sendable (any PartyChannel) -> any PartyChannel = { $0 }
    var checkSignature: @Sendable ([UInt8], [UInt8]) throws -> Void = { digest, signature in
        guard signature == HMACSHA256.authenticate(key: SessionHarness.signingKey, message: digest) else {
            throw MPCTLSError.peerViolation("signature")
        }
    }

    static let signingKey = Array("the harness's notary".utf8)

    init(path: String) {
        request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
    }

    /// Runs the session against the server on `port`.
    func run(port: UInt16) async -> SessionOutcome {
        let (first, second) = InMemoryChannel.pair()
        async let prover = outcome { try prove(channel: first, port: port) }
        async let notary = outcome { try notarize(channel: second) }
        return SessionOutcome(prover: await prover, notary: await notary)
    }

    private func outcome<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async -> Result<Value, any Error> {
        do {
            return .success(try await onThread(body))
        } catch {
            return .failure(error)
        }
    }

    private func prove(channel: InMemoryChannel, port: UInt16) throws -> SessionOutcome.ProverResult {
        defer { channel.close() }
        let parameters = try SessionParameters(
            maxSent: maxSent,
            maxReceived: maxReceived,
            revealsServerIdentity: revealsServerIdentity,
            preparedCorrelations: preparedCorrelations,
            proverNonce: SecureRandom.bytes(32),
            application: []
        )
        let prover = try Prover(
            channel: proverChannel(channel),
            parameters: parameters,
            random: BlockPRG(seed: SecureRandom.block()),
            hooks: ProverHooks(phase: { _ in }, checkSignature: checkSignature)
        )
        let exchange = try prover.exchange(
            request,
            serverName: try ServerName("localhost"),
            connection: try LoopbackServerConnection(port: port),
            validate: validateFlight
        )
        let opened = try prover.open(exchange)
        let (facts, secrets) = try prover.prove(exchange, opened, plan: try plan(opened))
        return SessionOutcome.ProverResult(facts: facts, secrets: secrets, andGates: prover.andGatesGarbled)
    }

    private func notarize(channel: InMemoryChannel) throws -> SessionFacts {
        defer { channel.close() }
        let notary = Notary(
            channel: notaryChannel(channel),
            random: BlockPRG(seed: SecureRandom.block()),
            hooks: NotaryHooks(
                phase: { _ in },
                accept: accept,
                validate: { _ in },
                sign: { HMACSHA256.authenticate(key: SessionHarness.signingKey, message: $0) }
            )
        )
        return try notary.run()
    }
}
