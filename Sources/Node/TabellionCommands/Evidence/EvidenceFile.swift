package import Attestations
internal import WireFormat

/// A file that Tabellion wrote about a session, in its binary or JSON form.
package enum EvidenceFile {
    /// What a file contains.
    package enum Content: Sendable {
        /// A signed attestation alone.
        case attestation(Attestation)
        /// An attestation with parts of the transcript.
        case presentation(Presentation)
        /// The owner's secrets, which open everything.
        case secrets(AttestationSecrets)
        /// What shows that a notary misbehaved.
        case misbehaviour(MisbehaviourEvidence)
    }

    /// How a file is written.
    package enum Encoding: Sendable {
        /// Indented JSON.
        case json
        /// The canonical binary form.
        case binary
    }

    /// What is appended to an attestation's file name to get the name of the owner's secrets.
    package static let secretsSuffix = ".secrets"
    /// What is appended to an attestation's file name to get the name of the evidence against its notary.
    package static let evidenceSuffix = ".evidence"

    /// Reads a file and finds out what it contains.
    ///
    /// - Throws: `CommandFailure` with `.inputUnreadable`, `.inputMalformed`, `.signatureInvalid`,
    ///   `.disclosureInvalid`.
    package static func read(_ path: String) throws -> Content {
        try content(try InputFile.read(path, limit: AttestationSecrets.jsonByteCountMax), path)
    }

    /// Reads the owner's secrets, and complains if others may read them too.
    package static func readSecrets(_ path: String, in environment: CommandEnvironment) throws -> AttestationSecrets {
        guard case .secrets(let secrets) = try read(path) else {
            throw CommandFailure(.inputMalformed, "\(path) does not contain the secrets of an attestation")
        }
        if InputFile.isReadableByOthers(path) {
            environment.writeError("tabellion: warning: others may read \(path); it opens the whole transcript\n")
        }
        return secrets
    }

    /// The bytes of a file with this content.
    package static func bytes(of content: Content, _ encoding: Encoding) -> [UInt8] {
        switch (content, encoding) {
        case (.attestation(let value), .json): Array(value.json.utf8)
        case (.attestation(let value), .binary): value.bytes
        case (.presentation(let value), .json): Array(value.json.utf8)
        case (.presentation(let value), .binary): value.bytes
        case (.secrets(let value), .json): Array(value.json.utf8)
        case (.secrets(let value), .binary): value.bytes
        case (.misbehaviour(let value), .json): Array(value.json.utf8)
        case (.misbehaviour(let value), .binary): value.bytes
        }
    }

    private static let formats = [
        "tabellion-attestation", "tabellion-presentation", "tabellion-secrets", "tabellion-evidence",
    ]

    private static func content(_ bytes: [UInt8], _ path: String) throws -> Content {
        do {
            switch kind(of: bytes) {
            case "TABA": return .attestation(try Attestation(bytes: bytes))
            case "TABP": return .presentation(try Presentation(bytes: bytes))
            case "TABS": return .secrets(try AttestationSecrets(bytes: bytes))
            case "TABE": return .misbehaviour(try MisbehaviourEvidence(bytes: bytes))
            case "tabellion-attestation": return .attestation(try Attestation(json: bytes))
            case "tabellion-presentation": return .presentation(try Presentation(json: bytes))
            case "tabellion-secrets": return .secrets(try AttestationSecrets(json: bytes))
            case "tabellion-evidence": return .misbehaviour(try MisbehaviourEvidence(json: bytes))
            default:
                throw CommandFailure(
                    .inputMalformed,
                    "\(path) is neither an attestation nor a presentation",
                    advice: "Tabellion writes them with notarize and present."
                )
            }
        } catch let error as AttestationError {
            throw AttestationFailure.failure(error, in: path)
        }
    }

    /// The magic bytes of a binary form, or the member `format` of a JSON form.
    private static func kind(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: "TAB".utf8) { return String(decoding: bytes.prefix(4), as: UTF8.self) }
        // Tabellion writes the format first; only small files are parsed to find it elsewhere.
        let start = String(decoding: bytes.prefix(256).filter { $0 > 0x20 }, as: UTF8.self)
        if let name = formats.first(where: { start.hasPrefix("{\"format\":\"\($0)\"") }) { return name }
        return (try? JSONValue(parsing: bytes, limit: 4 << 20))?["format"]?.string
    }
}
