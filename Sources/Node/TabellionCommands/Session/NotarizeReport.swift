internal import Attestations
internal import HTTPTranscript
internal import MPCTLS
internal import NodeRuntime
internal import WireFormat

/// What `tabellion notarize` says at its end.
enum NotarizeReport {
    /// The summary of a notarization.
    static func done(
        _ outcome: NotarizationClient.Outcome,
        _ files: NotarizationFiles,
        with used: NodeSession,
        duration: Duration,
        _ coarsenings: [PlanCoarsening]
    ) -> CommandReport {
        let header = outcome.attestation.header
        let total = outcome.meter.total()
        let kinds = outcome.secrets.openings.map(\.kind)
        let disclosed = kinds.count { $0 == .disclosed }
        let seconds = duration / .seconds(1)
        var text = EvidenceText()
        text.field("Attestation", files.attestation)
        text.field("Secrets", "\(files.secrets) (yours alone)")
        text.field("Id", "\(outcome.attestation.id)")
        let drawn = used.candidateCount > 1 ? ", one of \(used.candidateCount) nodes" : ""
        text.field("Notary", "\(header.notary) at \(used.address)\(drawn)")
        switch header.server {
        case .revealed(let server): text.field("Server", "\(server.name), certificate checked by the notary and by you")
        case .committed: text.field("Server", "hidden from the notary; present opens it")
        }
        text.field("Sent", "\(header.transcript.sentLength) bytes")
        text.field(
            "Received",
            "\(header.transcript.receivedLength) bytes, "
                + (header.transcript.complete ? "complete" : "possibly cut off: the server did not say close_notify")
        )
        text.field("Parts", "\(disclosed) disclosed, \(kinds.count - disclosed) committed")
        for coarsening in coarsenings { text.field("Note", "\(coarsening)") }
        text.field("Traffic", "\(total.bytesOut) bytes to the notary, \(total.bytesIn) from it")
        text.field("Took", "\((seconds * 100).rounded() / 100) s")
        return CommandReport(
            text: text.text,
            members: [
                JSONMember("id", .string("\(outcome.attestation.id)")),
                JSONMember("attestation", .string(files.attestation)),
                JSONMember("secrets", .string(files.secrets)),
                JSONMember("node", .string("\(used.address)")),
                JSONMember("nodes_known", .unsigned(UInt64(used.candidateCount))),
                JSONMember("notary", .string(header.notary.checksummed)),
                JSONMember("sent", .unsigned(UInt64(header.transcript.sentLength))),
                JSONMember("received", .unsigned(UInt64(header.transcript.receivedLength))),
                JSONMember("complete", .bool(header.transcript.complete)),
                JSONMember("disclosed_parts", .unsigned(UInt64(disclosed))),
                JSONMember("committed_parts", .unsigned(UInt64(kinds.count - disclosed))),
                notes(coarsenings),
                JSONMember("bytes_to_notary", .unsigned(UInt64(total.bytesOut))),
                JSONMember("bytes_from_notary", .unsigned(UInt64(total.bytesIn))),
                JSONMember("round_trips", .unsigned(UInt64(total.roundTrips))),
                JSONMember("and_gates", .unsigned(UInt64(outcome.andGatesGarbled))),
                JSONMember("milliseconds", .unsigned(UInt64(max(0, seconds * 1000)))),
            ]
        )
    }

    /// What is left of a session whose notary was caught; `problem` says why its evidence could not be kept.
    static func misbehaviour(
        _ failure: CommandFailure,
        _ problem: CommandFailure?,
        _ files: NotarizationFiles
    ) -> CommandReport {
        let kept =
            problem.map { "What it signed could not be kept: \($0.message)." }
            ?? "What it signed is kept in \(files.evidence); tabellion inspect shows it."
        return CommandReport(
            text: "",
            members: problem == nil ? [JSONMember("evidence", .string(files.evidence))] : [],
            failure: CommandFailure(
                failure.status,
                failure.message,
                advice: [failure.advice, kept].compactMap(\.self).joined(separator: " ")
            )
        )
    }

    /// What a notarization would disclose.
    static func dryRun(
        _ plan: EnginePlan,
        sent: [UInt8],
        received: [UInt8],
        complete: Bool
    ) -> CommandReport {
        var text = EvidenceText()
        text.field("Dry run", "no notary took part; this proves nothing")
        for coarsening in plan.coarsenings { text.field("Note", "\(coarsening)") }
        var members = [
            JSONMember("dry_run", .bool(true)), JSONMember("complete", .bool(complete)), notes(plan.coarsenings),
        ]
        for (name, bytes, pieces) in [("sent", sent, plan.sent), ("received", received, plan.received)] {
            text.line()
            let counts = Dictionary(grouping: pieces, by: \.kind).mapValues(\.count)
            text.line(
                "\(name == "sent" ? "Sent" : "Received") \(bytes.count) bytes: \(counts[.reveal] ?? 0) parts disclosed, "
                    + "\(counts[.commit] ?? 0) committed, \(counts[.hidden] ?? 0) hidden"
            )
            for piece in pieces {
                let place = "\(piece.range.lowerBound)..<\(piece.range.upperBound)"
                text.line("  \(piece.kind.rawValue)  \(TranscriptRendering.escape(piece.label))  [\(place)]")
            }
            let parts = pieces.map { piece in
                JSONValue.object([
                    JSONMember("part", .string(piece.label)),
                    JSONMember("treatment", .string(piece.kind.rawValue)),
                    JSONMember("start", .unsigned(UInt64(piece.range.lowerBound))),
                    JSONMember("bytes", .unsigned(UInt64(piece.range.count))),
                ])
            }
            members.append(JSONMember(name, .array(parts)))
        }
        return CommandReport(text: text.text, members: members)
    }

    private static func notes(_ coarsenings: [PlanCoarsening]) -> JSONMember {
        JSONMember("notes", .array(coarsenings.map { .string("\($0)") }))
    }
}
