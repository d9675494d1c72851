package import CryptoCore
internal import Glibc
internal import WireFormat

/// An encrypted secp256k1 key: Ethereum's Web3 Secret Storage Definition, version 3.
///
/// A password is stretched by scrypt or PBKDF2 to 32 bytes; the first 16 encrypt the key with AES-128-CTR, the other
/// 16 authenticate the ciphertext: Keccak-256(second half ‖ ciphertext).
package struct KeystoreV3: Equatable, Sendable {
    /// The most bytes that a key file may have.
    package static let byteCountMax = 64 << 10

    /// The account that the file says it is for; checked against the key when that is decrypted.
    package let address: EthereumAddress?
    /// The random UUID of the file, 16 bytes.
    package let identifier: [UInt8]
    /// How the password is stretched.
    package let derivation: KeystoreDerivation
    /// The counter block to start with, 16 bytes.
    package let counter: [UInt8]
    /// The encrypted key, 32 bytes.
    package let ciphertext: [UInt8]
    /// The message authentication code, 32 bytes.
    package let authenticationCode: [UInt8]

    init(
        address: EthereumAddress?,
        identifier: [UInt8],
        derivation: KeystoreDerivation,
        counter: [UInt8],
        ciphertext: [UInt8],
        authenticationCode: [UInt8]
    ) {
        self.address = address
        self.identifier = identifier
        self.derivation = derivation
        self.counter = counter
        self.ciphertext = ciphertext
        self.authenticationCode = authenticationCode
    }

    /// Encrypts a key under a password.
    ///
    /// - Parameters:
    ///   - password: Its bytes as typed (UTF-8); no normalization, as in other implementations.
    ///   - strength: What guessing the password shall cost.
    ///   - randomBytes: The source of salt, counter and identifier, for example `SecureRandom.bytes`.
    package static func encrypt(
        _ key: Secp256k1PrivateKey,
        password: [UInt8],
        strength: KeystoreDerivation.Strength,
        randomBytes: (_ count: Int) -> [UInt8]
    ) throws(KeystoreError) -> KeystoreV3 {
        let derivation = KeystoreDerivation.scrypt(strength, salt: randomBytes(32))
        let counter = randomBytes(16)
        var identifier = randomBytes(16)
        guard identifier.count == 16 else { throw .environment }
        // RFC 9562, section 5.4: version 4, variant 10.
        identifier[6] = identifier[6] & 0x0f | 0x40
        identifier[8] = identifier[8] & 0x3f | 0x80
        let stretched = try derivation.key(password: password)
        do {
            let ciphertext = try key.withSecretBytes { secret in
                try stretched.withUnsafeBytes { stretched in
                    try AES128CTR.apply(key: Array(stretched.prefix(16)), counter: counter, to: secret)
                }
            }
            return KeystoreV3(
                address: key.ethereumAddress,
                identifier: identifier,
                derivation: derivation,
                counter: counter,
                ciphertext: ciphertext,
                authenticationCode: authenticationCode(stretched, ciphertext)
            )
        } catch {
            throw .environment
        }
    }

    /// The key, if the password is right.
    ///
    /// - Throws: `.wrongPassword` (also when the file was altered), `.addressMismatch`, `.invalidKey`, and
    ///   `.environment` when memory for the derivation is missing.
    package func decrypt(password: [UInt8]) throws(KeystoreError) -> Secp256k1PrivateKey {
        let stretched = try derivation.key(password: password)
        guard constantTimeEqual(Self.authenticationCode(stretched, ciphertext), authenticationCode) else {
            throw .wrongPassword
        }
        let decrypted = stretched.withUnsafeBytes { stretched in
            try? AES128CTR.apply(key: Array(stretched.prefix(16)), counter: counter, to: ciphertext)
        }
        guard var secret = decrypted else { throw .environment }
        defer { explicit_bzero(&secret, secret.count) }
        guard let key = try? Secp256k1PrivateKey(bytes: secret) else { throw .invalidKey }
        if let address, address != key.ethereumAddress {
            throw .addressMismatch(claimed: address, found: key.ethereumAddress)
        }
        return key
    }

    private static func authenticationCode(_ stretched: SecretBytes, _ ciphertext: [UInt8]) -> [UInt8] {
        var hasher = Keccak256()
        stretched.withUnsafeBytes { hasher.update($0[16..<32]) }
        hasher.update(ciphertext)
        return hasher.finalize()
    }
}
