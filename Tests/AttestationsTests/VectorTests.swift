import Attestations
import CryptoCore
import EthereumCodec
import Foundation
import Testing
import WireFormat

/// The published vectors of docs/attestation.md.
@Suite("Published vectors")
struct VectorTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Vectors")

    /// - Parameter name: A file of the Vectors folder.
    private static func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    private static func bytes(_ vector: JSONValue, _ key: String) throws -> [UInt8] {
        try #require(vector[key]?.string.flatMap { Hexadecimal.decode($0) }, "\(key)")
    }

    /// The vectors by file: a revealed and a committed server.
    private static func sessions() throws -> [(name: String, session: SampleSession)] {
        var committed = SampleSession()
        committed.identity = try SampleSession.sampleIdentity()
        committed.complete = false
        return [("revealed.json", SampleSession()), ("committed.json", committed)]
    }

    private static func vector(_ session: SampleSession) throws -> JSONValue {
        let attestation = try session.attestation()
        let presentation = try session.presentation()
        let typedData = attestation.header.typedData
        func value(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8), limit: 1 << 16) }
        return .object([
            JSONMember("notaryKey", .string(try SampleSession.key().withSecretBytes { Hexadecimal.encode($0) })),
            JSONMember("encodeType", .string(try typedData.schema.encodeType(typedData.primaryType))),
            JSONMember(
                "typeHash",
                .string(Hexadecimal.encode(try typedData.schema.typeHash(typedData.primaryType)))
            ),
            JSONMember(
                "structHash",
                .string(
                    Hexadecimal.encode(
                        try typedData.schema.hashStructure(typedData.primaryType, typedData.message)
                    )
                )
            ),
            JSONMember("digest", .string(attestation.id.description)),
            JSONMember("typedData", try value(typedData.json())),
            JSONMember("attestation", try value(attestation.json)),
            JSONMember("attestationBytes", .string(Hexadecimal.encode(attestation.bytes))),
            JSONMember("presentation", try value(presentation.json)),
            JSONMember("presentationBytes", .string(Hexadecimal.encode(presentation.bytes))),
            JSONMember("secrets", try value(session.secrets(of: attestation).json)),
            JSONMember(
                "secretsBytes",
                .string(Hexadecimal.encode(try session.secrets(of: attestation).bytes))
            ),
        ])
    }

    @Test("The vectors are what the code makes", arguments: 0..<2)
    func unchanged(index: Int) throws {
        let (name, session) = try Self.sessions()[index]
        let made = try Self.vector(session)
        let published = try JSONValue(parsing: Self.read(name), limit: 1 << 20)
        // On a deliberate change of the format, the new vector is the text that this prints.
        #expect(published == made, "\(made.text(indented: true))")
    }

    @Test("The code reads the vectors", arguments: 0..<2)
    func readable(index: Int) throws {
        let (name, session) = try Self.sessions()[index]
        let vector = try JSONValue(parsing: Self.read(name), limit: 1 << 20)
        let attestation = try Attestation(bytes: Self.bytes(vector, "attestationBytes"))
        let json = try #require(vector["attestation"]).text(indented: false)
        #expect(try Attestation(json: Array(json.utf8)) == attestation)
        #expect(vector["digest"] == .string(attestation.id.description))
        let presentation = try Presentation(bytes: Self.bytes(vector, "presentationBytes"))
        let secrets = try AttestationSecrets(bytes: Self.bytes(vector, "secretsBytes"))
        #expect(throws: Never.self) { try secrets.check(against: attestation) }
        let verifier = PresentationVerifier(policy: try session.policy()) { _ in
            .init(name: "bank.example", certificateFingerprint: SampleSession.fill(0x66))
        }
        let verified = try verifier.verify(presentation)
        #expect(verified.server?.name == "bank.example")
        #expect(verified.received.segments.last?.bytes == Array("\"amount\":\"129.90\"".utf8))
    }

    @Test func theDocumentQuotesTheVector() throws {
        let document = Self.folder.appendingPathComponent("../../../docs/attestation.md").standardized
        let text = String(decoding: try Data(contentsOf: document), as: UTF8.self)
        let vector = try JSONValue(parsing: Self.read("revealed.json"), limit: 1 << 20)
        for key in ["encodeType", "typeHash", "structHash", "digest"] {
            #expect(text.contains(try #require(vector[key]?.string)), "\(key)")
        }
        #expect(text.contains(try SampleSession().tree().root.description))
    }

    @Test func everyVectorFileIsRead() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        let expected = try Self.sessions().map(\.name) + ["README.md"]
        #expect(files.sorted() == expected.sorted())
    }
}
