internal import COpenSSL

/// An OpenSSL cipher context that frees itself; only this target's ciphers use it.
struct CipherContext: ~Copyable {
    let pointer: OpaquePointer

    init() throws(CryptoError) {
        guard let pointer = EVP_CIPHER_CTX_new() else { throw .libraryFailure }
        self.pointer = pointer
    }

    deinit {
        EVP_CIPHER_CTX_free(pointer)
    }

    /// Feeds `input` and appends what comes out to `output`.
    borrowing func update(_ input: [UInt8], appendingTo output: inout [UInt8]) throws(CryptoError) {
        var start = 0
        while start < input.count {
            let end = min(start + (1 << 30), input.count)
            var produced: Int32 = 0
            let offset = output.count
            output += [UInt8](repeating: 0, count: end - start)
            let status = output.withUnsafeMutableBufferPointer { target in
                input.withUnsafeBufferPointer { source -> Int32 in
                    guard let to = target.baseAddress, let from = source.baseAddress else { return 0 }
                    return EVP_CipherUpdate(pointer, to + offset, &produced, from + start, Int32(end - start))
                }
            }
            guard status == 1, Int(produced) == end - start else { throw .libraryFailure }
            start = end
        }
    }

    /// Feeds additional authenticated data.
    borrowing func authenticate(_ aad: [UInt8]) throws(CryptoError) {
        guard !aad.isEmpty else { return }
        guard aad.count <= 1 << 30 else { throw .invalidParameters }
        var produced: Int32 = 0
        guard EVP_CipherUpdate(pointer, nil, &produced, aad, Int32(aad.count)) == 1 else { throw .libraryFailure }
    }
}
