internal import CKernels
internal import COpenSSL
internal import Glibc

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
    /// Unlike OpenSSL's, this one does not insist on N < 2^(16r): key files of Ethereum's Python tools have N = 2^18
    /// and r = 1. Not constant time, by scrypt's design.
    ///
    /// - Throws: ``CryptoError/invalidParameters`` when the parameters are not valid, or would need more than
    ///   ``scryptMemoryMaxBytes``; ``CryptoError/libraryFailure`` when that memory is not to be had.
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
            (1...keyByteCountMax).contains(byteCount),
            128 * blockSize * (cost + parallelism + 2) <= scryptMemoryMaxBytes,
            password.count <= 1 << 20, salt.count <= 1 << 20
        else { throw .invalidParameters }
        let laneBytes = 128 * blockSize
        var blocks = try pbkdf2(password: password, salt: salt, iterations: 1, byteCount: laneBytes * parallelism)
        defer { erase(&blocks) }
        try mixLanes(&blocks, blockSize: blockSize, cost: cost)
        return SecretBytes(try pbkdf2(password: password, salt: blocks, iterations: 1, byteCount: byteCount))
    }

    /// Runs ROMix over each lane of 128·r bytes, one after the other in the same memory.
    private static func mixLanes(_ blocks: inout [UInt8], blockSize: Int, cost: Int) throws(CryptoError) {
        let laneBytes = 128 * blockSize
        let tableBytes = laneBytes * cost
        guard let memory = malloc(tableBytes + 2 * laneBytes)?.assumingMemoryBound(to: UInt8.self) else {
            throw .libraryFailure
        }
        defer {
            OPENSSL_cleanse(memory, tableBytes + 2 * laneBytes)
            free(memory)
        }
        blocks.withUnsafeMutableBufferPointer { lanes in
            guard let base = lanes.baseAddress else { return }
            for start in stride(from: 0, to: lanes.count, by: laneBytes) {
                tab_scrypt_romix_var(base + start, blockSize, UInt64(cost), memory, memory + tableBytes)
            }
        }
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
        return SecretBytes(try pbkdf2(password: password, salt: salt, iterations: iterations, byteCount: byteCount))
    }

    private static func pbkdf2(
        password: [UInt8],
        salt: [UInt8],
        iterations: Int,
        byteCount: Int
    ) throws(CryptoError) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: byteCount)
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
        return key
    }

    private static func erase(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
    }

    private static func withCharacters(_ password: [UInt8], _ body: (UnsafePointer<CChar>?) -> Int32) -> Int32 {
        // One byte more, because OpenSSL reads a null pointer as "no password" and an empty array may have no address.
        var characters = password.map { CChar(bitPattern: $0) } + [0]
        defer { characters.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        return characters.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
