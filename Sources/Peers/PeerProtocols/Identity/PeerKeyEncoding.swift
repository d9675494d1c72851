package import CryptoCore

/// The protobuf form of a public key: `KeyType Type = 1; bytes Data = 2` (libp2p specs, "Peer Ids and Keys").
package enum PeerKeyEncoding {
    private static let secp256k1: UInt64 = 2
    /// The longest encoded key that is looked at.
    static let byteCountMax = 1024

    /// The key's encoding: 37 bytes, the only one that libp2p calls valid for it.
    package static func encode(_ key: Secp256k1PublicKey) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(secp256k1, field: 1)
        writer.bytes(key.compressed, field: 2)
        return writer.bytes
    }

    /// Parses an encoded key; only the bytes that ``encode(_:)`` would give are accepted.
    package static func decode(_ bytes: [UInt8]) throws(PeerKeyError) -> Secp256k1PublicKey {
        guard bytes.count <= byteCountMax else { throw .malformed }
        var type: UInt64?
        var data: [UInt8]?
        do {
            var reader = ProtobufReader(bytes)
            while let field = try reader.next() {
                switch (field.number, field.value) {
                case (1, .varint(let value)) where type == nil: type = value
                case (2, .bytes(let value)) where data == nil: data = value
                default: throw ProtobufError.invalidField(field.number)
                }
            }
        } catch { throw .malformed }
        guard let type, let data else { throw .malformed }
        guard type == secp256k1 else { throw .unsupportedKeyType(type) }
        guard let key = try? Secp256k1PublicKey(bytes: data), encode(key) == bytes else { throw .malformed }
        return key
    }
}

/// Why a peer's public key was refused; the peer's fault.
package enum PeerKeyError: Error, Equatable, Sendable {
    /// Not the canonical encoding of a key.
    case malformed
    /// An Ed25519, RSA or ECDSA key: such a peer cannot take part, because its identity has no Ethereum account.
    case unsupportedKeyType(UInt64)
}
