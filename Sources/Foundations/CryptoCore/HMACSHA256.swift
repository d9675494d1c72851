internal import COpenSSL

/// HMAC with SHA-256 (RFC 2104).
package enum HMACSHA256 {
    /// The 32-byte code of `message` under `key`, which may have any length.
    package static func authenticate(key: [UInt8], message: [UInt8]) -> [UInt8] {
        // In place from the start, so that no shorter copy of the key is left behind.
        var block = [UInt8](repeating: 0, count: 64)
        let short = key.count > 64 ? SHA256.hash(key) : key
        block.replaceSubrange(..<short.count, with: short)
        for index in block.indices { block[index] ^= 0x36 }
        var inner = SHA256.hash(block, message)
        for index in block.indices { block[index] ^= 0x36 ^ 0x5c }
        defer {
            block.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
            inner.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        }
        return SHA256.hash(block, inner)
    }
}
