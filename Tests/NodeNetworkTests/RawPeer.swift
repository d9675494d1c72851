import CryptoCore
import PeerNetworking
import PeerProtocols
import RecordSamples

/// A peer that speaks the protocols below streams itself, so that it can do on them what no host does.
///
/// Its calls block; it belongs to one thread.
final class RawPeer {
    let identity: PeerIdentity
    private let connection: BlockingTCPConnection
    private var transport: NoiseTransport
    private var input = ByteQueue()
    var session = YamuxSession(role: .dialer)
    /// What the node did so far.
    private(set) var events: [YamuxSession.Event] = []

    /// Connects to a node on this machine and finishes the handshakes.
    init(_ number: Int, port: UInt16, timeout: Duration = .seconds(10)) throws {
        identity = PeerIdentity(privateKey: try RecordSamples.key(number))
        connection = try BlockingTCPConnection.connect(host: "127.0.0.1", port: port)
        connection.timeLimits = StreamTimeLimits(read: timeout, write: timeout)
        var input = ByteQueue()
        try Self.negotiate(.noise, on: connection, &input)
        var generator = SecureRandom.generator()
        func key() -> NoisePrivateKey {
            NoisePrivateKey(randomBytes: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        }
        var noise = try NoiseHandshakeMachine(
            role: .dialer,
            identity: identity,
            staticKey: key(),
            ephemeralKey: key(),
            expectedPeer: nil
        )
        var output: [UInt8] = []
        while true {
            if let result = try noise.advance(&input, output: &output) {
                transport = result.transport
                break
            }
            if !output.isEmpty { try connection.write(output) }
            output = []
            input.append(try Self.read(connection))
        }
        if !output.isEmpty { try connection.write(output) }
        self.input = input
        var multistream = MultistreamInitiator([.yamux])
        var plain = ByteQueue()
        var proposal: [UInt8] = []
        _ = try multistream.advance(&plain, output: &proposal)
        try seal(proposal)
        var reply: [UInt8] = []
        while try multistream.advance(&plain, output: &reply) == nil { plain.append(try openFrame()) }
        try receive(plain.takeAll())
    }

    /// Sends what the session has to send.
    func flush() throws {
        try seal(session.takeOutput())
    }

    /// Reads once, and tells the session.
    func poll() throws {
        try receive(try openFrame())
    }

    /// Answers the node's question what this peer is: one that speaks nothing but that.
    func answerIdentify() throws {
        var listener = MultistreamListener([.identify])
        var input = ByteQueue()
        var stream: YamuxStreamID?
        var seenCount = 0
        while true {
            for event in events.dropFirst(seenCount) {
                switch event {
                case .opened(let id) where stream == nil: stream = id
                case .data(let id, let bytes) where id == stream: input.append(bytes)
                default: break
                }
            }
            seenCount = events.count
            if let stream {
                var reply: [UInt8] = []
                let agreed = try listener.advance(&input, output: &reply)
                session.send(reply[...], on: stream)
                if agreed != nil {
                    session.send(IdentifyMessage(publicKey: identity.publicKey).encoded()[...], on: stream)
                    session.closeWrite(stream)
                    return try flush()
                }
            }
            try flush()
            try poll()
        }
    }

    /// Sends bytes as they are, encrypted.
    func seal(_ plaintext: [UInt8]) throws {
        guard !plaintext.isEmpty else { return }
        var output: [UInt8] = []
        try plaintext.withUnsafeBytes { try transport.seal($0, into: &output) }
        try connection.write(output)
    }

    private func receive(_ bytes: [UInt8]) throws {
        try session.receive(bytes, now: MonotonicInstant.now())
        while let event = session.nextEvent() { events.append(event) }
    }

    private func openFrame() throws -> [UInt8] {
        while true {
            if let plaintext = try transport.open(&input) { return plaintext }
            input.append(try Self.read(connection))
        }
    }

    private static func negotiate(
        _ name: ProtocolName,
        on connection: BlockingTCPConnection,
        _ input: inout ByteQueue
    ) throws {
        var multistream = MultistreamInitiator([name])
        var output: [UInt8] = []
        while try multistream.advance(&input, output: &output) == nil {
            if !output.isEmpty { try connection.write(output) }
            output = []
            input.append(try read(connection))
        }
    }

    /// The node closed the connection.
    struct Closed: Error {}

    private static func read(_ connection: BlockingTCPConnection) throws -> [UInt8] {
        let bytes = try connection.read(max: 1 << 16)
        guard !bytes.isEmpty else { throw Closed() }
        return bytes
    }
}
