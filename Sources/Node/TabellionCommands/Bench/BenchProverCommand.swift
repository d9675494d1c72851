package import ArgumentParser
internal import Attestations
internal import CryptoCore
internal import Foundation
internal import HTTPTranscript
internal import MPCTLS
internal import NodeRuntime
internal import PeerNetworking
internal import PeerProtocols
internal import ServerIdentity
internal import TLSProtocol

/// `tabellion bench prover`: one session in a process of its own, measured from within; for `bench engine`.
package struct BenchProverCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "prover",
        abstract: "Run one measured session; bench engine starts this.",
        shouldDisplay: false
    )

    @OptionGroup var session: BenchSessionOptions

    @Option(name: .long, help: ArgumentHelp("The notary.", valueName: "multiaddr"))
    var node: String

    @Option(name: .long, help: ArgumentHelp("A file with the request.", valueName: "file"))
    var request: String

    @Option(name: .long, help: ArgumentHelp("Bytes of response to allow.", valueName: "count"))
    var maxReceived: Int

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Runs the session and prints its sample.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let command = self
        do {
            let sample = try await SessionThread.run { try command.measure(now: environment.unixTime()) }
            let encoded = try JSONEncoder().encode(sample)
            return CommandReport(text: String(decoding: encoded, as: UTF8.self), members: [])
        } catch {
            throw SessionFailure.failure(error)
        }
    }

    @available(*, noasync)
    private func measure(now: Int64) throws -> ProverSample {
        guard let endpoint = session.endpoint else { throw CommandFailure(.usage, "--connect is host:port") }
        let bytes = try InputFile.read(request, limit: SessionParameters.maxSentLimit)
        let client = NotarizationClient(roots: try TrustedRoots(pemFile: session.ca))
        let task = NotarizationClient.Task(
            host: endpoint.host,
            port: endpoint.port,
            serverName: try ServerName(BenchPage.host),
            request: bytes,
            maxReceived: maxReceived,
            revealsServerIdentity: true,
            // As tabellion notarize does, which does not know how long the response will be.
            preparedCorrelations: NotarizationClient.preparedCorrelations(
                sent: bytes.count,
                received: min(maxReceived, 4096),
                commits: session.commit == .all
            ),
            binding: try BindingOptions.parse([]).request(now: now, network: nil),
            serverTimeout: .seconds(60)
        )
        if session.warm { _ = try GarbledHandshake.andCount(maxSent: 16) }
        let usage = ProcessUsage.own
        try usage.resetPeak()
        let idle = try usage.residentByteCount
        let start = try usage.processorSeconds
        let clock = ContinuousClock()
        let begin = clock.now
        var starts: [(SessionPhase, ContinuousClock.Instant)] = []
        let host = PeerHost(identity: PeerIdentity(privateKey: try Secp256k1PrivateKey.random(SecureRandom.bytes)))
        let connection = try host.dialAndWait(try Multiaddr(node))
        defer { connection.close(gracefully: true) }
        let stream = try connection.openStreamAndWait([.notarize])
        stream.timeLimits = StreamTimeLimits(read: .seconds(60), write: .seconds(60)).endingAfter(.seconds(600))
        let outcome = try client.notarize(
            task,
            over: stream,
            progress: { phase, _ in if starts.last?.0 != phase { starts.append((phase, clock.now)) } },
            plan: { try plan($0) }
        )
        let end = clock.now
        let processor = try usage.processorSeconds - start
        let peak = try usage.peakByteCount - idle
        let ends = starts.dropFirst().map(\.1) + [end]
        return ProverSample(
            sent: outcome.attestation.header.transcript.sentLength,
            received: outcome.attestation.header.transcript.receivedLength,
            disclosedParts: outcome.secrets.openings.count { $0.kind == .disclosed },
            committedParts: outcome.secrets.openings.count { $0.kind == .committed },
            andGatesGarbled: outcome.andGatesGarbled,
            phases: zip(starts, ends).map { phase, end in
                let used = outcome.meter.usage[phase.0] ?? SessionMeter.Usage()
                return ProverSample.Phase(
                    name: phase.0.rawValue,
                    proverBytesOut: used.bytesOut,
                    notaryBytesOut: used.bytesIn,
                    roundTrips: used.roundTrips,
                    seconds: (end - phase.1) / .seconds(1)
                )
            },
            wallSeconds: (end - begin) / .seconds(1),
            processorSeconds: processor,
            peakByteCount: peak
        )
    }

    private func plan(_ opened: OpenedTranscript) throws -> DisclosurePlan {
        guard session.commit == .none else { return try committingPlan(opened) }
        func direction(_ count: Int) -> DirectionPlan {
            switch session.disclose {
            case .whole: DirectionPlan(opensKey: true, segments: [segment(0..<count)])
            case .none: .hidden
            case .redacted:
                DirectionPlan(
                    opensKey: false,
                    segments: [0..<count / 2, count / 2 + 1..<count].filter { !$0.isEmpty }.map(segment)
                )
            }
        }
        return DisclosurePlan(sent: direction(opened.sent.count), received: direction(opened.received.count))
    }

    private func segment(_ range: Range<Int>) -> PlannedSegment {
        PlannedSegment(range: range, treatment: .disclosed)
    }

    /// The plan that `tabellion notarize` makes for the same wish.
    private func committingPlan(_ opened: OpenedTranscript) throws -> DisclosurePlan {
        let transcripts = AnnotatedTranscript.both(
            sent: opened.sent,
            received: opened.received,
            authenticatedClose: opened.endedWithCloseNotify
        )
        let hidden = { (count: Int) in TranscriptSelector.Part.bytes(count / 2..<count / 2 + 1) }
        let wish = DisclosureRequest(
            redact: session.disclose == .none
                ? []
                : [
                    TranscriptSelector(.sent, hidden(opened.sent.count)),
                    TranscriptSelector(.received, hidden(opened.received.count)),
                ],
            policy: session.commit == .all ? .all : .selected
        )
        return try EnginePlan(
            try wish.plan(sent: transcripts.sent, received: transcripts.received),
            sent: transcripts.sent,
            received: transcripts.received
        ).proof
    }
}
