/// The type byte of a handshake message (RFC 5246 §7.4).
package struct HandshakeType: RawRepresentable, Hashable, Sendable {
    /// The byte on the wire.
    package let rawValue: UInt8

    /// A type with this byte.
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The server asks for a new handshake.
    package static let helloRequest = HandshakeType(rawValue: 0)
    /// The client's offer.
    package static let clientHello = HandshakeType(rawValue: 1)
    /// The server's choice.
    package static let serverHello = HandshakeType(rawValue: 2)
    /// A resumption ticket (RFC 5077).
    package static let newSessionTicket = HandshakeType(rawValue: 4)
    /// A certificate chain.
    package static let certificate = HandshakeType(rawValue: 11)
    /// The server's signed ephemeral key.
    package static let serverKeyExchange = HandshakeType(rawValue: 12)
    /// The server asks the client to authenticate.
    package static let certificateRequest = HandshakeType(rawValue: 13)
    /// The end of the server's flight.
    package static let serverHelloDone = HandshakeType(rawValue: 14)
    /// The client's ephemeral key.
    package static let clientKeyExchange = HandshakeType(rawValue: 16)
    /// The check value over the handshake.
    package static let finished = HandshakeType(rawValue: 20)
    /// A stapled OCSP response (RFC 6066).
    package static let certificateStatus = HandshakeType(rawValue: 22)

    /// How errors name a message of this type.
    var element: TLSElement {
        switch self {
        case .helloRequest: .helloRequest
        case .clientHello: .clientHello
        case .serverHello: .serverHello
        case .newSessionTicket: .newSessionTicket
        case .certificate: .certificate
        case .serverKeyExchange: .serverKeyExchange
        case .certificateRequest: .certificateRequest
        case .serverHelloDone: .serverHelloDone
        case .finished: .finished
        case .certificateStatus: .certificateStatus
        default: .handshakeMessage
        }
    }
}

/// One handshake message: its type and its body.
package struct HandshakeMessage: Hashable, Sendable {
    /// Type and three-byte length.
    package static let headerByteCount = 4

    /// What kind of message it is.
    package let type: HandshakeType
    /// The bytes after the header.
    package let body: [UInt8]

    /// A message of this type and body.
    package init(type: HandshakeType, body: [UInt8]) {
        self.type = type
        self.body = body
    }

    /// Header and body, as they enter the handshake hash.
    package var encoded: [UInt8] {
        var writer = PresentationWriter()
        writer.write(type.rawValue)
        writer.writeVector24(body)
        return writer.bytes
    }
}

/// Puts handshake messages together from the fragments of handshake records.
package struct HandshakeReassembler: Sendable {
    private var buffer: [UInt8] = []
    private let limit: Int

    /// A reassembler that refuses messages whose body is longer than `messageByteCountMax`.
    package init(messageByteCountMax: Int) {
        limit = messageByteCountMax
    }

    /// Whether a message has begun and not ended, or more than was asked for has arrived.
    package var isEmpty: Bool { buffer.isEmpty }

    /// Adds the fragment of one handshake record.
    package mutating func append(_ fragment: [UInt8]) {
        buffer.append(contentsOf: fragment)
    }

    /// The next complete message, or nil when more fragments are needed.
    ///
    /// - Throws: ``TLSError/tooLarge(_:limit:)`` as soon as a header announces too much.
    package mutating func nextMessage() throws(TLSError) -> HandshakeMessage? {
        guard buffer.count >= HandshakeMessage.headerByteCount else { return nil }
        let type = HandshakeType(rawValue: buffer[0])
        let byteCount = Int(buffer[1]) << 16 | Int(buffer[2]) << 8 | Int(buffer[3])
        guard byteCount <= limit else { throw .tooLarge(type.element, limit: limit) }
        let end = HandshakeMessage.headerByteCount + byteCount
        guard buffer.count >= end else { return nil }
        let message = HandshakeMessage(type: type, body: Array(buffer[HandshakeMessage.headerByteCount..<end]))
        buffer.removeFirst(end)
        return message
    }
}
