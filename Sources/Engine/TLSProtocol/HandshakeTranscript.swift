import CryptoCore

/// Everything said in the handshake up to ClientKeyExchange: what session_hash covers (RFC 7627 §3).
///
/// The client never signs, so its Finished covers exactly the same messages. Prover and notary build the same value
/// from the same bytes: decoding runs the parsers of the connection again, with the same limits.
package struct HandshakeTranscript: Hashable, Sendable {
    /// The longest encoding.
    package static let byteCountMax = ServerFlight.byteCountMax + 2048

    /// The client's offer.
    package let clientHello: ClientHello
    /// The server's answer.
    package let serverFlight: ServerFlight
    /// The client's ephemeral key: 0x04, x, y; 65 bytes.
    package let clientPoint: [UInt8]
    /// SHA-256 of all messages so far, over which the client's Finished is computed too; 32 bytes.
    package let sessionHash: [UInt8]

    /// The transcript of a handshake.
    ///
    /// - Parameters:
    ///   - clientHello: the offer.
    ///   - serverFlight: the answer to that offer.
    ///   - clientPoint: the client's ephemeral key; 65 bytes.
    /// - Throws: ``TLSError/misuse(_:)`` if the point is not on P-256, or the flight answers another offer.
    package init(clientHello: ClientHello, serverFlight: ServerFlight, clientPoint: [UInt8]) throws(TLSError) {
        guard serverFlight.clientRandom == clientHello.random else {
            throw .misuse("the server's flight answers another ClientHello")
        }
        guard clientPoint.count == P256KeyExchange.pointByteCount, (try? P256Point(uncompressed: clientPoint)) != nil
        else { throw .misuse("the client's ephemeral key is not a point of P-256") }
        self.clientHello = clientHello
        self.serverFlight = serverFlight
        self.clientPoint = clientPoint
        sessionHash = SHA256.hash(
            clientHello.message.encoded + serverFlight.rawMessages
                + Self.clientFlight(clientPoint, sendsCertificate: serverFlight.requestsClientCertificate)
        )
    }

    /// The client's second flight: an empty Certificate if one was asked for, and ClientKeyExchange; headers included.
    package var clientFlight: [UInt8] {
        Self.clientFlight(clientPoint, sendsCertificate: serverFlight.requestsClientCertificate)
    }

    /// All messages in order, with handshake headers: the input of ``sessionHash``.
    package var messages: [UInt8] {
        clientHello.message.encoded + serverFlight.rawMessages + clientFlight
    }

    /// The hash that the server's Finished is computed over: all messages and the client's Finished; 32 bytes.
    ///
    /// - Parameter clientVerifyData: the 12 bytes of the client's Finished.
    package func serverFinishedHash(clientVerifyData: [UInt8]) -> [UInt8] {
        SHA256.hash(messages + HandshakeMessage(type: .finished, body: clientVerifyData).encoded)
    }

    private static func clientFlight(_ point: [UInt8], sendsCertificate: Bool) -> [UInt8] {
        var body = PresentationWriter()
        body.writeVector8(point)
        let keyExchange = HandshakeMessage(type: .clientKeyExchange, body: body.bytes).encoded
        return sendsCertificate ? CertificateMessage.empty.encoded + keyExchange : keyExchange
    }
}

extension HandshakeTranscript {
    /// ClientHello and server flight, each with a three-byte length, then the client's point.
    package var encoded: [UInt8] {
        var writer = PresentationWriter()
        writer.writeVector24(clientHello.message.encoded)
        writer.writeVector24(serverFlight.rawMessages)
        writer.write(clientPoint)
        return writer.bytes
    }

    /// Reads ``encoded`` and parses all messages in it again.
    ///
    /// - Throws: ``TLSError``: what is wrong with the messages, or ``TLSError/malformed(_:)`` of the transcript.
    package init(decoding bytes: [UInt8]) throws(TLSError) {
        guard bytes.count <= Self.byteCountMax else { throw .tooLarge(.transcript, limit: Self.byteCountMax) }
        var reader = PresentationReader(bytes, of: .transcript)
        let clientHello = try ClientHello(decoding: try reader.vector24())
        let serverFlight = try ServerFlight(decoding: try reader.vector24(), answering: clientHello)
        let clientPoint = try reader.bytes(P256KeyExchange.pointByteCount)
        try reader.expectEnd()
        guard (try? P256Point(uncompressed: clientPoint)) != nil else { throw .malformed(.transcript) }
        try self.init(clientHello: clientHello, serverFlight: serverFlight, clientPoint: clientPoint)
    }
}
