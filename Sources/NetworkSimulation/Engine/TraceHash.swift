/// A hash of everything that happened in a run, in its order: runs with equal hashes were the same.
///
/// Not cryptographic. It finds differences that happen, not ones that somebody makes.
package struct TraceHash: Hashable, Sendable {
    /// The hash so far.
    package private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// The hash of nothing yet.
    package init() {}

    /// Takes in a number.
    package mutating func mix(_ number: UInt64) {
        // The finalizer of MurmurHash3 over a running sum (Appleby, fmix64).
        var mixed = (value &+ 0x9e37_79b9_7f4a_7c15) ^ number
        mixed = (mixed ^ mixed >> 33) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ mixed >> 33) &* 0xc4ce_b9fe_1a85_ec53
        value = mixed ^ mixed >> 33
    }

    /// Takes in a number.
    package mutating func mix(_ number: Int) {
        mix(UInt64(bitPattern: Int64(number)))
    }

    /// Takes in bytes and their count.
    package mutating func mix(_ bytes: some Collection<UInt8>) {
        mix(bytes.count)
        var word: UInt64 = 0
        var filled = 0
        for byte in bytes {
            word = word << 8 | UInt64(byte)
            filled += 1
            if filled == 8 {
                mix(word)
                word = 0
                filled = 0
            }
        }
        if filled > 0 { mix(word) }
    }
}

extension TraceHash: CustomStringConvertible {
    /// Sixteen hexadecimal digits.
    package var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
