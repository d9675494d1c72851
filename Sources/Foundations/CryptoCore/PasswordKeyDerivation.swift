internal import COpenSSL

/// Keys from passwords, as key stores of version 3 use them.
package enum PasswordKeyDerivation {
    /// The memory that one scrypt call may use, in bytes.
    package static let scryptMemoryMaxBytes = 512 << 20
    /// The longest key that is derived, in bytes.
    package static let keyByteCountMax = 1024
    /// The most PBKDF2 iterations that are run for one key.
    package static let iterationsMax = 100_000_000

    /// scrypt (RFC 7914): `byteCount` bytes; `cost` is N, a power of two, `blockSize` r, `parallelism` p.
    ///
    /// - Throws: ``CryptoError/invalidParameters`` when the parameters are not valid, or would need more than
    ///   ``scryptMemoryMaxBytes``.
    package static func scrypt(
        password: [UInt8],
        salt: [UInt8],
        cost: Int,
        blockSize: Int,
        parallelism: Int,
        byteCount: Int
    ) throws(CryptoError) -> SecretBytes {
        guard
            cost > 1, cost <= 1 << 24, cost & (cost - 1) == 0,
            (1...1024).contains(blockSize), (1...1024).contains(parallelism),
            (1...keyByteCountMax).contains(byteCount)
        else { throw .invalidParameters }
        var key = [UInt8](repeating: 0, count: byteCount)
        defer { key.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        let status = withCharacters(password) { text in
            EVP_PBE_scrypt(
                text,
                password.count,
                salt,
                salt.count,
                UInt64(cost),
                UInt64(blockSize),
                UInt64(parallelism),
                UInt64(scryptMemoryMaxBytes),
                &key,
                byteCount
            )
        }
        // With the shapes checked above, what is left to fail is the memory limit.
        guard status == 1 else { throw .invalidParameters }
        return SecretBytes(key)
    }

    /// PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2): `byteCount` bytes.
    ///
    /// - Throws: ``CryptoError/invalidParameters`` when a count is not positive or above this type's limits.
    package static func pbkdf2SHA256(
        password: [UInt8],
        salt: [UInt8],
        iterations: Int,
        byteCount: Int
    ) throws(CryptoError) -> SecretBytes {
        guard
            (1...iterationsMax).contains(iterations), (1...keyByteCountMax).contains(byteCount),
            password.count <= 1 << 20, salt.count <= 1 << 20
        else { throw .invalidParameters }
        var key = [UInt8](repeating: 0, count: byteCount)
        defer { key.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        let status = withCharacters(password) { text in
            PKCS5_PBKDF2_HMAC(
                text,
                Int32(password.count),
                salt,
                Int32(salt.count),
                Int32(iterations),
                EVP_sha256(),
                Int32(byteCount),
                &key
            )
        }
        guard status == 1 else { throw .libraryFailure }
        return SecretBytes(key)
    }

    private static func withCharacters(_ password: [UInt8], _ body: (UnsafePointer<CChar>?) -> Int32) -> Int32 {
        // One byte more, because OpenSSL reads a null pointer as "no password" and an empty array may have no address.
        var characters = password.map { CChar(bitPattern: $0) } + [0]
        defer { characters.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        return characters.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
