import Crypto
import SwiftASN1
import X509

/// Reads DER certificates from a peer.
enum CertificateParsing {
    /// The certificate at place `index` of a chain.
    ///
    /// - Throws: ``ServerIdentityError/weakCertificate(subject:reason:)`` when the key has a length that the library
    ///   refuses, which it does while parsing; ``ServerIdentityError/malformedCertificate(index:reason:)`` otherwise.
    static func parse(_ der: [UInt8], index: Int) throws(ServerIdentityError) -> Certificate {
        do {
            let certificate = try Certificate(derEncoded: der)
            // X509 ignores how many bits of the signature's last byte are marked unused. All are used, and a signed
            // certificate must have one encoding only.
            guard try unusedSignatureBitCount(of: der) == 0 else {
                throw ServerIdentityError.malformedCertificate(index: index, reason: "its signature is not whole bytes")
            }
            return certificate
        } catch let error as ServerIdentityError {
            throw error
        } catch CryptoKitError.incorrectParameterSize {
            throw .weakCertificate(
                subject: "chain position \(index)",
                reason: "its key has an unsupported length; RSA keys need 2048 to 8192 bits"
            )
        } catch {
            throw .malformedCertificate(index: index, reason: "\(error)")
        }
    }

    /// The count that opens the signature's BIT STRING, the third field of a certificate (RFC 5280 §4.1).
    private static func unusedSignatureBitCount(of der: [UInt8]) throws -> Int {
        try DER.sequence(DER.parse(der), identifier: .sequence) { fields in
            _ = fields.next()
            _ = fields.next()
            return try ASN1BitString(derEncoded: &fields).paddingBits
        }
    }
}
