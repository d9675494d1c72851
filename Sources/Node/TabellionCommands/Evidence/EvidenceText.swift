internal import Attestations
internal import HTTPTranscript

/// What was verified or found in a file, in words.
///
/// All text that a server, notary or owner chose is escaped, and transcripts stand behind a margin.
struct EvidenceText {
    private var lines: [String] = []

    var text: String { lines.joined(separator: "\n") + "\n" }

    mutating func line(_ text: String = "") {
        lines.append(text)
    }

    /// A name and a value in two columns.
    mutating func field(_ name: String, _ value: String) {
        let label = name.isEmpty ? "" : name + ":"
        lines.append(label + String(repeating: " ", count: max(1, 15 - label.count)) + value)
    }

    /// A name and text that somebody else chose, broken where a terminal would begin a line with it.
    mutating func foreign(_ name: String, _ value: String) {
        let parts = TranscriptRendering.wrapped(TranscriptRendering.escape(value), columns: 64)
        for (index, part) in parts.enumerated() { field(index == 0 ? name : "", part) }
    }

    /// The owner's text: in the line if it fits there, else behind a margin.
    private mutating func context(_ text: String) {
        let quoted = "\"\(TranscriptRendering.escape(text))\""
        guard TranscriptRendering.wrapped(quoted, columns: 64).count > 1 else {
            field("Context", quoted)
            return
        }
        let bytes = Array(text.utf8)
        field("Context", "\(bytes.count) bytes of text that the owner chose:")
        let rendering = TranscriptRendering(bytes, disclosing: SpanSet(bytes.indices))
        lines.append(String(rendering.text().dropLast()))
    }

    /// Everything that a notary signed, apart from notary, server and transcript.
    mutating func session(_ header: AttestationHeader, contextText: String?, now: UInt64) {
        let tls = header.tls
        field(
            "Session",
            "\(header.mode == .mpc ? "two-party TLS" : "proxied TLS"), \(Self.version(tls.version)), "
                + "suite 0x\(String(tls.cipherSuite, radix: 16))"
        )
        field("", "id \(header.sessionID)")
        let age = now >= header.endTime ? " (\(Timestamp.duration(milliseconds: now - header.endTime)) ago)" : ""
        field(
            "Time",
            "\(Timestamp.text(milliseconds: header.startTime)) to "
                + "\(Timestamp.text(milliseconds: header.endTime))\(age), by the notary's clock"
        )
        field("Valid until", Timestamp.text(milliseconds: header.purpose.expiry))
        field("Owner", header.purpose.owner == .nobody ? "none" : "\(header.purpose.owner)")
        if let contextText {
            context(contextText)
        } else if header.purpose.contextHash == AttestationPurpose.contextHash(of: "") {
            field("Context", "none")
        } else {
            field("Context", "text not included, hash \(header.purpose.contextHash)")
        }
        if header.purpose.declaredValue != .zero || !header.purpose.currency.isEmpty {
            field("Declared", "\(header.purpose.declaredValue) \(header.purpose.currency), as the owner declared it")
        }
        field("Network", "\(header.network)")
    }

    /// What is visible of a direction.
    mutating func transcript(_ title: String, _ transcript: ShownTranscript, limit: Int) {
        let shown = transcript.parts.reduce(0) { $0 + $1.bytes.count }
        guard transcript.length > 0 else {
            line("\(title): nothing")
            return
        }
        let amount = shown == transcript.length ? "all" : "\(shown) of"
        line("\(title) (\(amount) \(transcript.length) bytes shown):")
        let pieces = transcript.parts.map {
            TranscriptRendering.Piece(offset: $0.range.lowerBound, bytes: $0.bytes)
        }
        guard shown > 0, let rendering = try? TranscriptRendering(byteCount: transcript.length, pieces: pieces) else {
            return
        }
        lines.append(String(rendering.text(limit: limit).dropLast()))
    }

    static func version(_ number: UInt16) -> String {
        switch number {
        case 0x0303: "TLS 1.2"
        case 0x0304: "TLS 1.3"
        default: "TLS version 0x\(String(number, radix: 16))"
        }
    }
}
