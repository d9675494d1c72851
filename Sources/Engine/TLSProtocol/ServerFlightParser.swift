/// Takes the messages of the server's flight one by one, in the one order of a full handshake (RFC 5246 §7.3).
struct ServerFlightParser: Sendable {
    private enum State {
        case serverHello
        case certificate(ServerHello)
        case keyExchange(ServerHello, chain: [[UInt8]])
        case requestOrDone(ServerHello, chain: [[UInt8]], ServerKeyExchange, isRequested: Bool)
        case ended
    }

    private let offer: ClientHello
    private var state = State.serverHello
    private var rawMessages: [UInt8] = []

    /// A parser of the answer to `offer`.
    init(answering offer: ClientHello) {
        self.offer = offer
    }

    /// Whether the server has not yet answered at all.
    var isBeforeServerHello: Bool {
        if case .serverHello = state { true } else { false }
    }

    /// Checks the next message; the flight when it was the last one.
    mutating func accept(_ message: HandshakeMessage) throws(TLSError) -> ServerFlight? {
        let byteCount = rawMessages.count + HandshakeMessage.headerByteCount + message.body.count
        guard byteCount <= ServerFlight.byteCountMax else {
            throw .tooLarge(.serverFlight, limit: ServerFlight.byteCountMax)
        }
        rawMessages += message.encoded
        switch (state, message.type) {
        case (.serverHello, .serverHello):
            state = .certificate(try ServerHello(body: message.body, answering: offer))
        case (.certificate(let hello), .certificate):
            state = .keyExchange(hello, chain: try CertificateMessage(body: message.body).chain)
        case (.keyExchange(let hello, let chain), .serverKeyExchange):
            let keyExchange = try ServerKeyExchange(body: message.body, suite: hello.suite)
            state = .requestOrDone(hello, chain: chain, keyExchange, isRequested: false)
        case (.requestOrDone(let hello, let chain, let keyExchange, false), .certificateRequest):
            try CertificateRequest.check(body: message.body)
            state = .requestOrDone(hello, chain: chain, keyExchange, isRequested: true)
        case (.requestOrDone(let hello, let chain, let keyExchange, let isRequested), .serverHelloDone):
            guard message.body.isEmpty else { throw .malformed(.serverHelloDone) }
            state = .ended
            return ServerFlight(
                clientRandom: offer.random,
                hello: hello,
                certificateChain: chain,
                keyExchange: keyExchange,
                requestsClientCertificate: isRequested,
                rawMessages: rawMessages
            )
        default:
            throw .unexpected(message.type.element)
        }
        return nil
    }
}
