/// The cipher suites that the engine supports (RFC 5289 §3.2): one cipher and hash, two kinds of certificate.
package enum CipherSuite: UInt16, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    /// ECDHE signed with an ECDSA key.
    case ecdheECDSAWithAES128GCMSHA256 = 0xc02b
    /// ECDHE signed with an RSA key.
    case ecdheRSAWithAES128GCMSHA256 = 0xc02f

    /// The name in the IANA registry.
    package var description: String {
        switch self {
        case .ecdheECDSAWithAES128GCMSHA256: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
        case .ecdheRSAWithAES128GCMSHA256: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        }
    }
}

/// The signature schemes offered for ServerKeyExchange, in order of preference (RFC 8446 §4.2.3; RFC 8446 §1.3
/// gives their meaning under TLS 1.2, where an ECDSA scheme does not fix the curve of the key).
package enum SignatureScheme: UInt16, CaseIterable, Hashable, Sendable {
    /// ECDSA with SHA-256.
    case ecdsaSHA256 = 0x0403
    /// ECDSA with SHA-384.
    case ecdsaSHA384 = 0x0503
    /// RSASSA-PSS with SHA-256 and a key for any RSA use.
    case rsaPSSSHA256 = 0x0804
    /// RSASSA-PSS with SHA-384 and a key for any RSA use.
    case rsaPSSSHA384 = 0x0805
    /// RSASSA-PSS with SHA-512 and a key for any RSA use.
    case rsaPSSSHA512 = 0x0806
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rsaPKCS1SHA256 = 0x0401
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    case rsaPKCS1SHA384 = 0x0501
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    case rsaPKCS1SHA512 = 0x0601

    /// Whether the scheme may sign a key exchange of `suite`.
    package func fits(_ suite: CipherSuite) -> Bool {
        switch self {
        case .ecdsaSHA256, .ecdsaSHA384: suite == .ecdheECDSAWithAES128GCMSHA256
        default: suite == .ecdheRSAWithAES128GCMSHA256
        }
    }
}

/// The extension numbers this client offers.
enum TLSExtensionType {
    static let serverName: UInt16 = 0
    static let supportedGroups: UInt16 = 10
    static let ecPointFormats: UInt16 = 11
    static let signatureAlgorithms: UInt16 = 13
    static let applicationLayerProtocolNegotiation: UInt16 = 16
    static let extendedMasterSecret: UInt16 = 23
    static let renegotiationInfo: UInt16 = 0xff01
}

/// The one group of the key exchange and its one point format.
enum P256KeyExchange {
    /// secp256r1 in the registry of named groups.
    static let group: UInt16 = 23
    /// ECCurveType named_curve (RFC 8422 §5.4).
    static let namedCurve: UInt8 = 3
    /// ECPointFormat uncompressed.
    static let uncompressed: UInt8 = 0
    /// 0x04, x, y.
    static let pointByteCount = 65
}

/// The one application protocol offered.
package enum ApplicationProtocol {
    /// "http/1.1" as ALPN writes it (RFC 7301 §6).
    package static let http11: [UInt8] = Array("http/1.1".utf8)
}
