/// What the server says in its first flight, from ServerHello to ServerHelloDone, parsed and checked.
///
/// Checked here is everything that needs no certificate: grammar, order, and that every choice was offered. Whether
/// the chain is trusted and the key exchange signature verifies is for the identity check.
package struct ServerFlight: Hashable, Sendable {
    /// The longest body of one handshake message.
    package static let messageByteCountMax = 1 << 16
    /// The longest flight, handshake headers included.
    package static let byteCountMax = 1 << 17

    /// The random of the ClientHello that the flight answers; 32 bytes.
    package let clientRandom: [UInt8]
    /// Version, suite, server random, session id and extensions.
    package let hello: ServerHello
    /// DER certificates, leaf first; at least one.
    package let certificateChain: [[UInt8]]
    /// The server's ephemeral key and its signature.
    package let keyExchange: ServerKeyExchange
    /// Whether the server asked for a client certificate; it gets an empty one.
    package let requestsClientCertificate: Bool
    /// The handshake messages as received, headers included.
    package let rawMessages: [UInt8]

    /// The server's random; 32 bytes.
    package var serverRandom: [UInt8] { hello.random }
    /// The suite.
    package var suite: CipherSuite { hello.suite }
    /// The server's ephemeral key: 0x04, x, y; 65 bytes.
    package var serverPoint: [UInt8] { keyExchange.point }
    /// What the server signed (RFC 8422 §5.4): both randoms and the key exchange parameters.
    package var signedParameters: [UInt8] { clientRandom + serverRandom + keyExchange.parameters }

    init(
        clientRandom: [UInt8],
        hello: ServerHello,
        certificateChain: [[UInt8]],
        keyExchange: ServerKeyExchange,
        requestsClientCertificate: Bool,
        rawMessages: [UInt8]
    ) {
        self.clientRandom = clientRandom
        self.hello = hello
        self.certificateChain = certificateChain
        self.keyExchange = keyExchange
        self.requestsClientCertificate = requestsClientCertificate
        self.rawMessages = rawMessages
    }

    /// Parses a whole flight again from its raw messages, as a notary does.
    ///
    /// - Parameters:
    ///   - rawMessages: ServerHello to ServerHelloDone with handshake headers and nothing else.
    ///   - clientHello: the offer that the flight answers.
    /// - Throws: ``TLSError``, the same as for the connection itself.
    package init(decoding rawMessages: [UInt8], answering clientHello: ClientHello) throws(TLSError) {
        guard rawMessages.count <= Self.byteCountMax else {
            throw .tooLarge(.serverFlight, limit: Self.byteCountMax)
        }
        var reassembler = HandshakeReassembler(messageByteCountMax: Self.messageByteCountMax)
        reassembler.append(rawMessages)
        var parser = ServerFlightParser(answering: clientHello)
        while let message = try reassembler.nextMessage() {
            guard let flight = try parser.accept(message) else { continue }
            guard reassembler.isEmpty else { throw .malformed(.serverFlight) }
            self = flight
            return
        }
        throw .malformed(.serverFlight)
    }
}
