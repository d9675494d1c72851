import CryptoCore
import MPCTLS
import TLSProtocol

/// A TLS 1.2 server inside the test's process whose every step a test may bend; it may also conspire with a party.
///
/// `@unchecked Sendable`: the prover's thread uses it as long as the session runs, the test afterwards.
final class ScriptedTLSServer: ServerConnection, @unchecked Sendable {
    /// A record of the response.
    struct Reply: Sendable {
        var type: TLSContentType
        var plaintext: [UInt8]
        /// The explicit nonce, if it is not the sequence number.
        var nonce: UInt64?

        static func data(_ bytes: [UInt8], nonce: UInt64? = nil) -> Reply {
            Reply(type: .applicationData, plaintext: bytes, nonce: nonce)
        }

        static func data(_ text: String) -> Reply { data(Array(text.utf8)) }

        static let closeNotify = Reply(type: .alert, plaintext: TLSAlert.closeNotify.encoded)
    }

    /// What the server does.
    struct Script: Sendable {
        /// Whether a wrong Finished or request ends the connection, as it should.
        var checksClient = true
        /// The client's key in place of the one received.
        var clientPoint: [UInt8]?
        var extensions: [(type: UInt16, data: [UInt8])] = [(0xff01, [0]), (23, [])]
        var version: UInt16 = 0x0303
        /// The response's records.
        var replies: [Reply] = [.data("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"), .data("paid"), .closeNotify]
        /// Bends the encoded records of the response.
        var edit: @Sendable ([[UInt8]]) -> [[UInt8]] = { $0 }
        /// Bends the encoded records of ChangeCipherSpec and Finished.
        var editFinished: @Sendable ([[UInt8]]) -> [[UInt8]] = { $0 }
        /// Signs both randoms and the key exchange parameters.
        var signature: @Sendable ([UInt8]) -> [UInt8] = ScriptedTLSServer.signature
    }

    /// The server's record keys, and what they come from.
    struct Keys {
        let premaster: [UInt8]
        let client: TLS12TrafficKey
        let server: TLS12TrafficKey
        let master: [UInt8]
        let sessionHash: [UInt8]
    }

    private enum State {
        case hello, keyExchange, finished, request, done
    }

    let script: Script
    private let secret: P256Scalar
    private let random: [UInt8]
    private var state = State.hello
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var messages: [UInt8] = []
    private var clientRandom: [UInt8] = []
    private var clientSequence: UInt64 = 0
    private var serverSequence: UInt64 = 0

    /// Bytes that the client sent so far.
    private(set) var receivedByteCount = 0
    /// The request in the clear, once it has arrived and authenticates.
    private(set) var request: [UInt8]?
    /// Whether the client's Finished was right.
    private(set) var clientWasFinished = false
    private(set) var keys: Keys?

    init(_ script: Script = Script(), seed: UInt64 = 7) throws {
        self.script = script
        var random = BlockPRG(seed: Block(seed, 1))
        secret = P256Scalar.random(from: &random)
        self.random = random.bytes(32)
    }

    /// The scripted server's signature, which stands for one that a certificate vouches for.
    static let signature: @Sendable ([UInt8]) -> [UInt8] = { parameters in
        HMACSHA256.authenticate(key: Array("the scripted server".utf8), message: parameters)
    }

    /// What stands for the check of chain and signature.
    static func verify(_ flight: ServerFlight) throws {
        guard flight.keyExchange.signature == signature(flight.signedParameters) else {
            throw MPCTLSError.serverFailure("the key exchange is not signed by the server")
        }
    }

    func write(_ bytes: [UInt8]) throws {
        receivedByteCount += bytes.count
        input += bytes
        while input.count >= 5 {
            let end = 5 + (Int(input[3]) << 8 | Int(input[4]))
            guard input.count >= end else { return }
            let type = input[0]
            let fragment = Array(input[5..<end])
            input.removeFirst(end)
            try accept(type, fragment)
        }
    }

    func read() throws -> [UInt8] {
        defer { output = [] }
        return output
    }

    func close() {}

    private func accept(_ type: UInt8, _ fragment: [UInt8]) throws {
        switch (state, type) {
        case (.hello, 22):
            messages = fragment
            clientRandom = Array(fragment[6..<38])
            output += try flight()
            state = .keyExchange
        case (.keyExchange, 22):
            messages += fragment
            try deriveKeys(clientPoint: script.clientPoint ?? Array(fragment[5...]))
            state = .finished
        case (.finished, 20):
            break
        case (.finished, 22):
            try finish(fragment)
        case (.request, 23):
            try answer(fragment)
        default:
            state = .done
        }
    }

