/// Why a secp256k1 operation refused its input.
package enum Secp256k1Error: Error, Equatable, Sendable {
    /// A private key that is not 32 bytes, or not in 1..<n.
    case invalidPrivateKey
    /// A public key that is not the encoding of a point of the curve.
    case invalidPublicKey
    /// A digest that is not 32 bytes long.
    case invalidDigest
    /// A signature that is malformed, has r or s outside 1..<n, or from which no key can be recovered.
    case invalidSignature
    /// A signature with s above n/2, which anybody can make from another one (EIP-2).
    case highS
}
