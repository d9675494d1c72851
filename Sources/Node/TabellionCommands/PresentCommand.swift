package import ArgumentParser
internal import Attestations
internal import HTTPTranscript
internal import WireFormat

/// `tabellion present`: shows parts of a notarized transcript to a relying party.
package struct PresentCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "present",
        abstract: "Make a presentation for a relying party from an attestation and the owner's secrets.",
        discussion: """
            Works without the notary. With --reveal exactly the named parts are shown; with only --redact everything \
            else in that direction is; without either, what the notary saw. Selectors are those of notarize, for \
            example response.json:$.amount, response.header:date, request.line, received. A part that was committed \
            to together with others can only be shown together with them; inspect lists the parts of the secrets.
            """
    )

    @Argument(help: ArgumentHelp("The attestation, or a presentation of it.", valueName: "attestation"))
    var attestation: String

    @Option(
        name: .long,
        help: ArgumentHelp("The owner's secrets; by default the attestation's name with .secrets.", valueName: "file")
    )
    var secrets: String?

    @Option(name: .long, parsing: .upToNextOption, help: ArgumentHelp("Parts to show.", valueName: "selector"))
    var reveal: [String] = []

    @Option(name: .long, parsing: .upToNextOption, help: ArgumentHelp("Parts to keep hidden.", valueName: "selector"))
    var redact: [String] = []

    @Option(name: .long, help: ArgumentHelp("The file to write.", valueName: "file"))
    var out: String

    @Flag(name: .long, help: "Write the canonical binary form instead of JSON.")
    var binary = false

    @Flag(name: .long, help: "Do not show who the server was, if that was only committed to.")
    var hideServer = false

    @Flag(name: .long, help: "Leave out the context text.")
    var hideContext = false

    @Flag(name: .long, help: "Overwrite an existing file.")
    var force = false

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Refuses selectors that cannot be understood.
    package func validate() throws {
        _ = try SelectorArguments.parse(reveal) + SelectorArguments.parse(redact)
    }

    /// Chooses the parts, makes the presentation and writes it.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let attestation = try readAttestation()
        let path = secrets ?? self.attestation + EvidenceFile.secretsSuffix
        for input in [self.attestation, path] where InputFile.areSame(input, out) {
            throw CommandFailure(.outputUnwritable, "\(out) is the file to read; the presentation needs another name")
        }
        let secrets = try EvidenceFile.readSecrets(path, in: environment)
        do {
            try secrets.check(against: attestation)
            let labels = LeafLabels(secrets, complete: attestation.header.transcript.complete)
            let presentation = try secrets.presentation(
                of: attestation,
                showing: try chosenLeaves(secrets, labels),
                opensIdentity: !hideServer,
                includesContextText: !hideContext
            )
            let bytes = EvidenceFile.bytes(of: .presentation(presentation), binary ? .binary : .json)
            try StagedFile.write(out, bytes: bytes, access: .ordinary, overwrites: force)
            return report(presentation)
        } catch let error as AttestationError {
            throw AttestationFailure.failure(error, in: path)
        }
    }

    private func readAttestation() throws -> Attestation {
        switch try EvidenceFile.read(attestation) {
        case .attestation(let attestation): return attestation
        case .presentation(let presentation): return presentation.attestation
        case .secrets:
            throw CommandFailure(
                .inputMalformed,
                "\(attestation) contains secrets; give the attestation, and these with --secrets"
            )
        case .misbehaviour:
            throw CommandFailure(
                .inputMalformed,
                "\(attestation) contains evidence against a notary, and no attestation"
            )
        }
    }

    private func chosenLeaves(_ secrets: AttestationSecrets, _ labels: LeafLabels) throws -> [Int] {
        let reveal = try SelectorArguments.parse(reveal)
        let redact = try SelectorArguments.parse(redact)
        guard !reveal.isEmpty || !redact.isEmpty else {
            return secrets.openings.indices.filter { secrets.openings[$0].kind == .disclosed }
        }
        var chosen: [Int] = []
        for direction in HTTPDirection.allCases {
            chosen += try chosenLeaves(
                reveal.filter { $0.direction == direction },
                redact.filter { $0.direction == direction },
                labels,
                direction
            )
        }
        return chosen
    }

    private func chosenLeaves(
        _ reveal: [TranscriptSelector],
        _ redact: [TranscriptSelector],
        _ labels: LeafLabels,
        _ direction: HTTPDirection
    ) throws -> [Int] {
        let transcript = labels.transcript(direction)
        let leaves = labels.leaves(direction)
        let spans = leaves.map { SpanSet($0.range) }
        do {
            let hidden = SpanSet(try redact.flatMap { try transcript.spans(of: $0).ranges })
            guard !reveal.isEmpty else {
                guard !redact.isEmpty else { return [] }
                return CommitmentSelection.toRevealAllExcept(hidden, committed: spans).map { leaves[$0].index }
            }
            let wanted = SpanSet(try reveal.flatMap { try transcript.spans(of: $0).ranges }).subtracting(hidden)
            let chosen = try CommitmentSelection.toReveal(
                wanted,
                committed: spans,
                disclosed: SpanSet(),
                tolerated: transcript.separatorSpans
            )
            return chosen.map { leaves[$0].index }
        } catch let error as SelectorError {
            throw CommandFailure(.selectionInvalid, "\(error)")
        } catch let error as CommitmentSelection.SelectionError {
            throw CommandFailure(.selectionInvalid, describe(error, labels, direction))
        }
    }

    private func describe(
        _ error: CommitmentSelection.SelectionError,
        _ labels: LeafLabels,
        _ direction: HTTPDirection
    ) -> String {
        guard case .inseparable(let index, _) = error else { return "\(direction.rawValue): \(error)" }
        return
            "\(direction.rawValue): what you named was committed to together with \(labels.labels(direction)[index]) "
            + "and can only be shown with all of it"
    }

    private func report(_ presentation: Presentation) -> CommandReport {
        var text = EvidenceText()
        text.field("Presentation", out)
        text.field("Attestation", "\(presentation.attestation.id)")
        var members = [
            JSONMember("file", .string(out)), JSONMember("id", .string("\(presentation.attestation.id)")),
        ]
        for direction in TranscriptLeaf.Direction.allCases {
            let visible = ShownTranscript(presentation, direction)
            text.line()
            text.transcript(direction == .sent ? "Sent" : "Received", visible, limit: 64 << 10)
            members.append(
                JSONMember(direction == .sent ? "sent" : "received", EvidenceJSON.transcript(visible))
            )
        }
        return CommandReport(text: text.text, members: members)
    }
}
