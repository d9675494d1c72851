package import ArgumentParser
internal import Attestations
internal import CryptoCore
internal import PeerProtocols
internal import ServerIdentity
internal import WireFormat

/// `tabellion verify`: says what a presentation or attestation proves.
package struct VerifyCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an attestation or presentation and say what it proves.",
        discussion: """
            Needs no network. Checked are the notary's signature, that the bytes shown are those that the notary \
            signed, time and expiry, and what the options demand. If the server's identity was committed to and is \
            opened here, its certificate chain, host name and validity at the time of the session are checked against \
            the roots in --ca, or those of this machine; otherwise the notary has checked them, and its word counts.

            Without --trust any notary's signature is accepted, which proves only that somebody signed.
            """
    )

    @Argument(help: ArgumentHelp("The file to check; - for standard input.", valueName: "file"))
    var file: String

    @Option(
        name: .long,
        parsing: .upToNextOption,
        help: ArgumentHelp("Ethereum addresses or peer ids of the notaries that you trust.", valueName: "address")
    )
    var trust: [String] = []

    @Option(name: .long, help: ArgumentHelp("PEM file of the root certificates that you trust.", valueName: "file"))
    var ca: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The longest time since the session ended: 90s, 15m, 24h, 7d.", valueName: "duration")
    )
    var maxAge: String?

    @Option(name: .long, help: ArgumentHelp("The server that it must be about.", valueName: "name"))
    var server: String?

    @Option(name: .long, help: ArgumentHelp("The owner that it must belong to.", valueName: "address"))
    var owner: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A file with the context text that it must be bound to.", valueName: "file")
    )
    var context: String?

    @Option(name: .long, help: ArgumentHelp("The network id that it must be for: 0x and 64 digits.", valueName: "id"))
    var network: String?

    @Flag(name: .long, help: "Refuse a response that may be only a part of what the server sent.")
    var requireComplete = false

    @Flag(name: .long, help: "Accept that it is not disclosed who the server was.")
    var allowUnknownServer = false

    @Option(
        name: .long,
        help: ArgumentHelp("How many bytes of each direction to show.", valueName: "count")
    )
    var show = 64 << 10

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Refuses options that cannot be understood.
    package func validate() throws {
        for text in trust { _ = try Self.notary(text) }
        if let maxAge, Timestamp.parseDuration(maxAge) == nil {
            throw ValidationError("\"\(maxAge)\" is no duration such as 90s, 15m, 24h or 7d")
        }
        if let owner, (try? EthereumAddress(owner)) == nil {
            throw ValidationError("\"\(owner)\" is no Ethereum address")
        }
        if let network, Bytes32(network) == nil {
            throw ValidationError("\"\(network)\" is no network id: 0x and 64 hexadecimal digits")
        }
        guard show >= 0 else { throw ValidationError("--show must not be negative") }
    }

    /// Reads the file, checks it, and says what it proves.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let now = UInt64(clamping: environment.unixTime()) * 1000
        let content = try EvidenceFile.read(file)
        let verifier = PresentationVerifier(policy: try policy(now: now), identityCheck: try identityCheck(content))
        do {
            let verified =
                switch content {
                case .presentation(let presentation): try verifier.verify(presentation)
                case .attestation(let attestation): try verifier.verify(attestation)
                case .secrets:
                    throw CommandFailure(
                        .inputMalformed,
                        "\(file) contains the owner's secrets, which prove nothing to others",
                        advice: "Never pass this file on; make a presentation from it with tabellion present."
                    )
                case .misbehaviour:
                    throw CommandFailure(
                        .inputMalformed,
                        "\(file) contains evidence against a notary, and no attestation",
                        advice: "Show it with tabellion inspect."
                    )
                }
            try checkAddress(verified)
            return report(verified, now: now)
        } catch let error as AttestationError {
            throw AttestationFailure.failure(error, in: file)
        }
    }

    /// A request that is shown and is addressed to another site than the server's says so in its status, too.
    private func checkAddress(_ verified: VerifiedPresentation) throws {
        guard let server = verified.server, case .host(let host) = RequestAddress(verified.sent),
            !RequestAddress(verified.sent).isAddressed(to: server.name)
        else { return }
        throw CommandFailure(
            .serverIdentityInvalid,
            "\(file): the certificate is that of \(server.name), but the request is addressed to \(host)",
            advice: "A machine that serves several sites answers for the one that the request names."
        )
    }

    private func policy(now: UInt64) throws -> PresentationPolicy {
        let addresses = try trust.map { try Self.notary($0) }
        var policy = PresentationPolicy(notaries: addresses.isEmpty ? .anyone : .addresses(Set(addresses)), now: now)
        policy.ageMillisecondsMax = maxAge.flatMap { Timestamp.parseDuration($0) }
        policy.owner = try owner.map { try EthereumAddress($0) }
        policy.serverName = server
        policy.network = network.flatMap { Bytes32($0) }.map { NetworkID($0) }
        policy.requiresServerIdentity = !allowUnknownServer
        policy.requiresCompleteTranscript = requireComplete
        if let context { policy.contextHash = AttestationPurpose.contextHash(of: try ContextFile.read(context)) }
        return policy
    }

    /// The check of an opened handshake; roots are read only if there is one.
    private func identityCheck(_ content: EvidenceFile.Content) throws -> PresentationVerifier.IdentityCheck? {
        guard case .presentation(let presentation) = content, presentation.identity != nil else { return nil }
        do {
            let roots = try ca.map { path throws(ServerIdentityError) in try TrustedRoots(pemFile: path) } ?? .system()
            let check = OpenedHandshakeCheck(roots: roots)
            return { try check($0) }
        } catch let error as ServerIdentityError {
            throw CommandFailure(.inputUnreadable, "\(error)")
        }
    }

    private static func notary(_ text: String) throws -> EthereumAddress {
        if let address = try? EthereumAddress(text) { return address }
        if let address = (try? PeerID(text))?.ethereumAddress { return address }
        throw ValidationError("\"\(text)\" is neither an Ethereum address nor a peer id")
    }

    private func report(_ verified: VerifiedPresentation, now: UInt64) -> CommandReport {
        var text = EvidenceText()
        let header = verified.header
        text.line("VERIFIED. What the notary signed, and what is shown of it, fit together.")
        text.line()
        text.field("Notary", "\(header.notary)")
        text.field(
            "",
            trust.isEmpty ? "NOT CHECKED against any list; name trusted notaries with --trust" : "trusted by you"
        )
        describeServer(verified.server, header, &text)
        text.session(header, contextText: verified.contextText, now: now)
        text.field("Response", header.transcript.complete ? "complete" : "may be only a part of what the server sent")
        text.field("Attestation", "\(verified.id)")
        text.line()
        text.transcript("Sent", ShownTranscript(verified.sent), limit: show)
        text.line()
        text.transcript("Received", ShownTranscript(verified.received), limit: show)
        text.line()
        text.line("Not proven:")
        let notProven = Self.notProven(verified)
        for limit in notProven { text.line("  - \(limit)") }
        var members = [
            JSONMember(
                "notary",
                .object([
                    JSONMember("address", .string("\(header.notary)")), JSONMember("trusted", .bool(!trust.isEmpty)),
                ])
            ),
            JSONMember("server", EvidenceJSON.server(verified.server)),
        ]
        members += EvidenceJSON.header(header, id: verified.id, contextText: verified.contextText)
        members += [
            JSONMember("sent", EvidenceJSON.transcript(ShownTranscript(verified.sent))),
            JSONMember("received", EvidenceJSON.transcript(ShownTranscript(verified.received))),
            JSONMember("not_proven", .array(notProven.map { .string($0) })),
        ]
        return CommandReport(text: text.text, members: members)
    }

    private static func notProven(_ verified: VerifiedPresentation) -> [String] {
        var limits = verified.notProven.map { "\($0)" }
        if let server = verified.server {
            let claim = "That \(server.name) answers, and not another site on the same machines: the request"
            switch RequestAddress(verified.sent) {
            case .host: break
            case .mentioned(let host) where !RequestAddress.isSame(host, server.name):
                limits.append("\(claim) is not shown whole, and what is shown is addressed to ANOTHER HOST, \(host).")
            case .mentioned, .unknown: limits.append("\(claim), whose Host says which, is not shown whole.")
            }
        }
        if [verified.sent, verified.received].contains(where: { !$0.hiddenRanges.isEmpty && !$0.segments.isEmpty }) {
            limits.append("Where in the document a shown value stands, unless what surrounds it is shown too.")
        }
        return limits
    }

    private func describeServer(_ server: VerifiedServer?, _ header: AttestationHeader, _ text: inout EvidenceText) {
        guard let server else {
            text.field("Server", "NOT DISCLOSED; only a commitment to its handshake was signed")
            return
        }
        text.foreign("Server", server.name)
        switch server.checker {
        case .notary(let time):
            text.field(
                "",
                "chain, host name and validity checked by the notary at \(Timestamp.text(milliseconds: time))"
            )
        case .relyingParty:
            let roots = ca ?? "the roots of this machine"
            text.field("", "chain, host name and validity during the session checked here, against \(roots)")
        }
        text.field("", "certificate SHA-256 \(server.certificateFingerprint)")
    }
}
