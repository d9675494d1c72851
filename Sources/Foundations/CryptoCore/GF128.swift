import CKernels

/// Arithmetic in GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1); bit i of a block is the coefficient of x^i.
///
/// All functions run in constant time. Addition is `^`.
package enum GF128 {
    /// The unit.
    package static let one = Block(1, 0)

    /// The product of `a` and `b`.
    package static func multiply(_ a: Block, _ b: Block) -> Block {
        tab_gf128_multiply(a, b)
    }

    /// The square of `a`, which is a linear map.
    package static func square(_ a: Block) -> Block {
        tab_gf128_multiply(a, a)
    }

    /// The inverse of `a`, and zero for zero: a^(2^128 - 2), 127 squarings and 12 multiplications.
    package static func inverse(_ a: Block) -> Block {
        // run(n) = a^(2^n - 1), and run(m + n) = run(m)^(2^n) · run(n) (Itoh and Tsujii). 127 = 1111111 in binary.
        var run = a
        var length = 1
        while length < 127 {
            var shifted = run
            for _ in 0..<length { shifted = square(shifted) }
            run = multiply(square(multiply(shifted, run)), a)
            length = 2 * length + 1
        }
        return square(run)
    }

    /// The sum of a[i]·b[i].
    ///
    /// - Precondition: both have the same count.
    package static func innerProduct(_ a: UnsafeBufferPointer<Block>, _ b: UnsafeBufferPointer<Block>) -> Block {
        precondition(a.count == b.count, "one factor for each")
        guard let left = a.baseAddress, let right = b.baseAddress else { return .zero }
        return tab_gf128_inner_product(left, right, a.count)
    }

    /// The sum of a[i]·b[i].
    ///
    /// - Precondition: both have the same count.
    package static func innerProduct(_ a: [Block], _ b: [Block]) -> Block {
        a.withUnsafeBufferPointer { left in
            b.withUnsafeBufferPointer { right in innerProduct(left, right) }
        }
    }

    /// 1, `point`, `point`², …: the first `count` powers.
    package static func powers(of point: Block, count: Int) -> [Block] {
        var result: [Block] = []
        result.reserveCapacity(count)
        var power = one
        for _ in 0..<count {
            result.append(power)
            power = multiply(power, point)
        }
        return result
    }

    /// The field element that GCM writes as these 16 bytes (NIST SP 800-38D §6.3: first bit = coefficient of 1).
    ///
    /// GHASH multiplication is ``multiply(_:_:)`` on these elements.
    ///
    /// - Precondition: exactly 16 bytes.
    package static func fromGHASH(bytes: some Collection<UInt8>) -> Block {
        reversingBitsOfBytes(Block(littleEndian: bytes))
    }

    /// The 16 bytes that GCM writes for `element`.
    package static func toGHASH(_ element: Block) -> [UInt8] {
        reversingBitsOfBytes(element).littleEndianBytes
    }

    /// The bits of every byte in the other order, which is how GCM's bytes and this type's blocks convert.
    static func reversingBitsOfBytes(_ block: Block) -> Block {
        func reversed(_ lane: UInt64) -> UInt64 {
            var x = lane
            x = (x >> 4) & 0x0f0f_0f0f_0f0f_0f0f | (x & 0x0f0f_0f0f_0f0f_0f0f) << 4
            x = (x >> 2) & 0x3333_3333_3333_3333 | (x & 0x3333_3333_3333_3333) << 2
            x = (x >> 1) & 0x5555_5555_5555_5555 | (x & 0x5555_5555_5555_5555) << 1
            return x
        }
        return Block(reversed(block[0]), reversed(block[1]))
    }
}
