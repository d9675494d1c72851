package import CryptoCore

/// The name of a peer: the multihash of its public key (libp2p specs, "Peer Ids and Keys").
///
/// Keys of at most 42 bytes, as all secp256k1 keys are, stand in the id itself (identity multihash), so the id of a
/// Tabellion peer also tells its Ethereum address. Ids of other key types can be held and compared, not used.
package struct PeerID: Hashable, Sendable {
    /// The multihash: code, length, digest.
    package let bytes: [UInt8]

    /// The longest text and binary form that is parsed.
    static let textByteCountMax = 96

    /// The id of the peer that holds this key.
    package init(publicKey: Secp256k1PublicKey) {
        let key = PeerKeyEncoding.encode(publicKey)
        bytes = [0, UInt8(key.count)] + key
    }

    /// Parses a multihash: identity with at most 42 bytes, or SHA2-256.
    package init(bytes: [UInt8]) throws(PeerIDError) {
        guard bytes.count >= 2 else { throw .malformed }
        switch (bytes[0], bytes[1]) {
        case (0x00, 1...42), (0x12, 32):
            guard bytes.count == 2 + Int(bytes[1]) else { throw .malformed }
        default: throw .unsupportedMultihash
        }
        self.bytes = bytes
    }

    /// Parses the base58btc text, for example `16Uiu2HA…`.
    package init(_ text: String) throws(PeerIDError) {
        guard let bytes = Base58.decode(text, limit: Self.textByteCountMax) else { throw .malformed }
        try self.init(bytes: bytes)
    }

    /// The secp256k1 key inside the id, or nil if it names another kind of key or only a hash.
    package var publicKey: Secp256k1PublicKey? {
        guard bytes[0] == 0 else { return nil }
        return try? PeerKeyEncoding.decode(Array(bytes.dropFirst(2)))
    }

    /// Hashes all bytes, eight at a time, which is a fraction of the time that they take one by one.
    ///
    /// Ids that peers only name need not belong to anybody, so any part of them can be chosen.
    package func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { bytes in
            guard bytes.count >= 8 else { return hasher.combine(bytes: bytes) }
            for offset in stride(from: 0, to: bytes.count - 7, by: 8) {
                hasher.combine(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            hasher.combine(bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
        }
    }

    /// The Ethereum account of the key inside the id.
    package var ethereumAddress: EthereumAddress? { publicKey?.ethereumAddress }
}

extension PeerID: CustomStringConvertible {
    /// The base58btc text.
    package var description: String { Base58.encode(bytes) }
}

/// Why a peer id was refused.
package enum PeerIDError: Error, Equatable, Sendable {
    /// Not base58, or not a multihash.
    case malformed
    /// A multihash that no peer id uses.
    case unsupportedMultihash
}
