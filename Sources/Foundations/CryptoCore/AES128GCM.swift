internal import COpenSSL

/// AES-128-GCM with 12-byte nonces and 16-byte tags (NIST SP 800-38D).
package enum AES128GCM {
    /// The number of bytes that sealing adds.
    package static let tagByteCount = 16

    /// Encrypts and authenticates: ciphertext, as long as `plaintext`, then the tag.
    ///
    /// - Throws: ``CryptoError/wrongLength(expected:received:)`` for the key or the nonce.
    package static func seal(
        key: [UInt8],
        nonce: [UInt8],
        aad: [UInt8],
        plaintext: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        let context = try start(key: key, nonce: nonce, encrypting: true)
        try context.authenticate(aad)
        var output: [UInt8] = []
        output.reserveCapacity(plaintext.count + tagByteCount)
        try context.update(plaintext, appendingTo: &output)
        var rest = [UInt8](repeating: 0, count: 16)
        var produced: Int32 = 0
        guard EVP_CipherFinal_ex(context.pointer, &rest, &produced) == 1, produced == 0 else { throw .libraryFailure }
        var tag = [UInt8](repeating: 0, count: tagByteCount)
        guard EVP_CIPHER_CTX_ctrl(context.pointer, EVP_CTRL_AEAD_GET_TAG, Int32(tagByteCount), &tag) == 1 else {
            throw .libraryFailure
        }
        return output + tag
    }

    /// Checks the tag at the end of `sealed` and decrypts what is before it.
    ///
    /// - Throws: ``CryptoError/authenticationFailed`` when the tag is wrong or missing, and
    ///   ``CryptoError/wrongLength(expected:received:)`` for the key or the nonce.
    package static func open(
        key: [UInt8],
        nonce: [UInt8],
        aad: [UInt8],
        sealed: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        let context = try start(key: key, nonce: nonce, encrypting: false)
        guard sealed.count >= tagByteCount else { throw .authenticationFailed }
        var tag = Array(sealed.suffix(tagByteCount))
        try context.authenticate(aad)
        var output: [UInt8] = []
        try context.update(Array(sealed.dropLast(tagByteCount)), appendingTo: &output)
        guard EVP_CIPHER_CTX_ctrl(context.pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tagByteCount), &tag) == 1 else {
            throw .libraryFailure
        }
        var rest = [UInt8](repeating: 0, count: 16)
        var produced: Int32 = 0
        guard EVP_CipherFinal_ex(context.pointer, &rest, &produced) == 1 else {
            output.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
            throw .authenticationFailed
        }
        return output
    }

    private static func start(key: [UInt8], nonce: [UInt8], encrypting: Bool) throws(CryptoError) -> CipherContext {
        guard key.count == 16 else { throw .wrongLength(expected: 16, received: key.count) }
        guard nonce.count == 12 else { throw .wrongLength(expected: 12, received: nonce.count) }
        let context = try CipherContext()
        guard EVP_CipherInit_ex(context.pointer, EVP_aes_128_gcm(), nil, key, nonce, encrypting ? 1 : 0) == 1 else {
            throw .libraryFailure
        }
        return context
    }
}
