package import ArgumentParser
internal import Attestations
internal import HTTPTranscript
internal import WireFormat

/// `tabellion inspect`: shows what a file contains, without judging it.
package struct InspectCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what an attestation, presentation, secrets or evidence file contains.",
        discussion: """
            Checks the notary's signature, but neither trust nor time nor the parts of a presentation: use verify for \
            that. Of secrets it lists the parts that present can show, by the selectors that name them, and never \
            their content.
            """
    )

    @Argument(help: ArgumentHelp("The file; - for standard input.", valueName: "file"))
    var file: String

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Reads the file and says what it contains.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let now = UInt64(clamping: environment.unixTime()) * 1000
        var text = EvidenceText()
        switch try EvidenceFile.read(file) {
        case .attestation(let attestation):
            text.line("An attestation. NOT VERIFIED beyond the notary's signature.")
            return report(&text, attestation, nil, now)
        case .presentation(let presentation):
            text.line("A presentation. NOT VERIFIED beyond the notary's signature.")
            return report(&text, presentation.attestation, presentation, now)
        case .secrets(let secrets):
            return report(&text, secrets)
        case .misbehaviour(let evidence):
            return report(&text, evidence)
        }
    }

    private func report(
        _ text: inout EvidenceText,
        _ attestation: Attestation,
        _ presentation: Presentation?,
        _ now: UInt64
    ) -> CommandReport {
        let header = attestation.header
        text.line()
        text.field("Notary", "\(header.notary)")
        var server: [JSONMember]
        switch header.server {
        case .revealed(let revealed):
            text.foreign("Server", revealed.name)
            text.field("", "certificate SHA-256 \(revealed.certificateFingerprint)")
            server = [
                JSONMember("name", .string(revealed.name)),
                JSONMember("certificate_sha256", .string("\(revealed.certificateFingerprint)")),
            ]
        case .committed(let commitment):
            let isOpened = presentation?.identity != nil
            text.field("Server", "committed, \(isOpened ? "opened in this file" : "not opened")")
            text.field("", "commitment \(commitment)")
            server = [
                JSONMember("commitment", .string("\(commitment)")), JSONMember("opened", .bool(isOpened)),
            ]
        }
        text.session(header, contextText: attestation.contextText, now: now)
        let summary = header.transcript
        text.field(
            "Transcript",
            "\(summary.sentLength) bytes sent, \(summary.receivedLength) received, "
                + "\(summary.leafCount) parts, \(summary.complete ? "complete" : "maybe only a prefix")"
        )
        text.field("Root", "\(summary.root)")
        text.field("Attestation", "\(attestation.id)")
        var members = [
            JSONMember("kind", .string(presentation == nil ? "attestation" : "presentation")),
            JSONMember("notary", .string("\(header.notary)")), JSONMember("server", .object(server)),
        ]
        members += EvidenceJSON.header(header, id: attestation.id, contextText: attestation.contextText)
        members += [
            JSONMember("sent_length", .unsigned(UInt64(summary.sentLength))),
            JSONMember("received_length", .unsigned(UInt64(summary.receivedLength))),
            JSONMember("leaf_count", .unsigned(UInt64(summary.leafCount))),
            JSONMember("root", .string("\(summary.root)")),
        ]
        if let presentation {
            let parts = presentation.segments.map { ($0.index, $0.direction, $0.range, $0.kind, nil as String?) }
            members.append(JSONMember("parts", Self.list(parts, &text)))
        }
        return CommandReport(text: text.text, members: members)
    }

    private func report(_ text: inout EvidenceText, _ secrets: AttestationSecrets) -> CommandReport {
        text.line("The owner's secrets of an attestation. Never pass this file on: it opens the whole transcript.")
        text.line()
        text.field("Attestation", "\(secrets.attestationID)")
        text.field("Transcript", "\(secrets.sent.count) bytes sent, \(secrets.received.count) received")
        let labels = LeafLabels(secrets, complete: true)
        var parts: [Part] = []
        for direction in HTTPDirection.allCases {
            for (leaf, label) in zip(labels.leaves(direction), labels.labels(direction)) {
                let opening = secrets.openings[leaf.index]
                parts.append((leaf.index, opening.direction, leaf.range, opening.kind, label))
            }
        }
        let list = Self.list(parts, &text)
        return CommandReport(
            text: text.text,
            members: [
                JSONMember("kind", .string("secrets")), JSONMember("id", .string("\(secrets.attestationID)")),
                JSONMember("parts", list),
            ]
        )
    }

    private func report(_ text: inout EvidenceText, _ evidence: MisbehaviourEvidence) -> CommandReport {
        text.line("Evidence against a notary, of the prover's side. The notary's signature is good.")
        text.line()
        text.field("Notary", "\(evidence.notary)")
        text.foreign("Found", evidence.contradiction)
        text.field("Session", "\(evidence.sessionID)")
        text.field("Digest", "\(evidence.transcriptDigest), which the notary signed")
        text.field("Seed", "\(evidence.seed), as it was opened")
        text.line()
        text.line("The signature covers the digest of the messages, neither these nor the seed. Without the messages")
        text.line("nobody else can tell whether the seed is the notary's, nor what it contradicts.")
        return CommandReport(
            text: text.text,
            members: [
                JSONMember("kind", .string("evidence")), JSONMember("notary", .string("\(evidence.notary)")),
                JSONMember("session_id", .string("\(evidence.sessionID)")),
                JSONMember("transcript_digest", .string("\(evidence.transcriptDigest)")),
                JSONMember("seed", .string("\(evidence.seed)")),
                JSONMember("contradiction", .string(evidence.contradiction)),
            ]
        )
    }

    private typealias Part = (
        index: Int, direction: TranscriptLeaf.Direction, range: Range<Int>, kind: TranscriptLeaf.Kind, label: String?
    )

    private static func list(_ parts: [Part], _ text: inout EvidenceText) -> JSONValue {
        text.line()
        text.line("Parts:")
        var values: [JSONValue] = []
        for part in parts {
            let direction = part.direction == .sent ? "sent" : "received"
            let kind = part.kind == .disclosed ? "disclosed" : "committed"
            let place = "\(direction) \(part.range.lowerBound)-\(part.range.upperBound - 1)"
            let label = part.label.map { "  " + TranscriptRendering.escape($0) } ?? ""
            text.line("  \(part.index)  \(place)  \(kind)\(label)")
            var members = [
                JSONMember("index", .unsigned(UInt64(part.index))), JSONMember("direction", .string(direction)),
                JSONMember("start", .unsigned(UInt64(part.range.lowerBound))),
                JSONMember("end", .unsigned(UInt64(part.range.upperBound))), JSONMember("kind", .string(kind)),
            ]
            if let label = part.label { members.append(JSONMember("selector", .string(label))) }
            values.append(.object(members))
        }
        return .array(values)
    }
}
