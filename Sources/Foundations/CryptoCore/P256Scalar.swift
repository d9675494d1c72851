/// A nonzero integer modulo the order n of the P-256 group: a secret exponent.
///
/// Its operations do not branch on the value, and its memory is overwritten when the last copy goes.
package struct P256Scalar: Sendable, Redacted {
    /// The value as 32 big-endian bytes.
    package let secret: SecretBytes

    /// A copy of the value as 32 big-endian bytes, which is the caller's to protect.
    package var bytes: [UInt8] { secret.bytes }

    /// The scalar with this big-endian encoding.
    ///
    /// - Throws: ``CryptoError/wrongLength(expected:received:)``, and ``CryptoError/invalidScalar`` for zero and for
    ///   values that are not below n.
    package init(bytes: [UInt8]) throws(CryptoError) {
        guard bytes.count == 32 else { throw .wrongLength(expected: 32, received: bytes.count) }
        let words = Self.words(bytes)
        let isZero = words.reduce(0, |) == 0
        let (_, borrow) = Self.subtract(words, Self.order)
        guard borrow == 1, !isZero else { throw .invalidScalar }
        secret = SecretBytes(bytes)
    }

    /// A uniform scalar, by rejection: two blocks of `random` a try, and one try nearly always.
    package static func random(from random: inout BlockPRG) -> P256Scalar {
        while true {
            if let scalar = try? P256Scalar(bytes: random.bytes(32)) { return scalar }
        }
    }

    /// n minus this scalar.
    package var negated: P256Scalar {
        let (difference, _) = Self.subtract(Self.order, Self.words(bytes))
        return P256Scalar(trusted: Self.bytes(difference))
    }

    private init(trusted bytes: [UInt8]) {
        secret = SecretBytes(bytes)
    }

    // n of SEC 2 §2.4.2, least significant word first.
    private static let order: [UInt64] = [
        0xf3b9_cac2_fc63_2551, 0xbce6_faad_a717_9e84, 0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000,
    ]

    private static func words(_ bytes: [UInt8]) -> [UInt64] {
        (0..<4).map { word in
            (0..<8).reduce(0) { sum, index in sum << 8 | UInt64(bytes[24 - 8 * word + index]) }
        }
    }

    private static func bytes(_ words: [UInt64]) -> [UInt8] {
        words.reversed().flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        }
    }

    /// a - b mod 2^256 and the final borrow, without branches.
    private static func subtract(_ a: [UInt64], _ b: [UInt64]) -> (difference: [UInt64], borrow: UInt64) {
        var borrow: UInt64 = 0
        var difference: [UInt64] = []
        for (x, y) in zip(a, b) {
            let value = x &- y &- borrow
            // The borrow out of x - y - borrow, from the top bits (Hacker's Delight §2-16).
            borrow = ((~x & y) | (~(x ^ y) & value)) >> 63
            difference.append(value)
        }
        return (difference, borrow)
    }
}
