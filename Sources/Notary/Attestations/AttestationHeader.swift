public import CryptoCore

/// Everything that a notary signs.
public struct AttestationHeader: Hashable, Sendable {
    /// The version of this format.
    public static let formatVersion: UInt16 = 1

    /// How the transcript was authenticated.
    public enum Mode: String, CaseIterable, Hashable, Sendable {
        /// Two-party TLS: the notary held a share of the client's keys until the transcript was fixed.
        case mpc
        /// The connection ran through the notary, and the client proved the keys afterwards.
        case proxy
    }

    /// The notary network.
    public let network: NetworkID
    /// The session, to whose id both parties contributed.
    public let sessionID: Bytes32
    /// How the transcript was authenticated.
    public let mode: Mode
    /// The version of the engine's protocol.
    public let engineVersion: UInt16
    /// The TLS connection.
    public let tls: TLSFacts
    /// Who the server is.
    public let server: ServerDisclosure
    /// When the notary accepted the session, in Unix milliseconds of its clock.
    public let startTime: UInt64
    /// When the transcript was fixed, in Unix milliseconds of the notary's clock.
    public let endTime: UInt64
    /// The application data.
    public let transcript: TranscriptSummary
    /// What the attestation is for.
    public let purpose: AttestationPurpose
    /// The notary, whose key signs.
    public let notary: EthereumAddress

    /// Checks the order of the times.
    ///
    /// - Throws: `.malformed` unless start ≤ end ≤ expiry.
    public init(
        network: NetworkID,
        sessionID: Bytes32,
        mode: Mode,
        engineVersion: UInt16,
        tls: TLSFacts,
        server: ServerDisclosure,
        startTime: UInt64,
        endTime: UInt64,
        transcript: TranscriptSummary,
        purpose: AttestationPurpose,
        notary: EthereumAddress
    ) throws(AttestationError) {
        guard startTime <= endTime else { throw .malformed("endTime") }
        guard endTime <= purpose.expiry else { throw .malformed("expiry") }
        self.network = network
        self.sessionID = sessionID
        self.mode = mode
        self.engineVersion = engineVersion
        self.tls = tls
        self.server = server
        self.startTime = startTime
        self.endTime = endTime
        self.transcript = transcript
        self.purpose = purpose
        self.notary = notary
    }
}
