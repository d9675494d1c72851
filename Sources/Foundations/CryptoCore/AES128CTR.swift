internal import COpenSSL

/// AES-128 in counter mode with a 16-byte big-endian counter block (NIST SP 800-38A §6.5), as key stores use it.
package enum AES128CTR {
    /// `input` XOR the key stream that starts at the counter block `counter`; encryption and decryption are the same.
    ///
    /// - Throws: ``CryptoError/wrongLength(expected:received:)`` unless `key` and `counter` have 16 bytes.
    package static func apply(
        key: [UInt8],
        counter: [UInt8],
        to input: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard key.count == 16 else { throw .wrongLength(expected: 16, received: key.count) }
        guard counter.count == 16 else { throw .wrongLength(expected: 16, received: counter.count) }
        let context = try CipherContext()
        guard EVP_CipherInit_ex(context.pointer, EVP_aes_128_ctr(), nil, key, counter, 1) == 1 else {
            throw .libraryFailure
        }
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        try context.update(input, appendingTo: &output)
        return output
    }
}
