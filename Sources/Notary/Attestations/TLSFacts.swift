/// What the notary saw of the TLS connection.
public struct TLSFacts: Hashable, Sendable {
    /// The longest server ephemeral key: P-521, uncompressed.
    public static let ephemeralKeyByteCountMax = 133
    /// The longest transcript hash: SHA-512.
    public static let hashByteCountMax = 64

    /// The protocol version on the wire: 0x0303 is TLS 1.2.
    public let version: UInt16
    /// The cipher suite (IANA).
    public let cipherSuite: UInt16
    /// The named group of the key exchange (IANA): 0x0017 is P-256.
    public let group: UInt16
    /// The server's ephemeral public key, as encoded for that group.
    public let serverEphemeralKey: [UInt8]
    /// The client's random.
    public let clientRandom: Bytes32
    /// The server's random.
    public let serverRandom: Bytes32
    /// Hash of the handshake through ClientKeyExchange (RFC 7627, section 3); 32 to 64 bytes.
    public let sessionHash: [UInt8]
    /// Hash of the handshake that the server's Finished covers; 32 to 64 bytes.
    public let serverFinishedHash: [UInt8]

    /// Checks the lengths.
    ///
    /// - Throws: `.malformed`.
    public init(
        version: UInt16,
        cipherSuite: UInt16,
        group: UInt16,
        serverEphemeralKey: [UInt8],
        clientRandom: Bytes32,
        serverRandom: Bytes32,
        sessionHash: [UInt8],
        serverFinishedHash: [UInt8]
    ) throws(AttestationError) {
        guard (32...Self.ephemeralKeyByteCountMax).contains(serverEphemeralKey.count) else {
            throw .malformed("serverEphemeralKey")
        }
        guard (32...Self.hashByteCountMax).contains(sessionHash.count) else { throw .malformed("sessionHash") }
        guard serverFinishedHash.count == sessionHash.count else { throw .malformed("serverFinishedHash") }
        self.version = version
        self.cipherSuite = cipherSuite
        self.group = group
        self.serverEphemeralKey = serverEphemeralKey
        self.clientRandom = clientRandom
        self.serverRandom = serverRandom
        self.sessionHash = sessionHash
        self.serverFinishedHash = serverFinishedHash
    }
}
