internal import Attestations
internal import HTTPTranscript
internal import WireFormat

/// The machine-readable form of what was verified.
enum EvidenceJSON {
    static func header(_ header: AttestationHeader, id: AttestationID, contextText: String?) -> [JSONMember] {
        var purpose = [
            JSONMember("owner", .string("\(header.purpose.owner)")),
            JSONMember("context_hash", .string("\(header.purpose.contextHash)")),
        ]
        if let contextText { purpose.append(JSONMember("context", .string(contextText))) }
        purpose += [
            JSONMember("declared_value", .string("\(header.purpose.declaredValue)")),
            JSONMember("currency", .string(header.purpose.currency)),
            JSONMember("expiry_ms", .unsigned(header.purpose.expiry)),
        ]
        return [
            JSONMember("id", .string("\(id)")),
            JSONMember("network", .string("\(header.network)")),
            JSONMember("session_id", .string("\(header.sessionID)")),
            JSONMember("mode", .string(header.mode.rawValue)),
            JSONMember("tls_version", .unsigned(UInt64(header.tls.version))),
            JSONMember("cipher_suite", .unsigned(UInt64(header.tls.cipherSuite))),
            JSONMember("start_ms", .unsigned(header.startTime)),
            JSONMember("end_ms", .unsigned(header.endTime)),
            JSONMember("complete", .bool(header.transcript.complete)),
            JSONMember("purpose", .object(purpose)),
        ]
    }

    static func server(_ server: VerifiedServer?) -> JSONValue {
        guard let server else { return .null }
        var members = [
            JSONMember("name", .string(server.name)),
            JSONMember("certificate_sha256", .string("\(server.certificateFingerprint)")),
        ]
        switch server.checker {
        case .notary(let time):
            members += [JSONMember("checked_by", .string("notary")), JSONMember("checked_ms", .unsigned(time))]
        case .relyingParty:
            members.append(JSONMember("checked_by", .string("relying party")))
        }
        return .object(members)
    }

    static func transcript(_ transcript: ShownTranscript) -> JSONValue {
        .object([
            JSONMember("length", .unsigned(UInt64(transcript.length))),
            JSONMember(
                "segments",
                .array(
                    transcript.parts.map { segment in
                        .object([
                            JSONMember("start", .unsigned(UInt64(segment.range.lowerBound))),
                            JSONMember("end", .unsigned(UInt64(segment.range.upperBound))),
                            JSONMember("kind", .string(segment.kind == .disclosed ? "disclosed" : "committed")),
                            JSONMember("bytes", .string(Hexadecimal.encode(segment.bytes))),
                        ])
                    }
                )
            ),
        ])
    }
}
