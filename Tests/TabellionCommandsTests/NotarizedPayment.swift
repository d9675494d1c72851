import Attestations
import CryptoCore
import HTTPTranscript

/// An attestation of a payment page with its secrets, made without an engine.
struct NotarizedPayment {
    static let body = #"{"id":"pay_1","amount":12.30,"payee":{"name":"Bäckerei","iban":"DE02"},"ok":true}"#
    static let sent = Array("GET /payments/1 HTTP/1.1\r\nHost: bank.example\r\nCookie: sid=42\r\n\r\n".utf8)
    static let received = Array(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8
    )
    /// When the session ended, in Unix seconds; it is valid for a day.
    static let endTime: Int64 = 1_800_000_000

    let attestation: Attestation
    let secrets: AttestationSecrets
    let notary: Secp256k1PrivateKey

    init(
        reveal: [String] = ["request.line", "response.json:$.amount"],
        sent: [UInt8] = NotarizedPayment.sent,
        received: [UInt8] = NotarizedPayment.received,
        contextText: String? = "intent 7",
        complete: Bool = true,
        identity: IdentityOpening? = nil,
        tls: TLSFacts? = nil,
        endTime: Int64 = NotarizedPayment.endTime
    ) throws {
        notary = try Secp256k1PrivateKey(bytes: [UInt8](repeating: 7, count: 32))
        let both = AnnotatedTranscript.both(sent: sent, received: received, authenticatedClose: false)
        let request = DisclosureRequest(reveal: try reveal.map { try TranscriptSelector($0) })
        var openings: [SegmentOpening] = []
        for transcript in [both.sent, both.received] {
            for piece in try request.plan(for: transcript).pieces(of: transcript) where piece.kind != .hidden {
                openings.append(
                    SegmentOpening(
                        direction: transcript.direction == .sent ? .sent : .received,
                        kind: piece.kind == .reveal ? .disclosed : .committed,
                        range: piece.range,
                        blinder: [UInt8](repeating: UInt8(truncatingIfNeeded: openings.count), count: 16)
                    )
                )
            }
        }
        func secrets(_ id: AttestationID) throws -> AttestationSecrets {
            try AttestationSecrets(
                attestationID: id,
                sent: sent,
                received: received,
                openings: openings,
                identity: identity
            )
        }
        let end = UInt64(endTime) * 1000
        let header = try AttestationHeader(
            network: NetworkID(named: "test"),
            sessionID: Self.fill(1),
            mode: .mpc,
            engineVersion: 1,
            tls: tls ?? Self.tls(),
            server: identity.map { .committed($0.commitment) }
                ?? .revealed(
                    RevealedServer(name: "bank.example", certificateFingerprint: Self.fill(2), validatedAt: end - 3000)
                ),
            startTime: end - 4000,
            endTime: end,
            transcript: TranscriptSummary(tree: secrets(AttestationID(Self.fill(0))).tree, complete: complete),
            purpose: AttestationPurpose(
                owner: EthereumAddress("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"),
                contextHash: AttestationPurpose.contextHash(of: contextText ?? ""),
                declaredValue: UInt256(1230),
                currency: "EUR",
                nonce: Self.fill(3),
                expiry: end + 86_400_000
            ),
            notary: notary.ethereumAddress
        )
        attestation = try Attestation(signing: header, contextText: contextText, with: notary)
        self.secrets = try secrets(attestation.id)
    }

    static func fill(_ byte: UInt8) -> Bytes32 { Bytes32([UInt8](repeating: byte, count: 32)) ?? .zero }

    static func tls() throws -> TLSFacts {
        try TLSFacts(
            version: 0x0303,
            cipherSuite: 0xc02b,
            group: 0x17,
            serverEphemeralKey: [UInt8](repeating: 4, count: 65),
            clientRandom: fill(4),
            serverRandom: fill(5),
            sessionHash: fill(6).bytes,
            serverFinishedHash: fill(7).bytes
        )
    }

    /// Writes attestation and secrets as notarize does: `a` and `a.secrets`.
    func write(to directory: ScratchDirectory) throws {
        try directory.write("a", attestation.json)
        try directory.write("a.secrets", secrets.json)
    }
}
