import Attestations
import CryptoCore

/// A session with fixed content, from which tests make attestations; change a property first to get another one.
struct SampleSession {
    static let sentText = "GET /payments/42 HTTP/1.1\r\nHost: bank.example\r\nCookie: session=s3cret\r\n\r\n"
    static let receivedText =
        "HTTP/1.1 200 OK\r\nContent-Length: 49\r\n\r\n{\"id\":42,\"amount\":\"129.90\",\"iban\":\"DE8937040044\"}"

    /// Offsets in the request: request line, host, cookie.
    static let requestLine = 0..<27
    static let host = 27..<47
    static let cookie = 47..<71
    /// Offsets in the response: status line, header, `"amount":"129.90"`, `"iban":"DE8937040044"`.
    static let statusLine = 0..<17
    static let amount = 48..<65
    static let iban = 66..<87

    var sent = Array(sentText.utf8)
    var received = Array(receivedText.utf8)
    var network = NetworkID(named: "tabellion-test")
    var sessionID = SampleSession.fill(0x11)
    var mode = AttestationHeader.Mode.mpc
    var engineVersion: UInt16 = 1
    var tlsVersion: UInt16 = 0x0303
    var cipherSuite: UInt16 = 0xc02b
    var group: UInt16 = 0x0017
    var serverEphemeralKey = [UInt8](repeating: 0x04, count: 65)
    var clientRandom = SampleSession.fill(0x22)
    var serverRandom = SampleSession.fill(0x33)
    var sessionHash = SampleSession.fill(0x44).bytes
    var serverFinishedHash = SampleSession.fill(0x55).bytes
    var serverName = "bank.example"
    var fingerprint = SampleSession.fill(0x66)
    var validatedAt: UInt64 = 1_760_000_000_500
    var identity: IdentityOpening?
    var startTime: UInt64 = 1_760_000_000_000
    var endTime: UInt64 = 1_760_000_004_200
    var complete = true
    var owner = SampleSession.address(0xaa)
    var contextText: String? = "intent 7: 129.90 EUR to Ärzte ohne Grenzen"
    var contextHash: Bytes32?
    var declaredValue = UInt256(12990)
    var currency = "EUR/100"
    var nonce = SampleSession.fill(0x77)
    var expiry: UInt64 = 1_760_600_000_000
    var notary: EthereumAddress?
    var openings = [
        opening(.sent, .disclosed, requestLine, 1), opening(.sent, .disclosed, host, 2),
        opening(.sent, .committed, cookie, 3), opening(.received, .disclosed, statusLine, 4),
        opening(.received, .committed, amount, 5), opening(.received, .committed, iban, 6),
    ]

    static func fill(_ byte: UInt8) -> Bytes32 {
        Bytes32([UInt8](repeating: byte, count: 32)) ?? .zero
    }

    static func address(_ byte: UInt8) -> EthereumAddress {
        EthereumAddress(bytes: [UInt8](repeating: byte, count: 20)) ?? .zero
    }

    static func opening(
        _ direction: TranscriptLeaf.Direction,
        _ kind: TranscriptLeaf.Kind,
        _ range: Range<Int>,
        _ blinder: UInt8
    ) -> SegmentOpening {
        SegmentOpening(
            direction: direction,
            kind: kind,
            range: range,
            blinder: [UInt8](repeating: blinder, count: 16)
        )
    }

    /// The notary's key: Keccak-256 of "notary".
    static func key() throws -> Secp256k1PrivateKey {
        try Secp256k1PrivateKey(bytes: Keccak256.hash(Array("notary".utf8)))
    }

    /// The identity opening that committed samples use.
    static func sampleIdentity() throws -> IdentityOpening {
        try IdentityOpening(blinder: fill(0x88), handshake: Array("a handshake with bank.example".utf8))
    }

    func tree() throws -> TranscriptTree {
        try AttestationSecrets(
            attestationID: AttestationID(.zero),
            sent: sent,
            received: received,
            openings: openings,
            identity: nil
        ).tree
    }

    func header() throws -> AttestationHeader {
        try AttestationHeader(
            network: network,
            sessionID: sessionID,
            mode: mode,
            engineVersion: engineVersion,
            tls: TLSFacts(
                version: tlsVersion,
                cipherSuite: cipherSuite,
                group: group,
                serverEphemeralKey: serverEphemeralKey,
                clientRandom: clientRandom,
                serverRandom: serverRandom,
                sessionHash: sessionHash,
                serverFinishedHash: serverFinishedHash
            ),
            server: try identity.map { .committed($0.commitment) }
                ?? .revealed(
                    RevealedServer(
                        name: serverName,
                        certificateFingerprint: fingerprint,
                        validatedAt: validatedAt
                    )
                ),
            startTime: startTime,
            endTime: endTime,
            transcript: TranscriptSummary(tree: tree(), complete: complete),
            purpose: AttestationPurpose(
                owner: owner,
                contextHash: contextHash ?? contextText.map { AttestationPurpose.contextHash(of: $0) } ?? .zero,
                declaredValue: declaredValue,
                currency: currency,
                nonce: nonce,
                expiry: expiry
            ),
            notary: notary ?? Self.key().ethereumAddress
        )
    }

    func attestation() throws -> Attestation {
        try Attestation(signing: header(), contextText: contextText, with: Self.key())
    }

    func secrets(of attestation: Attestation) throws -> AttestationSecrets {
        try AttestationSecrets(
            attestationID: attestation.id,
            sent: sent,
            received: received,
            openings: openings,
            identity: identity
        )
    }

    /// A presentation of the given leaves.
    func presentation(showing leaves: [Int] = [0, 1, 3, 4]) throws -> Presentation {
        let attestation = try attestation()
        return try secrets(of: attestation).presentation(
            of: attestation,
            showing: leaves,
            opensIdentity: true,
            includesContextText: true
        )
    }

    /// A policy that accepts the sample: one minute after the session, the right notary.
    func policy() throws -> PresentationPolicy {
        PresentationPolicy(notaries: .addresses([try Self.key().ethereumAddress]), now: endTime + 60_000)
    }
}
