/// Why a cryptographic operation refused its input.
package enum CryptoError: Error, Equatable, Sendable {
    /// A key, nonce, scalar or encoding has the wrong number of bytes; whoever supplied it is at fault.
    case wrongLength(expected: Int, received: Int)
    /// Bytes that should encode a curve point do not: wrong prefix, coordinate out of range, or off the curve.
    case invalidPoint
    /// The result is the point at infinity, which has no coordinates.
    case pointAtInfinity
    /// A scalar is zero or not below the order of the group.
    case invalidScalar
    /// The authentication tag is wrong: the ciphertext, its additional data or the key is not what was sealed.
    case authenticationFailed
    /// Cost parameters are outside what this program accepts.
    case invalidParameters
    /// OpenSSL failed where correct input cannot make it fail, such as lack of memory; the environment is at fault.
    case libraryFailure
}
