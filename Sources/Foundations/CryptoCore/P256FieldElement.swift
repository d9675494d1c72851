internal import CKernels

/// An element of the field with p = 2^256 - 2^224 + 2^192 + 2^96 - 1 elements, over which P-256 is defined.
///
/// Every operation runs in constant time (Montgomery multiplication in C). FIPS 186-4 §D.1.2.3.
package struct P256FieldElement: Sendable {
    private var value: tab_p256_fe

    private init(value: tab_p256_fe) {
        self.value = value
    }

    /// The element of these 32 big-endian bytes.
    ///
    /// - Throws: ``CryptoError/wrongLength(expected:received:)``, and ``CryptoError/invalidParameters`` if the number is
    ///   not below p; both are the fault of whoever supplied the bytes.
    package init(bigEndian bytes: [UInt8]) throws(CryptoError) {
        guard bytes.count == 32 else { throw .wrongLength(expected: 32, received: bytes.count) }
        value = tab_p256_fe()
        guard tab_p256_fe_from_bytes(&value, bytes) == 1 else { throw .invalidParameters }
    }

    /// The residue mod p of a big-endian number of at most 64 bytes.
    ///
    /// Uniform bytes give a uniform residue up to a distance of about 2^(256 - 8·count): use at least 48 of them.
    ///
    /// - Precondition: at most 64 bytes.
    package init(reducingBigEndian bytes: some Collection<UInt8>) {
        precondition(bytes.count <= 64, "a number of at most 512 bits")
        let padded = [UInt8](repeating: 0, count: 64 - bytes.count) + bytes
        value = tab_p256_fe()
        tab_p256_fe_from_wide_bytes(&value, padded)
    }

    /// The small number itself.
    package init(_ small: UInt32) {
        value = tab_p256_fe()
        tab_p256_fe_set_small(&value, small)
    }

    /// The neutral element of addition.
    package static let zero = P256FieldElement(0)

    /// The neutral element of multiplication.
    package static let one = P256FieldElement(1)

    /// A uniform element (up to a distance of 2^-128) from the next 48 bytes of `random`.
    package static func random(from random: inout BlockPRG) -> P256FieldElement {
        P256FieldElement(reducingBigEndian: random.bytes(48))
    }

    /// The 32 big-endian bytes of the number below p.
    package var bytes: [UInt8] {
        var number = value
        return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            if let base = buffer.baseAddress { tab_p256_fe_to_bytes(base, &number) }
            count = 32
        }
    }

    /// Whether this is zero.
    package var isZero: Bool {
        var number = value
        return tab_p256_fe_zero_mask(&number) != 0
    }

    /// The multiplicative inverse, and zero for zero.
    package var inverse: P256FieldElement {
        var number = value
        var result = tab_p256_fe()
        tab_p256_fe_inverse(&result, &number)
        return P256FieldElement(value: result)
    }

    /// This element if `condition` holds, else zero, without a branch on `condition`.
    package func masked(by condition: Bool) -> P256FieldElement {
        var none = tab_p256_fe()
        var number = value
        var result = tab_p256_fe()
        tab_p256_fe_select(&result, &none, &number, 0 &- (condition ? 1 : 0))
        return P256FieldElement(value: result)
    }

    /// The sum.
    package static func + (a: P256FieldElement, b: P256FieldElement) -> P256FieldElement {
        combine(a, b, tab_p256_fe_add)
    }

    /// The difference.
    package static func - (a: P256FieldElement, b: P256FieldElement) -> P256FieldElement {
        combine(a, b, tab_p256_fe_sub)
    }

    /// The product.
    package static func * (a: P256FieldElement, b: P256FieldElement) -> P256FieldElement {
        combine(a, b, tab_p256_fe_mul)
    }

    /// The additive inverse.
    package static prefix func - (a: P256FieldElement) -> P256FieldElement {
        zero - a
    }

    /// Adds `b` to `a`.
    package static func += (a: inout P256FieldElement, b: P256FieldElement) {
        a = a + b
    }

    @inline(__always)
    private static func combine(
        _ a: P256FieldElement,
        _ b: P256FieldElement,
        _ operation: (
            UnsafeMutablePointer<tab_p256_fe>, UnsafePointer<tab_p256_fe>, UnsafePointer<tab_p256_fe>
        ) -> Void
    ) -> P256FieldElement {
        var left = a.value
        var right = b.value
        var result = tab_p256_fe()
        operation(&result, &left, &right)
        return P256FieldElement(value: result)
    }
}

extension P256FieldElement: Equatable {
    /// Whether both are the same element, in constant time.
    package static func == (a: P256FieldElement, b: P256FieldElement) -> Bool {
        var left = a.value
        var right = b.value
        return tab_p256_fe_equal_mask(&left, &right) != 0
    }
}

/// Prints no bit of the element, which is a share of a secret wherever this program uses one.
extension P256FieldElement: Redacted {}
