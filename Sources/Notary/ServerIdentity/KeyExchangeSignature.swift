import Crypto
import Foundation
package import TLSProtocol
import X509
import _CryptoExtras

/// The signature under a ServerKeyExchange (RFC 8422 §5.4, with the schemes of RFC 8446 §4.2.3).
package enum KeyExchangeSignature {
    /// Verifies the signature under the key of the leaf certificate.
    ///
    /// - Parameters:
    ///   - signature: as sent.
    ///   - scheme: as sent; it must fit the kind of the key.
    ///   - message: both randoms and the key exchange parameters.
    ///   - leaf: the DER certificate whose key signed.
    /// - Throws: ``ServerIdentityError/badSignature``, ``ServerIdentityError/schemeMismatch(scheme:key:)``,
    ///   ``ServerIdentityError/weakCertificate(subject:reason:)`` for RSA keys of unfit length, or
    ///   ``ServerIdentityError/malformedCertificate(index:reason:)``.
    package static func verify(
        _ signature: [UInt8],
        scheme: SignatureScheme,
        over message: [UInt8],
        leaf: [UInt8]
    ) throws(ServerIdentityError) {
        let certificate = try CertificateParsing.parse(leaf, index: 0)
        let key = certificate.publicKey
        let isValid: Bool
        switch scheme {
        case .ecdsaSHA256, .ecdsaSHA384:
            guard let verified = verifyECDSA(signature, scheme, message, key) else {
                throw .schemeMismatch(scheme: scheme, key: "\(key)")
            }
            isValid = verified
        case .rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512, .rsaPKCS1SHA256, .rsaPKCS1SHA384, .rsaPKCS1SHA512:
            guard let rsa = _RSA.Signing.PublicKey(key) else { throw .schemeMismatch(scheme: scheme, key: "\(key)") }
            guard CertificateRules.rsaBitCounts.contains(rsa.keySizeInBits) else {
                throw .weakCertificate(
                    subject: "\(certificate.subject)",
                    reason: "its RSA key has \(rsa.keySizeInBits) bits, not 2048 to 8192"
                )
            }
            isValid = verifyRSA(signature, scheme, message, rsa)
        }
        guard isValid else { throw .badSignature }
    }

    /// Whether an ECDSA signature verifies; nil when the key is not one of P-256 or P-384.
    private static func verifyECDSA(
        _ signature: [UInt8],
        _ scheme: SignatureScheme,
        _ message: [UInt8],
        _ key: Certificate.PublicKey
    ) -> Bool? {
        if let key = P256.Signing.PublicKey(key) {
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return scheme == .ecdsaSHA256
                ? key.isValidSignature(signature, for: SHA256.hash(data: message))
                : key.isValidSignature(signature, for: SHA384.hash(data: message))
        }
        if let key = P384.Signing.PublicKey(key) {
            guard let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return scheme == .ecdsaSHA256
                ? key.isValidSignature(signature, for: SHA256.hash(data: message))
                : key.isValidSignature(signature, for: SHA384.hash(data: message))
        }
        return nil
    }

    private static func verifyRSA(
        _ signature: [UInt8],
        _ scheme: SignatureScheme,
        _ message: [UInt8],
        _ key: _RSA.Signing.PublicKey
    ) -> Bool {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        // TLS 1.2 defines PKCS #1 v1.5 signatures and many servers still choose them; verifying them is sound.
        let padding: _RSA.Signing.Padding =
            switch scheme {
            case .rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512: .PSS
            default: .insecurePKCS1v1_5
            }
        switch scheme {
        case .rsaPSSSHA256, .rsaPKCS1SHA256:
            return key.isValidSignature(signature, for: SHA256.hash(data: message), padding: padding)
        case .rsaPSSSHA384, .rsaPKCS1SHA384:
            return key.isValidSignature(signature, for: SHA384.hash(data: message), padding: padding)
        case .rsaPSSSHA512, .rsaPKCS1SHA512:
            return key.isValidSignature(signature, for: SHA512.hash(data: message), padding: padding)
        case .ecdsaSHA256, .ecdsaSHA384:
            return false
        }
    }
}
