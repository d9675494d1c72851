/// The client's offer (RFC 5246 §7.4.1.2): a fixed list of what the engine supports, so the random and the server
/// name are all that vary.
///
/// Both suites, P-256, the schemes of ``SignatureScheme``, extended_master_secret and renegotiation_info are always
/// offered, session resumption never. Because the encoding is canonical, decoding accepts exactly what ``message``
/// writes: a notary can tell from the bytes that a prover offered nothing else.
package struct ClientHello: Hashable, Sendable {
    /// The length of a hello's random.
    package static let randomByteCount = 32

    /// The client's random; 32 bytes.
    package let random: [UInt8]
    /// Whom the client asks for; an address is not sent.
    package let serverName: ServerName?
    /// Whether ALPN with http/1.1 is offered.
    package let offersHTTP11: Bool

    /// An offer to `serverName`.
    ///
    /// - Parameters:
    ///   - random: 32 fresh random bytes.
    ///   - serverName: only a DNS name is kept and sent.
    ///   - offersHTTP11: whether to offer http/1.1 by ALPN.
    /// - Throws: ``TLSError/misuse(_:)`` for a random of another length.
    package init(random: [UInt8], serverName: ServerName?, offersHTTP11: Bool = true) throws(TLSError) {
        guard random.count == Self.randomByteCount else { throw .misuse("a client random is 32 bytes") }
        self.random = random
        if case .dns = serverName {
            self.serverName = serverName
        } else {
            self.serverName = nil
        }
        self.offersHTTP11 = offersHTTP11
    }

    /// Reads back the encoded message, header included.
    ///
    /// - Throws: ``TLSError/malformed(_:)`` unless `bytes` is exactly what ``message`` encodes for some value.
    package init(decoding bytes: [UInt8]) throws(TLSError) {
        // Longest: header and fixed part, and a server name of at most 253 bytes. Anything longer is not ours.
        guard bytes.count <= 1024 else { throw .malformed(.clientHello) }
        var reader = PresentationReader(bytes, of: .clientHello)
        guard try reader.uint8() == HandshakeType.clientHello.rawValue else { throw .malformed(.clientHello) }
        var body = PresentationReader(try reader.vector24(), of: .clientHello)
        try reader.expectEnd()
        _ = try body.uint16()
        let random = try body.bytes(Self.randomByteCount)
        _ = try body.vector8()
        _ = try body.vector16()
        _ = try body.vector8()
        var extensions = PresentationReader(try body.vector16(), of: .clientHello)
        var name: ServerName?
        var offersHTTP11 = false
        while !extensions.isAtEnd {
            let type = try extensions.uint16()
            let data = try extensions.vector16()
            switch type {
            case TLSExtensionType.serverName: name = try ServerName(sni: Array(data.dropFirst(5)))
            case TLSExtensionType.applicationLayerProtocolNegotiation: offersHTTP11 = true
            default: break
            }
        }
        try self.init(random: random, serverName: name, offersHTTP11: offersHTTP11)
        // Whatever the loose reading above let through must be what this client writes, byte for byte.
        guard message.encoded == bytes else { throw .malformed(.clientHello) }
    }

    /// The offer as a handshake message.
    package var message: HandshakeMessage {
        var body = PresentationWriter()
        body.write(TLSRecord.version)
        body.write(random)
        body.writeVector8([])
        body.writeVector16 { writer in
            for suite in CipherSuite.allCases { writer.write(suite.rawValue) }
        }
        body.writeVector8([0])
        body.writeVector16 { writer in writeExtensions(to: &writer) }
        return HandshakeMessage(type: .clientHello, body: body.bytes)
    }

    private func writeExtensions(to writer: inout PresentationWriter) {
        if case .dns(let name) = serverName {
            writer.write(TLSExtensionType.serverName)
            writer.writeVector16 { data in
                data.writeVector16 { list in
                    list.write(UInt8(0))
                    list.writeVector16(Array(name.utf8))
                }
            }
        }
        writer.write(TLSExtensionType.extendedMasterSecret)
        writer.writeVector16([])
        writer.write(TLSExtensionType.renegotiationInfo)
        writer.writeVector16([0])
        writer.write(TLSExtensionType.supportedGroups)
        writer.writeVector16 { data in data.writeVector16 { list in list.write(P256KeyExchange.group) } }
        writer.write(TLSExtensionType.ecPointFormats)
        writer.writeVector16 { data in data.writeVector8([P256KeyExchange.uncompressed]) }
        writer.write(TLSExtensionType.signatureAlgorithms)
        writer.writeVector16 { data in
            data.writeVector16 { list in
                for scheme in SignatureScheme.allCases { list.write(scheme.rawValue) }
            }
        }
        if offersHTTP11 {
            writer.write(TLSExtensionType.applicationLayerProtocolNegotiation)
            writer.writeVector16 { data in
                data.writeVector16 { list in list.writeVector8(ApplicationProtocol.http11) }
            }
        }
    }
}
