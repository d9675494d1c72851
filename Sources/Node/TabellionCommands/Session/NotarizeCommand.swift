package import ArgumentParser
internal import Attestations
internal import CryptoCore
internal import Foundation
internal import HTTPTranscript
internal import MPCTLS
internal import NetworkDefinition
internal import NodeRuntime
internal import PeerNetworking
internal import PeerProtocols
internal import ServerIdentity
internal import TLSProtocol
internal import WireFormat

/// `tabellion notarize`: fetches a page together with a notary that never sees it.
package struct NotarizeCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "notarize",
        abstract: "Fetch a page together with a notary and keep a signed attestation of it.",
        discussion: """
            The notary takes part in the TLS connection and never sees the page, only what you disclose with --reveal \
            or --redact; without either nothing is disclosed, and every part (each header, each JSON value, the rest) \
            is committed to, so that tabellion present can show it later to whom you choose.

            Two files are written: the attestation, which you may pass on, and FILE.secrets (mode 0600), which opens \
            everything and is yours alone. Nothing is written unless all of it succeeded. Only if the notary is caught \
            breaking the protocol, FILE.evidence gets what it signed (mode 0600); see docs/attestation.md.
            """
    )

    @OptionGroup var request: RequestOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The notary: /ip4/…/tcp/…/p2p/ID or /dns4/…/tcp/…/p2p/ID; without it, any node that --network's file leads to.",
            valueName: "multiaddr"
        )
    )
    var node: String?

    @OptionGroup var disclosure: DisclosureOptions
    @OptionGroup var binding: BindingOptions

    @Flag(name: .long, help: "Hide from the notary who the server is; it signs a commitment that you can open.")
    var hideServer = false

    @Option(name: .long, help: ArgumentHelp("The file for the attestation.", valueName: "file"))
    var out: String?

    @Flag(name: .long, help: "Fetch without a notary and show what would be disclosed.")
    var dryRun = false

    @Flag(name: .long, help: "Write the files in their binary instead of their JSON form.")
    var binary = false

    @Flag(name: .long, help: "Overwrite existing files.")
    var force = false

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Refuses options that contradict each other.
    package func validate() throws {
        guard !dryRun else { return }
        if let node {
            guard let address = try? Multiaddr(node), address.peerID != nil else {
                throw ValidationError("\"\(node)\" is no address of a node; it ends with /p2p/ and a peer id")
            }
        } else if !binding.namesNetworkFile {
            throw ValidationError(
                "give --node, the notary's address, or --network with the network's file, or --dry-run"
            )
        }
        guard out != nil else { throw ValidationError("give --out, the file for the attestation") }
    }

    /// Runs the session and writes both files.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let command = self
        do {
            if dryRun { return try await SessionThread.run { try command.fetch() } }
            // A key for this session alone: the notary cannot tell whether two sessions are of the same buyer.
            let identity = PeerIdentity(privateKey: try Secp256k1PrivateKey.random(SecureRandom.bytes))
            let network = try binding.networkFile()
            let candidates = try NodeCandidates(node: node, network: network)
            let host = PeerHost(identity: identity, configuration: candidates.hostConfiguration)
            let result: Result<CommandReport, any Error>
            do {
                result = .success(
                    try await SessionThread.run {
                        try command.notarize(with: candidates, of: network, through: host, in: environment)
                    }
                )
            } catch {
                result = .failure(error)
            }
            // The notary gets the last words before the process ends.
            await host.shutDown(grace: .seconds(1))
            return try result.get()
        } catch {
            throw SessionFailure.failure(error)
        }
    }

    /// Fetches without a notary, and refuses what a notarization would refuse.
    @available(*, noasync)
    private func fetch() throws -> CommandReport {
        let bytes = try requestBytes()
        let serverName = try serverName()
        let endpoint = try request.endpoint()
        let (response, closed) = try PlainFetch(roots: try request.roots()).fetch(
            bytes,
            host: endpoint.host,
            port: endpoint.port,
            serverName: serverName,
            maxReceived: request.maxReceived,
            timeout: .seconds(request.timeout)
        )
        let plan = try plan(
            AnnotatedTranscript.both(sent: bytes, received: response, authenticatedClose: closed)
        )
        return NotarizeReport.dryRun(plan, sent: bytes, received: response, complete: closed)
    }

    private func requestBytes() throws -> [UInt8] {
        let bytes = try request.request()
        guard bytes.count <= SessionParameters.maxSentLimit else {
            throw CommandFailure(.usage, "the request has \(bytes.count) bytes; at most 16384 can be notarized")
        }
        return bytes
    }

    private func serverName() throws -> ServerName {
        let serverName = try ServerName(try request.location().host)
        if case .address = serverName, !hideServer {
            throw CommandFailure(
                .usage,
                "a TLS handshake does not say which address it is for, so a notary cannot attest it",
                advice: "Use the server's name, with --connect if it cannot be resolved, or --hide-server."
            )
        }
        return serverName
    }

    /// Fetches with a notary.
    @available(*, noasync)
    private func notarize(
        with candidates: NodeCandidates,
        of network: NetworkFile?,
        through host: PeerHost,
        in environment: CommandEnvironment
    ) throws -> CommandReport {
        guard let out else { throw CommandFailure(.usage, "give --out") }
        let files = NotarizationFiles(out: out, encoding: binary ? .binary : .json, overwrites: force)
        try files.checkWritable()
        let bytes = try requestBytes()
        let serverName = try serverName()
        let endpoint = try request.endpoint()
        let client = NotarizationClient(roots: try request.roots())
        let task = NotarizationClient.Task(
            host: endpoint.host,
            port: endpoint.port,
            serverName: serverName,
            request: bytes,
            maxReceived: request.maxReceived,
            revealsServerIdentity: !hideServer,
            preparedCorrelations: NotarizationClient.preparedCorrelations(
                sent: bytes.count,
                received: min(request.maxReceived, 4096),
                commits: disclosure.commit != .selected
            ),
            binding: try binding.request(now: environment.unixTime(), network: network),
            serverTimeout: .seconds(request.timeout)
        )
        let printer = ProgressPrinter(environment: environment, isQuiet: output.json)
        let clock = ContinuousClock()
        let start = clock.now
        var coarsenings: [PlanCoarsening] = []
        let outcome: NotarizationClient.Outcome
        let used: NodeSession
        do {
            (outcome, used) = try candidates.first(through: host, report: printer.note) { session in
                try client.notarize(
                    task,
                    over: session.stream,
                    progress: { phase, meter in
                        session.enter(phase)
                        printer.enter(phase, meter)
                    }
                ) { opened in
                    let plan = try plan(
                        AnnotatedTranscript.both(
                            sent: opened.sent,
                            received: opened.received,
                            authenticatedClose: opened.endedWithCloseNotify
                        )
                    )
                    coarsenings = plan.coarsenings
                    return plan.proof
                }
            }
        } catch let failure {
            guard let notary = failure.notary, let evidence = MisbehaviourEvidence(failure.error, notary: notary) else {
                throw failure.error
            }
            return NotarizeReport.misbehaviour(SessionFailure.failure(failure.error), files.write(evidence), files)
        }
        printer.finish(outcome.meter)
        try files.write(outcome)
        return NotarizeReport.done(outcome, files, with: used, duration: clock.now - start, coarsenings)
    }

    /// What is disclosed and committed to of an answer that may be notarized.
    private func plan(
        _ transcripts: (sent: AnnotatedTranscript, received: AnnotatedTranscript)
    ) throws -> EnginePlan {
        guard let message = transcripts.received.message else {
            if transcripts.received.messageError?.reason == .truncatedHead {
                throw CommandFailure(.serverGone, "the server closed the connection before its answer was complete")
            }
            let reason = transcripts.received.messageError.map { "\($0)" } ?? "it is empty"
            throw CommandFailure(.serverHTTPMalformed, "the server's answer is no HTTP response: \(reason)")
        }
        if let status = message.statusCode, status >= 400, !request.allowHTTPErrors {
            throw CommandFailure(
                .serverHTTPError,
                "the server answered with HTTP status \(status)",
                advice: "Nothing was signed. Use --allow-http-errors to notarize such an answer."
            )
        }
        guard message.isComplete || request.allowIncomplete else {
            throw CommandFailure(
                .serverGone,
                "the server closed the connection before its answer was complete",
                advice: "Nothing was signed. Use --allow-incomplete to notarize what came."
            )
        }
        return try EnginePlan(
            try disclosure.request().plan(sent: transcripts.sent, received: transcripts.received),
            sent: transcripts.sent,
            received: transcripts.received
        )
    }
}
