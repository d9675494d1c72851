/// The server's choice (RFC 5246 §7.4.1.3), checked against what this client offers.
package struct ServerHello: Hashable, Sendable {
    /// The server's random; 32 bytes.
    package let random: [UInt8]
    /// The session id the server assigned; at most 32 bytes, never used to resume.
    package let sessionID: [UInt8]
    /// The suite.
    package let suite: CipherSuite
    /// Whether the server chose http/1.1 by ALPN.
    package let selectsHTTP11: Bool
    /// Whether the random says that the server would also speak TLS 1.3 (RFC 8446 §4.1.3).
    ///
    /// Nothing is wrong with that while the client offers TLS 1.2 only.
    package let reportsTLS13Support: Bool

    /// Parses and checks the body of a ServerHello.
    ///
    /// - Parameters:
    ///   - body: the bytes after the handshake header.
    ///   - offer: what the client offered.
    /// - Throws: ``TLSError``: malformed, another version, suite, compression or extension than offered,
    ///   extended_master_secret or renegotiation_info missing, or a downgrade reported.
    package init(body: [UInt8], answering offer: ClientHello) throws(TLSError) {
        var reader = PresentationReader(body, of: .serverHello)
        let version = try reader.uint16()
        guard version == TLSRecord.version else { throw .unsupportedVersion(version) }
        random = try reader.bytes(ClientHello.randomByteCount)
        sessionID = try reader.vector8(0...32)
        let suiteNumber = try reader.uint16()
        guard let suite = CipherSuite(rawValue: suiteNumber) else { throw .suiteNotOffered(suiteNumber) }
        self.suite = suite
        let compression = try reader.uint8()
        guard compression == 0 else { throw .compressionNotOffered(compression) }
        let extensions = reader.isAtEnd ? [] : try reader.vector16()
        try reader.expectEnd()
        let answers = try ServerHelloExtensions(extensions, answering: offer)
        guard answers.hasExtendedMasterSecret else { throw .extendedMasterSecretMissing }
        guard answers.hasRenegotiationInfo else { throw .secureRenegotiationMissing }
        selectsHTTP11 = answers.selectsHTTP11
        let sentinel = Array(random.suffix(8))
        guard sentinel != Self.sentinel(last: 0) else { throw .downgraded }
        reportsTLS13Support = sentinel == Self.sentinel(last: 1)
    }

    /// "DOWNGRD" and the byte that says from where the server was pushed down.
    private static func sentinel(last byte: UInt8) -> [UInt8] { Array("DOWNGRD".utf8) + [byte] }
}

/// The extensions of a ServerHello, each of them offered, none of them twice.
private struct ServerHelloExtensions {
    private(set) var hasExtendedMasterSecret = false
    private(set) var hasRenegotiationInfo = false
    private(set) var selectsHTTP11 = false

    init(_ bytes: [UInt8], answering offer: ClientHello) throws(TLSError) {
        var reader = PresentationReader(bytes, of: .serverHello)
        var seen: Set<UInt16> = []
        while !reader.isAtEnd {
            let type = try reader.uint16()
            let data = try reader.vector16()
            guard seen.insert(type).inserted else { throw .extensionNotOffered(type) }
            try accept(type, data, answering: offer)
        }
    }

    private mutating func accept(_ type: UInt16, _ data: [UInt8], answering offer: ClientHello) throws(TLSError) {
        switch type {
        case TLSExtensionType.serverName where offer.serverName != nil:
            guard data.isEmpty else { throw .malformed(.serverHello) }
        case TLSExtensionType.extendedMasterSecret:
            guard data.isEmpty else { throw .malformed(.serverHello) }
            hasExtendedMasterSecret = true
        case TLSExtensionType.renegotiationInfo:
            // RFC 5746 §3.4: renegotiated_connection is empty in a first handshake.
            guard data == [0] else { throw .secureRenegotiationMissing }
            hasRenegotiationInfo = true
        case TLSExtensionType.ecPointFormats:
            var reader = PresentationReader(data, of: .serverHello)
            let formats = try reader.vector8(1...255)
            try reader.expectEnd()
            guard formats.contains(P256KeyExchange.uncompressed) else { throw .malformed(.serverHello) }
        case TLSExtensionType.applicationLayerProtocolNegotiation where offer.offersHTTP11:
            var reader = PresentationReader(data, of: .serverHello)
            var list = PresentationReader(try reader.vector16(2...65535), of: .serverHello)
            try reader.expectEnd()
            let name = try list.vector8(1...255)
            try list.expectEnd()
            guard name == ApplicationProtocol.http11 else { throw .applicationProtocolNotOffered }
            selectsHTTP11 = true
        default:
            throw .extensionNotOffered(type)
        }
    }
}
