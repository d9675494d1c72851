internal import Attestations
internal import CryptoCore
internal import ServerIdentity
internal import TLSProtocol

/// Checks a committed server identity that a presentation opens.
///
/// The notary signed randoms, suite, ephemeral key and session hash; the opened handshake must be the one with exactly
/// these. Then it is checked as a client would have done at the time of the session: chain, name, validity and the
/// server's signature over its ephemeral key.
struct OpenedHandshakeCheck: Sendable {
    /// The opened handshake is not the one that the notary took part in.
    struct Mismatch: Error, CustomStringConvertible {
        let part: String
        var description: String { "the \(part) of the opened handshake is not the one that the notary signed" }
    }

    /// The roots that are trusted.
    let roots: TrustedRoots

    /// TLS 1.2 and P-256, by their numbers on the wire.
    private static let version: UInt16 = 0x0303
    private static let group: UInt16 = 0x0017

    func callAsFunction(_ opened: PresentationVerifier.OpenedHandshake) throws -> PresentationVerifier.CheckedServer {
        let handshake = try HandshakeTranscript(decoding: opened.handshake)
        let flight = handshake.serverFlight
        let facts = opened.tls
        guard facts.version == Self.version else { throw Mismatch(part: "TLS version") }
        guard facts.group == Self.group else { throw Mismatch(part: "key exchange group") }
        guard facts.cipherSuite == flight.suite.rawValue else { throw Mismatch(part: "cipher suite") }
        guard facts.clientRandom.bytes == handshake.clientHello.random else { throw Mismatch(part: "client random") }
        guard facts.serverRandom.bytes == flight.serverRandom else { throw Mismatch(part: "server random") }
        guard facts.serverEphemeralKey == flight.serverPoint else { throw Mismatch(part: "server's ephemeral key") }
        guard facts.sessionHash == handshake.sessionHash else { throw Mismatch(part: "session hash") }
        guard let name = handshake.clientHello.serverName else { throw Mismatch(part: "server name") }
        let identity = try ServerIdentityVerifier(roots: roots).verify(
            flight,
            for: name,
            at: Int64(clamping: opened.endTime / 1000)
        )
        guard let fingerprint = Bytes32(SHA256.hash(identity.leaf)) else { throw Mismatch(part: "certificate") }
        return PresentationVerifier.CheckedServer(name: "\(name)", certificateFingerprint: fingerprint)
    }
}
