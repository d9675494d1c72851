package import Attestations
internal import CryptoCore
package import MPCTLS
internal import TLSProtocol
internal import WireFormat

/// From what a session proved to what a notary signs; both parties compute it, so that the prover can check.
package enum SessionAttestation {
    /// The commitment tree over the proven segments.
    ///
    /// A committed segment keeps its proven commitment; a disclosed one is committed to with a blinder that both
    /// parties derive from the session's secret, so that nobody else can guess it from a Merkle proof.
    package static func tree(_ facts: SessionFacts) throws(AttestationError) -> TranscriptTree {
        var leaves: [TranscriptLeaf] = []
        for segment in facts.segments {
            let direction: TranscriptLeaf.Direction = segment.direction == .sent ? .sent : .received
            switch segment.content {
            case .committed(let digest):
                guard let commitment = Bytes32(digest) else { throw .malformed("commitment") }
                leaves.append(
                    try TranscriptLeaf(
                        direction: direction,
                        range: segment.range,
                        kind: .committed,
                        commitment: commitment
                    )
                )
            case .disclosed(let bytes):
                let blinder = blinder(facts, direction, segment.range)
                leaves.append(
                    try TranscriptLeaf(
                        direction: direction,
                        range: segment.range,
                        kind: .disclosed,
                        commitment: TranscriptLeaf.commitment(to: bytes, blinder: blinder)
                    )
                )
            }
        }
        return try TranscriptTree(
            sentLength: facts.sentByteCount,
            receivedLength: facts.receivedByteCount,
            leaves: leaves
        )
    }

    /// The blinder of a disclosed segment.
    static func blinder(
        _ facts: SessionFacts,
        _ direction: TranscriptLeaf.Direction,
        _ range: Range<Int>
    ) -> [UInt8] {
        TranscriptLeaf.disclosureBlinder(
            salt: facts.disclosureSalt,
            direction: direction,
            start: range.lowerBound
        )
    }

    /// The header that the notary signs.
    ///
    /// - Parameters:
    ///   - serverName: the checked name, if the identity was revealed.
    ///   - times: when the session was accepted, when the certificate was checked, and when the transcript was fixed,
    ///     in Unix milliseconds of the notary's clock.
    package static func header(
        _ facts: SessionFacts,
        request: NotarizationRequest,
        serverName: String?,
        times: SessionTimes,
        notary: EthereumAddress
    ) throws -> AttestationHeader {
        let server: ServerDisclosure
        switch facts.handshake {
        case .revealed(let handshake):
            let leaf = SHA256.hash(handshake.serverFlight.certificateChain[0])
            server = .revealed(
                try RevealedServer(
                    name: serverName ?? "",
                    certificateFingerprint: try bytes32(leaf),
                    validatedAt: times.validated
                )
            )
        case .committed(let handshake): server = .committed(try bytes32(handshake.commitment))
        }
        return try AttestationHeader(
            network: request.network,
            sessionID: try bytes32(facts.sessionID),
            mode: .mpc,
            engineVersion: SessionParameters.engineVersion,
            tls: TLSFacts(
                version: TLSRecord.version,
                cipherSuite: facts.handshake.suite.rawValue,
                group: 0x0017,
                serverEphemeralKey: facts.handshake.serverPoint,
                clientRandom: try bytes32(facts.handshake.clientRandom),
                serverRandom: try bytes32(facts.handshake.serverRandom),
                sessionHash: facts.handshake.sessionHash,
                serverFinishedHash: facts.serverFinishedHash
            ),
            server: server,
            startTime: times.start,
            endTime: times.end,
            transcript: TranscriptSummary(tree: try tree(facts), complete: facts.endedWithCloseNotify),
            purpose: request.purpose,
            notary: notary
        )
    }

    private static func bytes32(_ bytes: [UInt8]) throws(AttestationError) -> Bytes32 {
        guard let value = Bytes32(bytes) else { throw .malformed("32 bytes") }
        return value
    }
}

/// Moments of a session in Unix milliseconds of the notary's clock.
package struct SessionTimes: Sendable, Equatable {
    /// When the session was accepted.
    package var start: UInt64 = 0
    /// When the server's certificate was checked.
    package var validated: UInt64 = 0
    /// When all records were fixed.
    package var end: UInt64 = 0

    /// Times of which all are still to be set.
    package init() {}
}
