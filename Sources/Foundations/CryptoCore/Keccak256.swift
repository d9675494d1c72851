internal import CKernels

/// Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with rate 136, but Keccak's original `0x01` padding.
///
/// SHA3-256 differs only in the padding byte (`0x06`), so the two never agree on any input. Copies of a hasher
/// continue independently.
package struct Keccak256: Sendable, Redacted {
    /// Bytes absorbed for one permutation: (1600 - 2·256) / 8.
    private static let rate = 136

    private var lanes = [UInt64](repeating: 0, count: 25)
    private var position = 0

    /// An empty sponge.
    package init() {}

    /// The 32-byte digest of `bytes`.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hasher = Keccak256()
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// Absorbs `bytes`; splitting the input over several calls does not change the digest.
    package mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            lanes[position >> 3] ^= UInt64(byte) << UInt64(8 * (position & 7))
            position += 1
            if position == Self.rate { permute() }
        }
    }

    /// The 32-byte digest of everything absorbed; the hasher itself is left as it was.
    package func finalize() -> [UInt8] {
        var last = self
        last.lanes[position >> 3] ^= 0x01 << UInt64(8 * (position & 7))
        last.lanes[(Self.rate - 1) >> 3] ^= 0x80 << UInt64(8 * ((Self.rate - 1) & 7))
        last.permute()
        return (0..<32).map { UInt8(truncatingIfNeeded: last.lanes[$0 >> 3] >> UInt64(8 * ($0 & 7))) }
    }

    private mutating func permute() {
        lanes.withUnsafeMutableBufferPointer { buffer in
            // An array of 25 lanes always has a base address.
            if let base = buffer.baseAddress { tab_keccak_f1600(base) }
        }
        position = 0
    }
}
