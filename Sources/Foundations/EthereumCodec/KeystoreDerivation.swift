internal import CryptoCore

/// How a key file stretches its password to 32 bytes, with parameters that are known to be bearable.
package enum KeystoreDerivation: Equatable, Sendable {
    /// scrypt (RFC 7914) with N, r and p.
    case scrypt(cost: Int, blockSize: Int, parallelism: Int, salt: [UInt8])
    /// PBKDF2 with HMAC-SHA-256 (RFC 8018).
    case pbkdf2(iterations: Int, salt: [UInt8])

    /// What guessing a password costs in files that are written here.
    package enum Strength: Sendable {
        /// 256 MB and about a second: the parameters of geth and eth-account.
        case standard
        /// 4 MB and a few hundredths of a second: geth's light parameters.
        case light
    }

    /// The most that N·r·p may be: eight times the work of the standard parameters.
    package static let scryptWorkMax = 1 << 24
    /// The most iterations of PBKDF2: about forty times what files of today have.
    package static let iterationsMax = 10_000_000
    /// The longest salt in bytes.
    package static let saltByteCountMax = 1024

    static func scrypt(_ strength: Strength, salt: [UInt8]) -> KeystoreDerivation {
        switch strength {
        case .standard: .scrypt(cost: 1 << 18, blockSize: 8, parallelism: 1, salt: salt)
        case .light: .scrypt(cost: 1 << 12, blockSize: 8, parallelism: 6, salt: salt)
        }
    }

    /// Refuses parameters that are malformed, or that a hostile file would use to exhaust memory or time.
    func check() throws(KeystoreError) {
        switch self {
        case .scrypt(let cost, let blockSize, let parallelism, let salt):
            guard
                cost > 1, cost & (cost - 1) == 0, blockSize > 0, parallelism > 0,
                cost <= Self.scryptWorkMax, blockSize <= 1024, parallelism <= 1024,
                salt.count <= Self.saltByteCountMax
            else { throw .parameters }
            // RFC 7914, section 6: N + p blocks of 128·r bytes; with the bounds above, below 2^42.
            let memory = 128 * blockSize * (cost + parallelism)
            guard
                memory <= PasswordKeyDerivation.scryptMemoryMaxBytes / 4 * 3,
                cost * blockSize * parallelism <= Self.scryptWorkMax
            else { throw .parameters }
        case .pbkdf2(let iterations, let salt):
            guard (1...Self.iterationsMax).contains(iterations), salt.count <= Self.saltByteCountMax else {
                throw .parameters
            }
        }
    }

    /// The 32 bytes for a password.
    func key(password: [UInt8]) throws(KeystoreError) -> SecretBytes {
        try check()
        do {
            switch self {
            case .scrypt(let cost, let blockSize, let parallelism, let salt):
                return try PasswordKeyDerivation.scrypt(
                    password: password,
                    salt: salt,
                    cost: cost,
                    blockSize: blockSize,
                    parallelism: parallelism,
                    byteCount: 32
                )
            case .pbkdf2(let iterations, let salt):
                return try PasswordKeyDerivation.pbkdf2SHA256(
                    password: password,
                    salt: salt,
                    iterations: iterations,
                    byteCount: 32
                )
            }
        } catch {
            throw .environment
        }
    }
}
