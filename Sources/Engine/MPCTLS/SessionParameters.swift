package import WireFormat

/// What prover and notary agree on before anything secret is made; bound into the session id.
package struct SessionParameters: Equatable, Sendable, WireCodable {
    /// The version of this engine's protocol; both parties must speak the same.
    package static let engineVersion: UInt16 = 1
    /// The most bytes of a request: one TLS record.
    package static let maxSentLimit = 1 << 14
    /// The most authenticated bits that may be prepared in advance.
    package static let preparedCorrelationsLimit = 1 << 24
    /// The most bytes of an encoded value.
    package static let byteCountMax = 1 << 14
    /// The most bytes of the application's own request.
    package static let applicationByteCountMax = 8192

    /// Bytes of request for which keystream is garbled.
    package let maxSent: Int
    /// Bytes of response, counted as plaintext, that may be read.
    package let maxReceived: Int
    /// Whether the notary sees the handshake messages and checks the server's identity, or only a commitment to them.
    package let revealsServerIdentity: Bool
    /// Authenticated bits for the final proof that are prepared before the server is contacted.
    package let preparedCorrelations: Int
    /// 32 random bytes of the prover's.
    package let proverNonce: [UInt8]
    /// What the application wants attested, opaque to the engine and bound into the session id.
    package let application: [UInt8]

    /// Parameters; see the properties.
    ///
    /// - Throws: ``MPCTLSError/invalidRequest(_:)`` if one is outside the engine's limits.
    package init(
        maxSent: Int,
        maxReceived: Int,
        revealsServerIdentity: Bool,
        preparedCorrelations: Int,
        proverNonce: [UInt8],
        application: [UInt8]
    ) throws(MPCTLSError) {
        guard (1...Self.maxSentLimit).contains(maxSent) else {
            throw .invalidRequest("a request has 1 to \(Self.maxSentLimit) bytes, not \(maxSent)")
        }
        guard (1...Int(Int32.max)).contains(maxReceived),
            (0...Self.preparedCorrelationsLimit).contains(preparedCorrelations)
        else {
            throw .invalidRequest("the session's sizes are out of range")
        }
        guard proverNonce.count == 32, application.count <= Self.applicationByteCountMax else {
            throw .invalidRequest("the session's nonce or application data has a wrong length")
        }
        self.maxSent = maxSent
        self.maxReceived = maxReceived
        self.revealsServerIdentity = revealsServerIdentity
        self.preparedCorrelations = preparedCorrelations
        self.proverNonce = proverNonce
        self.application = application
    }

    /// The most records of a response: each costs a proof of its tag, however short it is.
    package var recordCountMax: Int { min(ProtectedRecord.countMax, 256 + maxReceived / 16) }

    package func encode(into writer: inout WireWriter) {
        writer.uint16(Self.engineVersion)
        writer.uint32(UInt32(maxSent))
        writer.uint32(UInt32(maxReceived))
        writer.bool(revealsServerIdentity)
        writer.uint32(UInt32(preparedCorrelations))
        writer.fixed(proverNonce)
        writer.variable(application)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let version = try reader.uint16()
        guard version == Self.engineVersion else {
            throw .invalid("engine version (\(version); this engine speaks \(Self.engineVersion))")
        }
        let maxSent = Int(try reader.uint32())
        let maxReceived = Int(try reader.uint32())
        let reveals = try reader.bool("revealsServerIdentity")
        let prepared = Int(try reader.uint32())
        let nonce = try reader.fixed(32)
        let application = try reader.variable(limit: Self.applicationByteCountMax)
        do {
            try self.init(
                maxSent: maxSent,
                maxReceived: maxReceived,
                revealsServerIdentity: reveals,
                preparedCorrelations: prepared,
                proverNonce: nonce,
                application: application
            )
        } catch {
            throw .invalid("session parameters: \(error)")
        }
    }
}

/// What the notary answers to ``SessionParameters`` it accepts.
package struct SessionAcceptance: Equatable, WireCodable {
    static let byteCount = 32 + 32 + 65

    /// 32 random bytes of the notary's.
    let notaryNonce: [UInt8]
    /// Commitment to the seed ρ that is opened after the close.
    let seedCommitment: [UInt8]
    /// T_V, the notary's share of the client's ephemeral key, 65 bytes uncompressed.
    let ephemeralShare: [UInt8]

    package func encode(into writer: inout WireWriter) {
        writer.fixed(notaryNonce)
        writer.fixed(seedCommitment)
        writer.fixed(ephemeralShare)
    }

    /// An answer of these parts: 32, 32 and 65 bytes.
    package init(notaryNonce: [UInt8], seedCommitment: [UInt8], ephemeralShare: [UInt8]) {
        self.notaryNonce = notaryNonce
        self.seedCommitment = seedCommitment
        self.ephemeralShare = ephemeralShare
    }

    package init(from reader: inout WireReader) throws(WireError) {
        notaryNonce = try reader.fixed(32)
        seedCommitment = try reader.fixed(32)
        ephemeralShare = try reader.fixed(65)
    }
}
