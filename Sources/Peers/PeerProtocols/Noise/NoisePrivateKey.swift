internal import Crypto
internal import CryptoCore

/// An X25519 private key of the Noise handshake, static or ephemeral.
package struct NoisePrivateKey: Sendable {
    let key: Curve25519.KeyAgreement.PrivateKey

    /// The key of 32 uniformly random bytes, which the caller draws afresh for each ephemeral key.
    package init(randomBytes: [UInt8]) {
        guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: randomBytes) else {
            preconditionFailure("an X25519 private key has 32 bytes")
        }
        self.key = key
    }

    /// The public half, 32 bytes.
    package var publicKeyBytes: [UInt8] { Array(key.publicKey.rawRepresentation) }

    /// A seed that only the key's holder knows, for one purpose beside the key's own (RFC 5869).
    func seed(for purpose: String) -> Block {
        let seed = HKDF<Crypto.SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: key.rawRepresentation),
            info: Array(purpose.utf8),
            outputByteCount: 16
        )
        return seed.withUnsafeBytes { Block(littleEndian: $0) }
    }

    /// The Diffie-Hellman result with another party's public key.
    ///
    /// - Throws: `.invalidPublicKey` for a point of small order, which would give a result known to everybody.
    func agree(with publicKeyBytes: [UInt8]) throws(NoiseError) -> SharedSecret {
        do {
            let publicKey = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKeyBytes)
            let secret = try key.sharedSecretFromKeyAgreement(with: publicKey)
            let combined = secret.withUnsafeBytes { $0.reduce(0, |) }
            guard combined != 0 else { throw NoiseError.invalidPublicKey }
            return secret
        } catch {
            throw .invalidPublicKey
        }
    }
}

extension NoisePrivateKey: CustomStringConvertible, CustomReflectable {
    /// Never the secret.
    package var description: String { "NoisePrivateKey(redacted)" }
    /// Shows no stored bytes.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
