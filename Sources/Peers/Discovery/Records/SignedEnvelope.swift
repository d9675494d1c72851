package import CryptoCore
package import PeerProtocols

/// Signed bytes with the key that signed them (libp2p RFC 0002).
///
/// The signature covers a domain that does not stand in the envelope, so that what was signed for one purpose is worth
/// nothing for another.
package struct SignedEnvelope: Hashable, Sendable {
    /// Who signed.
    package let publicKey: Secp256k1PublicKey
    /// What kind of payload it is.
    package let payloadType: [UInt8]
    /// What was signed.
    package let payload: [UInt8]
    /// The signature: ECDSA with SHA-256, DER.
    package let signature: [UInt8]

    /// Signs a payload, or gives nil if the key cannot sign.
    package init?(_ payload: [UInt8], type: [UInt8], domain: String, by identity: PeerIdentity) {
        guard let signature = identity.sign(Self.signedBytes(payload, type: type, domain: domain)) else { return nil }
        publicKey = identity.publicKey
        payloadType = type
        self.payload = payload
        self.signature = signature
    }

    /// Parses an envelope of at most `limit` bytes and verifies its signature for `domain`.
    package init(decoding bytes: [UInt8], domain: String, limit: Int) throws(SignedRecordError) {
        guard bytes.count <= limit else { throw .oversize(byteCount: bytes.count) }
        var key: [UInt8]?
        var type: [UInt8]?
        var payload: [UInt8]?
        var signature: [UInt8]?
        do {
            var reader = ProtobufReader(bytes)
            while let field = try reader.next() {
                switch (field.number, field.value) {
                case (1, .bytes(let value)) where key == nil: key = value
                case (2, .bytes(let value)) where type == nil: type = value
                case (3, .bytes(let value)) where payload == nil: payload = value
                case (5, .bytes(let value)) where signature == nil: signature = value
                case (1...3, _), (5, _): throw ProtobufError.invalidField(field.number)
                default: break
                }
            }
        } catch { throw .malformed }
        guard let key, let signature else { throw .malformed }
        guard let publicKey = try? PeerKeyEncoding.decode(key) else { throw .unsupportedKey }
        self.publicKey = publicKey
        payloadType = type ?? []
        self.payload = payload ?? []
        self.signature = signature
        let signed = Self.signedBytes(self.payload, type: payloadType, domain: domain)
        guard PeerIdentity.verify(signature, of: signed, by: publicKey) else { throw .badSignature }
    }

    /// The protobuf form.
    package var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(PeerKeyEncoding.encode(publicKey), field: 1)
        writer.bytes(payloadType, field: 2)
        writer.bytes(payload, field: 3)
        writer.bytes(signature, field: 5)
        return writer.bytes
    }

    private static func signedBytes(_ payload: [UInt8], type: [UInt8], domain: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in [Array(domain.utf8), type, payload] {
            bytes += UnsignedVarint.encode(UInt64(part.count))
            bytes += part
        }
        return bytes
    }
}
