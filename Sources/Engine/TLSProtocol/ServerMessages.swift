/// The server's Certificate message (RFC 5246 §7.4.2): its chain, leaf first.
package struct CertificateMessage: Hashable, Sendable {
    /// The most certificates that a chain may hold.
    package static let certificateCountMax = 16

    /// DER certificates, leaf first; at least one.
    package let chain: [[UInt8]]

    /// Parses the body; the certificates themselves stay opaque.
    ///
    /// - Throws: ``TLSError/malformed(_:)``, also for an empty chain, and ``TLSError/tooLarge(_:limit:)``.
    package init(body: [UInt8]) throws(TLSError) {
        var reader = PresentationReader(body, of: .certificate)
        var list = PresentationReader(try reader.vector24(), of: .certificate)
        try reader.expectEnd()
        var chain: [[UInt8]] = []
        while !list.isAtEnd {
            guard chain.count < Self.certificateCountMax else {
                throw .tooLarge(.certificate, limit: Self.certificateCountMax)
            }
            chain.append(try list.vector24(1...0xff_ffff))
        }
        guard !chain.isEmpty else { throw .malformed(.certificate) }
        self.chain = chain
    }

    /// The answer of a client without a certificate to a CertificateRequest (RFC 5246 §7.4.6).
    package static let empty = HandshakeMessage(type: .certificate, body: [0, 0, 0])
}

/// The server's CertificateRequest (RFC 5246 §7.4.4); its grammar is checked and its wishes are not met.
enum CertificateRequest {
    static func check(body: [UInt8]) throws(TLSError) {
        var reader = PresentationReader(body, of: .certificateRequest)
        _ = try reader.vector8(1...255)
        let schemes = try reader.vector16(2...65534)
        guard schemes.count.isMultiple(of: 2) else { throw .malformed(.certificateRequest) }
        var names = PresentationReader(try reader.vector16(), of: .certificateRequest)
        try reader.expectEnd()
        while !names.isAtEnd {
            _ = try names.vector16(1...65535)
        }
    }
}
