import Crypto
import Foundation
import SwiftASN1
import X509
import _CryptoExtras

/// What every certificate of a chain must satisfy besides RFC 5280: algorithms, time and purpose.
struct CertificateRules {
    /// The moment at which the chain must be valid, in Unix seconds.
    let unixTime: Int64

    /// RSA keys shorter than this can be factored; longer than the other bound they only cost time.
    static let rsaBitCounts = 2048...8192

    /// Extensions that the rules look at, so a critical mark on them is honoured.
    static let criticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
    ]

    /// The rules for the server's own certificate.
    func checkLeaf(_ leaf: Certificate) throws(ServerIdentityError) {
        try checkKey(of: leaf)
        try checkTime(of: leaf)
        try checkPurpose(of: leaf)
        // ECDHE servers sign with their key; a certificate that says what its key is for must allow that.
        guard let usage = try? leaf.extensions.keyUsage else {
            guard leaf.extensions[oid: .X509ExtensionID.keyUsage] == nil else {
                throw .malformedCertificate(index: 0, reason: "its keyUsage does not parse")
            }
            return
        }
        guard usage.digitalSignature else { throw .notForServers(subject: "\(leaf.subject)") }
    }

    /// The rules for a candidate chain, leaf first, root last.
    func check(_ chain: some Collection<Certificate>) throws(ServerIdentityError) {
        for (position, certificate) in chain.enumerated() {
            try checkTime(of: certificate)
            // A root is trusted for what it is: its own signature and purposes say nothing.
            if position == chain.count - 1 { continue }
            try checkKey(of: certificate)
            try checkPurpose(of: certificate)
            guard certificate.signatureAlgorithm != .sha1WithRSAEncryption else {
                throw .weakCertificate(subject: "\(certificate.subject)", reason: "it is signed with SHA-1")
            }
        }
    }

    private func checkTime(of certificate: Certificate) throws(ServerIdentityError) {
        // Whole seconds on both sides; both ends of the validity are inclusive (RFC 5280 §4.1.2.5).
        let notBefore = certificate.notValidBefore.timeIntervalSince1970
        let notAfter = certificate.notValidAfter.timeIntervalSince1970
        guard Double(unixTime) <= notAfter else {
            throw .expired(subject: "\(certificate.subject)", notAfter: Self.seconds(notAfter))
        }
        guard Double(unixTime) >= notBefore else {
            throw .notYetValid(subject: "\(certificate.subject)", notBefore: Self.seconds(notBefore))
        }
    }

    private func checkKey(of certificate: Certificate) throws(ServerIdentityError) {
        guard let key = _RSA.Signing.PublicKey(certificate.publicKey) else { return }
        guard Self.rsaBitCounts.contains(key.keySizeInBits) else {
            throw .weakCertificate(
                subject: "\(certificate.subject)",
                reason: "its RSA key has \(key.keySizeInBits) bits, not 2048 to 8192"
            )
        }
    }

    private func checkPurpose(of certificate: Certificate) throws(ServerIdentityError) {
        let usage: ExtendedKeyUsage?
        do {
            usage = try certificate.extensions.extendedKeyUsage
        } catch {
            throw .invalidChain(reason: "extendedKeyUsage of \(certificate.subject) does not parse")
        }
        guard let usage else { return }
        guard usage.contains(.serverAuth) || usage.contains(.any) else {
            throw .notForServers(subject: "\(certificate.subject)")
        }
    }

    /// Whole seconds of a date; certificate dates have four-digit years, so they always fit.
    private static func seconds(_ interval: Double) -> Int64 { Int64(exactly: interval.rounded()) ?? 0 }
}
