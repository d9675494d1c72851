internal import CKernels

extension P256Point {
    /// Hashes `message` to a point whose discrete logarithm nobody knows: the suite P256_XMD:SHA-256_SSWU_RO_ of RFC 9380
    /// §8.2, indifferentiable from a random oracle into the group.
    ///
    /// Two maps to the curve and one addition, in time that depends on the lengths only.
    ///
    /// - Parameters:
    ///   - message: What is hashed.
    ///   - domain: The domain separation tag, 1 to 255 bytes.
    /// - Throws: ``CryptoError/pointAtInfinity`` with probability about 2^-256, and ``CryptoError/libraryFailure`` when
    ///   OpenSSL finds no memory.
    package static func hashing(_ message: [UInt8], domain: [UInt8]) throws(CryptoError) -> P256Point {
        let uniform = expandMessage(message, domain: domain, count: 96)
        let first = try mapToCurve(uniform[0..<48])
        let second = try mapToCurve(uniform[48..<96])
        return try first.adding(second)
    }

    /// expand_message_xmd with SHA-256 (RFC 9380 §5.3.1).
    private static func expandMessage(_ message: [UInt8], domain: [UInt8], count: Int) -> [UInt8] {
        precondition((1...255).contains(domain.count) && count <= 255 * 32, "a tag and a length that RFC 9380 allows")
        let suffix = domain + [UInt8(domain.count)]
        var hasher = SHA256Hasher()
        hasher.update([UInt8](repeating: 0, count: 64))
        hasher.update(message)
        hasher.update([UInt8(count >> 8), UInt8(count & 0xff), 0])
        hasher.update(suffix)
        let seed = hasher.finalize()
        var output: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 32)
        for index in 1...((count + 31) / 32) {
            let input = zip(seed, block).map { $0 ^ $1 }
            block = SHA256.hash(input + [UInt8(index)] + suffix)
            output += block
        }
        return [UInt8](output.prefix(count))
    }

    /// hash_to_field's reduction of 48 bytes, then the simplified SWU map (RFC 9380 §5.2, §6.6.2).
    private static func mapToCurve(_ bytes: ArraySlice<UInt8>) throws(CryptoError) -> P256Point {
        let padded = [UInt8](repeating: 0, count: 16) + bytes
        var element = tab_p256_fe()
        var x = tab_p256_fe()
        var y = tab_p256_fe()
        tab_p256_fe_from_wide_bytes(&element, padded)
        tab_p256_map_to_curve(&x, &y, &element)
        var encoding = [UInt8](repeating: 0, count: 65)
        encoding[0] = 4
        encoding.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            tab_p256_fe_to_bytes(base + 1, &x)
            tab_p256_fe_to_bytes(base + 33, &y)
        }
        return try P256Point(uncompressed: encoding)
    }
}
