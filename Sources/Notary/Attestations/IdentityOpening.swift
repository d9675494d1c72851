internal import CryptoCore

/// Opens the commitment to a server's identity: the handshake that the notary did not see, and the blinder.
///
/// The commitment is SHA-256("tabellion handshake commitment v1" ‖ 32-byte blinder ‖ handshake): hiding by the
/// blinder, binding by the hash. The handshake is the engine's encoding of all messages from ClientHello, which names
/// the server, to ClientKeyExchange; this module does not look into it.
public struct IdentityOpening: Hashable, Sendable {
    /// The longest encoded handshake: two kilobytes above what the engine accepts as a server's flight.
    public static let handshakeByteCountMax = (1 << 17) + 2048

    /// 32 random bytes.
    public let blinder: Bytes32
    /// The encoded handshake.
    public let handshake: [UInt8]

    /// Checks the length.
    ///
    /// - Throws: `.malformed`.
    public init(blinder: Bytes32, handshake: [UInt8]) throws(AttestationError) {
        guard handshake.count <= Self.handshakeByteCountMax else { throw .malformed("handshake") }
        self.blinder = blinder
        self.handshake = handshake
    }

    /// The commitment that this opens.
    public var commitment: Bytes32 {
        let domain = Array("tabellion handshake commitment v1".utf8)
        return Bytes32(unchecked: SHA256.hash(domain + blinder.bytes + handshake))
    }
}
