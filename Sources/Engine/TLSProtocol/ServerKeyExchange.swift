import CryptoCore

/// The server's ephemeral key and its signature (RFC 8422 §5.4).
package struct ServerKeyExchange: Hashable, Sendable {
    /// The ephemeral key: 0x04, x, y; 65 bytes; a point of the curve.
    package let point: [UInt8]
    /// The scheme of the signature.
    package let scheme: SignatureScheme
    /// The signature as sent; whether it verifies is for whoever knows the leaf certificate.
    package let signature: [UInt8]
    /// ServerECDHParams as sent: curve type, group and point.
    package let parameters: [UInt8]

    /// Parses the body and checks that the point is on P-256.
    ///
    /// - Parameters:
    ///   - body: the bytes after the handshake header.
    ///   - suite: the suite of the ServerHello, which the signature scheme must fit.
    /// - Throws: ``TLSError/malformed(_:)``, ``TLSError/groupNotOffered(_:)``, ``TLSError/invalidServerPoint`` or
    ///   ``TLSError/signatureSchemeNotOffered(_:)``.
    package init(body: [UInt8], suite: CipherSuite) throws(TLSError) {
        var reader = PresentationReader(body, of: .serverKeyExchange)
        guard try reader.uint8() == P256KeyExchange.namedCurve else { throw .malformed(.serverKeyExchange) }
        let group = try reader.uint16()
        guard group == P256KeyExchange.group else { throw .groupNotOffered(group) }
        point = try reader.vector8(1...255)
        guard point.count == P256KeyExchange.pointByteCount, (try? P256Point(uncompressed: point)) != nil else {
            throw .invalidServerPoint
        }
        let schemeNumber = try reader.uint16()
        guard let scheme = SignatureScheme(rawValue: schemeNumber), scheme.fits(suite) else {
            throw .signatureSchemeNotOffered(schemeNumber)
        }
        self.scheme = scheme
        signature = try reader.vector16(1...65535)
        try reader.expectEnd()
        parameters = Array(body.prefix(4 + point.count))
    }
}
