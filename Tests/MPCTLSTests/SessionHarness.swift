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
    /// Makes both parties' randomness the same in every run.
    var seed: UInt64?
    /// The notary's randomness, if it is not to follow from ``seed``.
    var notaryRandom: UInt64?
    /// ρ, if it is not to follow from the notary's randomness.
    var notarySeed: NotarySeed?
    /// The counters with which the prover garbles keystreams.
    var counters = KeystreamCounters()
    var validateHandshake: @Sendable (HandshakeTranscript) throws -> Void = { _ in }
    /// Sees the prover when its setup is done.
    var didSetUp: @Sendable (Prover) -> Void = { _ in }
    /// What the prover does after its setup.
    var drive: @Sendable (Prover, SessionHarness, any ServerConnection) throws -> SessionOutcome.ProverResult = {
        try $1.driveHonestly($0, $2)
    }
    /// What the notary does.
    var driveNotary: @Sendable (Notary) throws -> SessionFacts = { try $0.run() }
    var checkSignature: @Sendable ([UInt8], [UInt8]) throws -> Void = { digest, signature in
        guard signature == HMACSHA256.authenticate(key: SessionHarness.signingKey, message: digest) else {
            throw MPCTLSError.peerViolation("signature")
        }
    }

    static let signingKey = Array("the harness's notary".utf8)

    init(path: String) {
        request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
    }

    /// A small session for a ``ScriptedTLSServer``.
    init() {
        request = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        maxSent = 32
        preparedCorrelations = 0
        validateFlight = { try ScriptedTLSServer.verify($0) }
        validateHandshake = { try ScriptedTLSServer.verify($0.serverFlight) }
        plan = { opened in
            DisclosurePlan(
                sent: .hidden,
                received: DirectionPlan(
                    opensKey: true,
                    segments: opened.received.isEmpty
                        ? [] : [PlannedSegment(range: 0..<opened.received.count, treatment: .disclosed)]
                )
            )
        }
    }

    /// The harness with a prover that cheats on the wire, and that overlooks what follows from it.
    func cheatingProver(_ rule: @escaping TamperingChannel.Rule) -> SessionHarness {
        var harness = self
        harness.proverChannel = { TamperingChannel($0, rule: rule) }
        harness.checkSignature = { _, _ in }
        return harness
    }

    /// The harness with a notary that cheats on the wire and signs what it sent.
    func cheatingNotary(_ rule: @escaping TamperingChannel.Rule) -> SessionHarness {
        var harness = self
        harness.notaryChannel = { TamperingChannel($0, rule: rule) }
        harness.checkSignature = { _, _ in }
        return harness
    }

    /// Runs the session against the server on `port`.
    func run(port: UInt16) async -> SessionOutcome {
        await run { try LoopbackServerConnection(port: port) }
    }

    /// Runs the session against a server in this process.
    func run(_ server: ScriptedTLSServer) async -> SessionOutcome {
        await run { server }
    }

    /// Runs the session against what `connect` gives.
    func run(connect: @escaping @Sendable () throws -> any ServerConnection) async -> SessionOutcome {
        let (first, second) = InMemoryChannel.pair()
        async let prover = outcome { try prove(channel: first, connect: connect) }
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

    private func prove(
        channel: InMemoryChannel,
        connect: @Sendable () throws -> any ServerConnection
    ) throws -> SessionOutcome.ProverResult {
        defer { channel.close() }
        var proverNonce = random(party: 0)
        let parameters = try SessionParameters(
            maxSent: maxSent,
            maxReceived: maxReceived,
            revealsServerIdentity: revealsServerIdentity,
            preparedCorrelations: preparedCorrelations,
            proverNonce: proverNonce.bytes(32),
            application: []
        )
        let prover = try Prover(
            channel: proverChannel(channel),
            parameters: parameters,
            random: random(party: 1),
            hooks: ProverHooks(phase: { _ in }, checkSignature: checkSignature),
            counters: counters
        )
        didSetUp(prover)
        return try drive(prover, self, try connect())
    }

    /// What an honest prover does once it is set up.
    func driveHonestly(_ prover: Prover, _ connection: any ServerConnection) throws -> SessionOutcome.ProverResult {
        let exchange = try exchange(prover, connection)
        let opened = try prover.open(exchange)
        return try finish(prover, exchange, opened)
    }

    /// The harness with a prover that shows the notary what `bend` made of the exchange, overlooks everything, and
    /// proves what it can.
    func insisting(
        bend: @escaping @Sendable (inout ClosedExchange) throws -> Void = { _ in },
        shareError: @escaping @Sendable (NotarySeed) -> P256FieldElement = { _ in .zero }
    ) -> SessionHarness {
        var harness = self
        harness.drive = { prover, harness, connection in
            var exchange = try harness.exchange(prover, connection)
            try bend(&exchange)
            let seed = try prover.requestOpening(exchange).seed
            let opened = OpenedTranscript(
                sent: harness.request,
                received: [UInt8](repeating: 0, count: exchange.record.receivedByteCount),
                endedWithCloseNotify: false,
                notaryShare: try prover.notaryShare(seed: seed, exchange) + shareError(seed),
                disclosureSalt: seed.disclosureSalt
            )
            return try harness.finish(prover, exchange, opened)
        }
        return harness
    }

    /// Everything up to the end of the response.
    func exchange(_ prover: Prover, _ connection: any ServerConnection) throws -> ClosedExchange {
        try prover.exchange(
            request,
            serverName: try ServerName("localhost"),
            connection: connection,
            validate: validateFlight
        )
    }

    /// The proof, of what the harness plans.
    func finish(
        _ prover: Prover,
        _ exchange: ClosedExchange,
        _ opened: OpenedTranscript
    ) throws -> SessionOutcome.ProverResult {
        let (facts, secrets) = try prover.prove(exchange, opened, plan: try plan(opened))
        return SessionOutcome.ProverResult(facts: facts, secrets: secrets, andGates: prover.andGatesGarbled)
    }

    private func random(party: UInt64) -> BlockPRG {
        BlockPRG(seed: seed.map { Block($0, party) } ?? SecureRandom.block())
    }

    private func notarize(channel: InMemoryChannel) throws -> SessionFacts {
        defer { channel.close() }
        let notary = Notary(
            channel: notaryChannel(channel),
            random: notaryRandom.map { BlockPRG(seed: Block($0, 2)) } ?? random(party: 2),
            seed: notarySeed,
            hooks: NotaryHooks(
                phase: { _ in },
                accept: accept,
                validate: validateHandshake,
                sign: { digest, _ in HMACSHA256.authenticate(key: SessionHarness.signingKey, message: digest) }
            )
        )
        return try driveNotary(notary)
    }
}