    private func flight() throws -> [UInt8] {
        let encodedExtensions = script.extensions.flatMap { Self.bigEndian($0.type) + Self.vector16($0.data) }
        let hello =
            Self.bigEndian(script.version) + random + [0] + Self.bigEndian(0xc02f) + [0]
            + Self.vector16(encodedExtensions)
        let point = try P256Point.generatorMultiple(secret).uncompressed
        let parameters: [UInt8] = [3, 0, 23, UInt8(point.count)] + point
        let signature = script.signature(clientRandom + random + parameters)
        let keyExchange = parameters + Self.bigEndian(0x0804) + Self.vector16(signature)
        let certificates: [UInt8] = [0, 0, 6, 0, 0, 3, 0x30, 1, 2]
        let all = [(2, hello), (11, certificates), (12, keyExchange), (14, [])].flatMap { Self.message($0.0, $0.1) }
        messages += all
        return Self.record(22, all)
    }

    private func deriveKeys(clientPoint: [UInt8]) throws {
        let premaster = try premaster(clientPoint: clientPoint)
        let hash = SHA256.hash(messages)
        let master = TLS12KeySchedule.masterSecret(premasterSecret: premaster, sessionHash: hash)
        let keys = TLS12KeySchedule.trafficKeys(
            masterSecret: master,
            clientRandom: clientRandom,
            serverRandom: random
        )
        self.keys = Keys(
            premaster: premaster,
            client: keys.client,
            server: keys.server,
            master: master,
            sessionHash: hash
        )
    }

    /// What the server computes from a client's key.
    func premaster(clientPoint: [UInt8]) throws -> [UInt8] {
        try P256Point(uncompressed: clientPoint).multiplied(by: secret).x
    }

    private func finish(_ fragment: [UInt8]) throws {
        guard let keys else { return }
        let verifyData = TLS12KeySchedule.verifyData(
            masterSecret: keys.master,
            label: .clientFinished,
            transcriptHash: keys.sessionHash
        )
        let expected = HandshakeMessage(type: .finished, body: verifyData).encoded
        clientWasFinished = open(.handshake, fragment) == expected
        guard clientWasFinished || !script.checksClient else {
            output += Self.record(21, [2, 51])
            state = .done
            return
        }
        let own = TLS12KeySchedule.verifyData(
            masterSecret: keys.master,
            label: .serverFinished,
            transcriptHash: SHA256.hash(messages + expected)
        )
        let finished = Reply(type: .handshake, plaintext: HandshakeMessage(type: .finished, body: own).encoded)
        output += script.editFinished([Self.record(20, [1]), try seal(finished)]).flatMap { $0 }
        state = .request
    }

    private func answer(_ fragment: [UInt8]) throws {
        state = .done
        request = open(.applicationData, fragment)
        guard request != nil || !script.checksClient else {
            output += try seal(Reply(type: .alert, plaintext: [2, 20]))
            return
        }
        output += script.edit(try script.replies.map(seal)).flatMap { $0 }
    }

    private func open(_ type: TLSContentType, _ fragment: [UInt8]) -> [UInt8]? {
        defer { clientSequence += 1 }
        guard let keys, let parts = try? GCMFragment(decoding: fragment) else { return nil }
        return try? AES128GCM.open(
            key: keys.client.key.bytes,
            nonce: parts.nonce(salt: keys.client.salt),
            aad: GCMFragment.additionalData(
                sequenceNumber: clientSequence,
                type: type,
                plaintextByteCount: parts.ciphertext.count
            ),
            sealed: parts.ciphertext + parts.tag
        )
    }

    /// The next record of the server's direction; also for tests that forge one.
    func seal(_ reply: Reply) throws -> [UInt8] {
        defer { serverSequence += 1 }
        return Self.record(reply.type.rawValue, try fragment(reply, sequence: serverSequence))
    }

    /// The fragment that the server would send as its record `sequence`.
    func fragment(_ reply: Reply, sequence: UInt64) throws -> [UInt8] {
        guard let keys else { return [] }
        let nonce = GCMFragment.explicitNonce(sequenceNumber: reply.nonce ?? sequence)
        let sealed = try AES128GCM.seal(
            key: keys.server.key.bytes,
            nonce: keys.server.salt + nonce,
            aad: GCMFragment.additionalData(
                sequenceNumber: sequence,
                type: reply.type,
                plaintextByteCount: reply.plaintext.count
            ),
            plaintext: reply.plaintext
        )
        return nonce + sealed
    }

    static func bigEndian(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

    static func vector16(_ bytes: [UInt8]) -> [UInt8] { bigEndian(UInt16(bytes.count)) + bytes }

    static func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type, 0] + vector16(body) }

    static func record(_ type: UInt8, _ fragment: [UInt8]) -> [UInt8] { [type, 3, 3] + vector16(fragment) }
}
