package import Attestations
package import CryptoCore
package import Records

/// Makes notarizations for tests: of any notary, session, time and server, with everything else fixed.
package struct RecordSamples: Sendable {
    /// The network.
    package var network = NetworkID(named: "tabellion-test")
    /// The server; nil: its identity is committed.
    package var server: String? = "bank.example"
    /// The owner.
    package var owner = RecordSamples.account(0xaa)

    /// Samples of the test network.
    package init() {}

    /// A notary's key by number.
    package static func key(_ number: Int) throws -> Secp256k1PrivateKey {
        try Secp256k1PrivateKey(bytes: Keccak256.hash(Array("notary \(number)".utf8)))
    }

    /// An account of twenty equal bytes.
    package static func account(_ byte: UInt8) -> EthereumAddress {
        EthereumAddress(bytes: [UInt8](repeating: byte, count: 20)) ?? .zero
    }

    /// 32 bytes that a text stands for.
    package static func bytes32(_ text: String) -> Bytes32 {
        Bytes32(Keccak256.hash(Array(text.utf8))) ?? .zero
    }

    /// The header of a session.
    ///
    /// - Parameters:
    ///   - session: Which session of the notary.
    ///   - time: When the transcript was fixed, in Unix milliseconds.
    ///   - variant: Other numbers give other attestations of the same session.
    package func header(
        notary: EthereumAddress,
        session: Int,
        at time: UInt64,
        variant: Int = 0
    ) throws -> AttestationHeader {
        let fill = { (byte: UInt8) in Bytes32([UInt8](repeating: byte, count: 32)) ?? .zero }
        return try AttestationHeader(
            network: network,
            sessionID: Self.bytes32("session \(session)"),
            mode: .mpc,
            engineVersion: 1,
            tls: TLSFacts(
                version: 0x0303,
                cipherSuite: 0xc02b,
                group: 0x0017,
                serverEphemeralKey: [UInt8](repeating: 4, count: 65),
                clientRandom: fill(2),
                serverRandom: fill(3),
                sessionHash: fill(4).bytes,
                serverFinishedHash: fill(5).bytes
            ),
            server: try server.map {
                .revealed(
                    try RevealedServer(
                        name: $0,
                        certificateFingerprint: fill(6),
                        validatedAt: time - min(time, 4_000)
                    )
                )
            } ?? .committed(fill(7)),
            startTime: time - min(time, 5_000),
            endTime: time,
            transcript: TranscriptSummary(
                sentLength: 100,
                receivedLength: 2_000 + variant,
                complete: true,
                leafCount: 4,
                root: Self.bytes32("root \(variant)")
            ),
            purpose: AttestationPurpose(
                owner: owner,
                contextHash: fill(8),
                declaredValue: UInt256(12_990),
                currency: "EUR/100",
                nonce: Self.bytes32("nonce \(session)"),
                expiry: time + 86_400_000_000
            ),
            notary: notary
        )
    }

    /// A signed record of a session.
    package func record(
        notary: Int = 0,
        session: Int,
        at time: UInt64,
        variant: Int = 0
    ) throws -> Notarization {
        let key = try Self.key(notary)
        let header = try header(notary: key.ethereumAddress, session: session, at: time, variant: variant)
        return Notarization(try Attestation(signing: header, contextText: nil, with: key))
    }
}
