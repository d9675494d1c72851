/// A recoverable ECDSA signature over secp256k1 with a low s, so that it has exactly one encoding.
package struct Secp256k1Signature: Hashable, Sendable {
    /// r, 32 bytes, big-endian, in 1..<n.
    package let r: [UInt8]
    /// s, 32 bytes, big-endian, in 1...n/2 (EIP-2).
    package let s: [UInt8]
    /// The parity of the nonce point's y: 0 or 1. (r ≥ n would need 2 or 3; Ethereum has no encoding for those.)
    package let v: UInt8

    /// The group order n, big-endian (SEC 2, section 2.4.1).
    private static let order: [UInt8] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
        0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
    ]
    /// ⌊n/2⌋, big-endian.
    private static let halfOrder: [UInt8] = [
        0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
    ]

    /// Checks the ranges of r, s and v; says nothing about who signed what.
    package init(r: [UInt8], s: [UInt8], v: UInt8) throws(Secp256k1Error) {
        guard r.count == 32, s.count == 32, v <= 1 else { throw .invalidSignature }
        for scalar in [r, s] {
            guard scalar.contains(where: { $0 != 0 }), scalar.lexicographicallyPrecedes(Self.order) else {
                throw .invalidSignature
            }
        }
        guard !Self.halfOrder.lexicographicallyPrecedes(s) else { throw .highS }
        self.r = r
        self.s = s
        self.v = v
    }

    /// Parses Ethereum's 65 bytes r ‖ s ‖ v, v being 27 or 28.
    package init(bytes: [UInt8]) throws(Secp256k1Error) {
        guard bytes.count == 65, bytes[64] == 27 || bytes[64] == 28 else { throw .invalidSignature }
        try self.init(r: Array(bytes[0..<32]), s: Array(bytes[32..<64]), v: bytes[64] - 27)
    }

    /// r ‖ s ‖ v, 65 bytes, v being 27 or 28.
    package var bytes: [UInt8] { r + s + [27 + v] }
}
