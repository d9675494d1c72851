package import CryptoCore

/// What the payloads of the handshake carry: who owns the static key (libp2p specs, "noise-libp2p").
///
/// `bytes identity_key = 1; bytes identity_sig = 2; NoiseExtensions extensions = 4`. Extensions are ignored: they
/// only save a round trip.
package struct NoiseIdentityPayload: Equatable, Sendable {
    /// The identity key that signed.
    package let key: Secp256k1PublicKey
    /// Its signature over the prefix and the Noise static key.
    package let signature: [UInt8]

    /// What is signed, before the 32 bytes of the static key.
    static let signaturePrefix = Array("noise-libp2p-static-key:".utf8)
    /// The longest payload that is looked at; a Tabellion peer's has 113 bytes or fewer.
    package static let byteCountMax = 4096

    /// The payload by which `identity` vouches for a Noise static key, encoded.
    package static func encode(identity: PeerIdentity, staticKey: [UInt8]) throws(NoiseError) -> [UInt8] {
        guard let signature = identity.sign(signaturePrefix + staticKey) else { throw .cryptographyUnavailable }
        var writer = ProtobufWriter()
        writer.bytes(PeerKeyEncoding.encode(identity.publicKey), field: 1)
        writer.bytes(signature, field: 2)
        return writer.bytes
    }

    /// The peer whose identity key signed `staticKey` in this payload.
    ///
    /// - Throws: ``NoiseError``, and never a peer that did not sign.
    package static func verify(_ payload: [UInt8], staticKey: [UInt8]) throws(NoiseError) -> PeerID {
        guard payload.count <= byteCountMax else { throw .invalidPayload }
        var key: [UInt8]?
        var signature: [UInt8]?
        do {
            var reader = ProtobufReader(payload)
            while let field = try reader.next() {
                switch (field.number, field.value) {
                case (1, .bytes(let value)) where key == nil: key = value
                case (2, .bytes(let value)) where signature == nil: signature = value
                case (1, _), (2, _): throw ProtobufError.invalidField(field.number)
                default: break
                }
            }
        } catch { throw .invalidPayload }
        guard let key, let signature else { throw .invalidPayload }
        let publicKey: Secp256k1PublicKey
        do throws(PeerKeyError) {
            publicKey = try PeerKeyEncoding.decode(key)
        } catch {
            throw .invalidIdentityKey(error)
        }
        guard PeerIdentity.verify(signature, of: signaturePrefix + staticKey, by: publicKey) else {
            throw .invalidIdentitySignature
        }
        return PeerID(publicKey: publicKey)
    }
}
