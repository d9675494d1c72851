internal import CKernels

extension P256Point {
    /// The encoding of SEC 1 §2.3.3 with compression: 2 or 3 for an even or odd y, then x; 33 bytes.
    package var compressed: [UInt8] {
        [2 | (uncompressed[64] & 1)] + uncompressed[1..<33]
    }

    /// The point with this compressed encoding.
    ///
    /// - Throws: ``CryptoError/invalidPoint`` unless it is 33 bytes, starts with 2 or 3, and its x is below p and belongs
    ///   to a point of the curve.
    package init(compressed: [UInt8]) throws(CryptoError) {
        guard compressed.count == 33, compressed[0] == 2 || compressed[0] == 3 else { throw .invalidPoint }
        let coordinate = [UInt8](compressed[1...])
        var x = tab_p256_fe()
        var y = tab_p256_fe()
        guard tab_p256_fe_from_bytes(&x, coordinate) == 1,
            tab_p256_lift_x(&y, &x, UInt32(compressed[0] & 1)) == 1
        else { throw .invalidPoint }
        var encoding = [UInt8](repeating: 4, count: 65)
        encoding.replaceSubrange(1..<33, with: coordinate)
        encoding.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            tab_p256_fe_to_bytes(base + 33, &y)
        }
        try self.init(uncompressed: encoding)
    }
}
