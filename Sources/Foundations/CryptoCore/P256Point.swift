/// A finite point of P-256 (secp256r1; SEC 2 §2.4.2), over OpenSSL's constant-time arithmetic.
///
/// It prints as redacted, because the product of a public point and a secret scalar is a secret, too.
package struct P256Point: Sendable, Hashable, Redacted {
    /// The encoding of SEC 1 §2.3.3 without compression: 4, then x and y, 65 bytes.
    package let uncompressed: [UInt8]

    /// The point with this uncompressed encoding.
    ///
    /// - Throws: ``CryptoError/invalidPoint`` unless it is 65 bytes, starts with 4, has coordinates below p and lies on
    ///   the curve. P-256 has cofactor 1, so every such point is in the group.
    package init(uncompressed: [UInt8]) throws(CryptoError) {
        let isPoint = try P256Curve.withOperation { (operation) throws(CryptoError) in operation.isPoint(uncompressed) }
        guard isPoint else { throw .invalidPoint }
        self.uncompressed = uncompressed
    }

    /// The x coordinate, 32 big-endian bytes.
    package var x: [UInt8] { Array(uncompressed[1..<33]) }

    /// The y coordinate, 32 big-endian bytes.
    package var y: [UInt8] { Array(uncompressed[33..<65]) }

    /// Whether both are the same point, in constant time.
    package static func == (a: P256Point, b: P256Point) -> Bool {
        constantTimeEqual(a.uncompressed, b.uncompressed)
    }

    /// Hashes the encoding, consistently with `==`; for public points, because a table's addresses follow from it.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(uncompressed)
    }

    /// scalar·G, in time that does not depend on the scalar.
    ///
    /// - Throws: ``CryptoError/libraryFailure`` only, when OpenSSL finds no memory.
    package static func generatorMultiple(_ scalar: P256Scalar) throws(CryptoError) -> P256Point {
        try make { (operation) throws(CryptoError) in try operation.multiplyGenerator(by: scalar) }
    }

    /// scalar·self, in time that does not depend on the scalar.
    ///
    /// - Throws: ``CryptoError/libraryFailure`` only, when OpenSSL finds no memory.
    package func multiplied(by scalar: P256Scalar) throws(CryptoError) -> P256Point {
        let point = uncompressed
        return try Self.make { (operation) throws(CryptoError) in try operation.multiply(point, by: scalar) }
    }

    /// self + other; equal points double.
    ///
    /// - Throws: ``CryptoError/pointAtInfinity`` for a point and its negation.
    package func adding(_ other: P256Point) throws(CryptoError) -> P256Point {
        let point = uncompressed
        return try Self.make { (operation) throws(CryptoError) in try operation.add(point, other.uncompressed) }
    }

    /// The point with the same x and the other y.
    package var negated: P256Point {
        // p - y; y is never zero, because the group has odd order.
        let words = Self.primeBytes
        var difference = uncompressed
        var borrow: Int16 = 0
        for index in stride(from: 31, through: 0, by: -1) {
            let value = Int16(words[index]) - Int16(uncompressed[33 + index]) - borrow
            difference[33 + index] = UInt8(truncatingIfNeeded: value)
            borrow = (value >> 8) & 1
        }
        return P256Point(trusted: difference)
    }

    private init(trusted uncompressed: [UInt8]) {
        self.uncompressed = uncompressed
    }

    private static func make(
        _ body: (borrowing P256Operation) throws(CryptoError) -> [UInt8]
    ) throws(CryptoError) -> P256Point {
        P256Point(trusted: try P256Curve.withOperation(body))
    }

    // p = 2^256 - 2^224 + 2^192 + 2^96 - 1.
    private static let primeBytes: [UInt8] =
        [UInt8](repeating: 0xff, count: 4) + [0, 0, 0, 1] + [UInt8](repeating: 0, count: 12)
        + [UInt8](repeating: 0xff, count: 12)
}
