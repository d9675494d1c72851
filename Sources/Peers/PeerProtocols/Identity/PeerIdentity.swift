internal import Crypto
package import CryptoCore

/// A peer's own secp256k1 key and its names.
package struct PeerIdentity: Sendable {
    /// The name that other peers know this one by.
    package let id: PeerID
    /// The public half of the key.
    package var publicKey: Secp256k1PublicKey { privateKey.publicKey }
    private let privateKey: Secp256k1PrivateKey

    /// The identity that this key gives.
    package init(privateKey: Secp256k1PrivateKey) {
        self.privateKey = privateKey
        id = PeerID(publicKey: privateKey.publicKey)
    }

    /// Signs a message as libp2p does with secp256k1 keys: ECDSA over its SHA-256, DER.
    package func sign(_ message: [UInt8]) -> [UInt8]? {
        try? privateKey.signDER(digest: Array(SHA256.hash(data: message)))
    }

    /// Whether `signature` is one of `key` over `message`.
    package static func verify(_ signature: [UInt8], of message: [UInt8], by key: Secp256k1PublicKey) -> Bool {
        key.verifyDER(digest: Array(SHA256.hash(data: message)), signature: signature)
    }
}
