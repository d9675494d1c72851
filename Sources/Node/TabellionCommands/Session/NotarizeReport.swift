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
        out: String,
        secrets: String,
        node: String,
        duration: Duration
    ) -> CommandReport {
        let header = outcome.attestation.header
        let total = outcome.meter.total()
        let kinds = outcome.secrets.openings.map(\.kind)
        let disclosed = kinds.count { $0 == .disclosed }
        let seconds = duration / .seconds(1)
        var text = EvidenceText()
        text.field("Attestation", out)
        text.field("Secrets", "\(secrets) (yours alone)")
        text.field("Id", "\(outcome.attestation.id)")
        text.field("Notary", "\(header.notary) at \(node)")
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
        text.field("Traffic", "\(total.bytesOut) bytes to the notary, \(total.bytesIn) from it")
        text.field("Took", "\((seconds * 100).rounded() / 100) s")
        return CommandReport(
            text: text.text,
            members: [
                JSONMember("id", .string("\(outcome.attestation.id)")),
                JSONMember("attestation", .string(out)),
                JSONMember("secrets", .string(secrets)),
                JSONMember("node", .string(node)),
                JSONMember("notary", .string(header.notary.checksummed)),
                JSONMember("sent", .unsigned(UInt64(header.transcript.sentLength))),
                JSONMember("received", .unsigned(UInt64(header.transcript.receivedLength))),
                JSONMember("complete", .bool(header.transcript.complete)),
                JSONMember("disclosed_parts", .unsigned(UInt64(disclosed))),
                JSONMember("committed_parts", .unsigned(UInt64(kinds.count - disclosed))),
                JSONMember("bytes_to_notary", .unsigned(UInt64(total.bytesOut))),
                JSONMember("bytes_from_notary", .unsigned(UInt64(total.bytesIn))),
                JSONMember("round_trips", .unsigned(UInt64(total.roundTrips))),
                JSONMember("and_gates", .unsigned(UInt64(outcome.andGatesGarbled))),
                JSONMember("milliseconds", .unsigned(UInt64(max(0, seconds * 1000)))),
            ]
        )
    }

    /// What a notarization would disclose.
    static func dryRun(
        _ planned: TranscriptDisclosure,
        sent: [UInt8],
        received: [UInt8],
        complete: Bool
    ) -> CommandReport {
        var text = EvidenceText()
        text.field("Dry run", "no notary took part; this proves nothing")
        var members = [JSONMember("dry_run", .bool(true)), JSONMember("complete", .bool(complete))]
        for (name, bytes, direction) in [("sent", sent, planned.sent), ("received", received, planned.received)] {
            text.line()
            let counts = Dictionary(grouping: direction.segments, by: \.kind).mapValues(\.count)
            text.line(
                "\(name == "sent" ? "Sent" : "Received") \(bytes.count) bytes: \(counts[.reveal] ?? 0) parts disclosed, "
                    + "\(counts[.commit] ?? 0) committed, \(counts[.hidden] ?? 0) hidden"
            )
            for segment in direction.segments {
                let place = segment.spans.ranges.map { "\($0.lowerBound)..<\($0.upperBound)" }.joined(separator: ", ")
                text.line("  \(segment.kind.rawValue)  \(TranscriptRendering.escape(segment.label))  [\(place)]")
            }
            members.append(
                JSONMember(
                    name,
                    .array(
                        direction.segments.map { segment in
                            .object([
                                JSONMember("part", .string(segment.label)),
                                JSONMember("treatment", .string(segment.kind.rawValue)),
                                JSONMember("bytes", .unsigned(UInt64(segment.spans.byteCount))),
                            ])
                        }
                    )
                )
            )
        }
        return CommandReport(text: text.text, members: members)
    }
}
