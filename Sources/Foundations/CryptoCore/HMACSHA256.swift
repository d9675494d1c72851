internal import COpenSSL

/// HMAC with SHA-256 (RFC 2104).
package enum HMACSHA256 {
    /// The 32-byte code of `message` under `key`, which may have any length.
    package static func authenticate(key: [UInt8], message: [UInt8]) -> [UInt8] {
        var block = key.count > 64 ? SHA256.hash(key) : key
        block += [UInt8](repeating: 0, count: 64 - block.count)
        defer { block.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        for index in block.indices { block[index] ^= 0x36 }
        var inner = SHA256Hasher()
        inner.update(block)
        inner.update(message)
        for index in block.indices { block[index] ^= 0x36 ^ 0x5c }
        var outer = SHA256Hasher()
        outer.update(block)
        outer.update(inner.finalize())
        return outer.finalize()
    }
}
