import ServerIdentity
import TLSProtocol
import TestServers
import Testing

/// One kind of key and one scheme that fits it.
struct SchemeCase: Sendable, CustomTestStringConvertible {
    let key: TestCertificateAuthority.Key
    let scheme: SignatureScheme
    let hash: String
    let usesPSS: Bool

    var testDescription: String { "\(scheme) with \(key)" }

    static let all =
        [
            SchemeCase(key: .p256, scheme: .ecdsaSHA256, hash: "sha256", usesPSS: false),
            SchemeCase(key: .p256, scheme: .ecdsaSHA384, hash: "sha384", usesPSS: false),
            SchemeCase(key: .p384, scheme: .ecdsaSHA256, hash: "sha256", usesPSS: false),
            SchemeCase(key: .p384, scheme: .ecdsaSHA384, hash: "sha384", usesPSS: false),
        ]
        + [2048, 3072].flatMap { bitCount in
            [
                SchemeCase(key: .rsa(bitCount), scheme: .rsaPSSSHA256, hash: "sha256", usesPSS: true),
                SchemeCase(key: .rsa(bitCount), scheme: .rsaPSSSHA384, hash: "sha384", usesPSS: true),
                SchemeCase(key: .rsa(bitCount), scheme: .rsaPSSSHA512, hash: "sha512", usesPSS: true),
                SchemeCase(key: .rsa(bitCount), scheme: .rsaPKCS1SHA256, hash: "sha256", usesPSS: false),
                SchemeCase(key: .rsa(bitCount), scheme: .rsaPKCS1SHA384, hash: "sha384", usesPSS: false),
                SchemeCase(key: .rsa(bitCount), scheme: .rsaPKCS1SHA512, hash: "sha512", usesPSS: false),
            ]
        }
}

@Suite("Signatures of the key exchange")
struct KeyExchangeSignatureTests {
    private let message = (0..<133).map { UInt8($0) }

    @Test("what OpenSSL signs verifies under its scheme only, and not when changed", arguments: SchemeCase.all)
    func schemes(sample: SchemeCase) throws {
        let certificate = try TestChains.shared.get().authority.issue(key: sample.key)
        let leaf = try certificate.chain()[0]
        let signature = try certificate.sign(message, hash: sample.hash, usesPSS: sample.usesPSS)
        for scheme in SignatureScheme.allCases {
            if scheme == sample.scheme {
                #expect(throws: Never.self) {
                    try KeyExchangeSignature.verify(signature, scheme: scheme, over: message, leaf: leaf)
                }
                continue
            }
            #expect {
                try KeyExchangeSignature.verify(signature, scheme: scheme, over: message, leaf: leaf)
            } throws: {
                switch $0 as? ServerIdentityError {
                case .badSignature: scheme.fitsSameKey(as: sample.scheme)
                case .schemeMismatch(scheme, _): !scheme.fitsSameKey(as: sample.scheme)
                default: false
                }
            }
        }
        var otherMessage = message
        otherMessage[70] ^= 1
        #expect(throws: ServerIdentityError.badSignature) {
            try KeyExchangeSignature.verify(signature, scheme: sample.scheme, over: otherMessage, leaf: leaf)
        }
        for position in stride(from: 0, to: signature.count, by: 11) {
            var flipped = signature
            flipped[position] ^= 0x10
            #expect(throws: ServerIdentityError.badSignature) {
                try KeyExchangeSignature.verify(flipped, scheme: sample.scheme, over: message, leaf: leaf)
            }
        }
        for other in [[], Array(signature.dropLast()), signature + [0]] {
            #expect(throws: ServerIdentityError.badSignature) {
                try KeyExchangeSignature.verify(other, scheme: sample.scheme, over: message, leaf: leaf)
            }
        }
    }

    @Test("a short RSA key is refused even when the signature is right")
    func shortKey() throws {
        let certificate = try TestChains.shared.get().authority.issue(key: .rsa(1024))
        let signature = try certificate.sign(message, hash: "sha256")
        #expect {
            try KeyExchangeSignature.verify(
                signature,
                scheme: .rsaPKCS1SHA256,
                over: message,
                leaf: certificate.chain()[0]
            )
        } throws: {
            guard case .weakCertificate = $0 as? ServerIdentityError else { return false }
            return true
        }
    }

    @Test("a SHA-1 signature verifies under no scheme")
    func sha1() throws {
        let certificate = try TestChains.shared.get().authority.issue(key: .rsa(2048))
        let signature = try certificate.sign(message, hash: "sha1")
        for scheme in SignatureScheme.allCases {
            #expect(throws: ServerIdentityError.self) {
                try KeyExchangeSignature.verify(
                    signature,
                    scheme: scheme,
                    over: message,
                    leaf: certificate.chain()[0]
                )
            }
        }
    }

    @Test("a damaged certificate is an error")
    func malformedLeaf() {
        #expect {
            try KeyExchangeSignature.verify([1], scheme: .ecdsaSHA256, over: [1], leaf: [0x30, 0x00])
        } throws: {
            guard case .malformedCertificate(index: 0, _) = $0 as? ServerIdentityError else { return false }
            return true
        }
    }
}

extension SignatureScheme {
    fileprivate func fitsSameKey(as other: SignatureScheme) -> Bool {
        fits(.ecdheRSAWithAES128GCMSHA256) == other.fits(.ecdheRSAWithAES128GCMSHA256)
    }
}
