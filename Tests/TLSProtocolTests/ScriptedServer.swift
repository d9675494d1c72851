import CryptoCore
import TLSProtocol
import Testing

/// A server made of fields that a test may bend: it encodes them without any check.
struct ScriptedServer {
    static let key = try? P256Scalar(bytes: [UInt8](repeating: 0, count: 31) + [7])

    var version: UInt16 = 0x0303
    var random = (0..<32).map { UInt8($0) }
    var sessionID: [UInt8] = []
    var suite: UInt16 = 0xc02f
    var compression: UInt8 = 0
    var extensions: [(type: UInt16, data: [UInt8])] = [
        (0xff01, [0]), (0, []), (11, [1, 0]), (23, []), (16, [0, 9, 8] + Array("http/1.1".utf8)),
    ]
    var chain: [[UInt8]] = [[0x30, 1, 2], [0x30, 3]]
    var curveType: UInt8 = 3
    var group: UInt16 = 23
    var point = ScriptedServer.key.flatMap { try? P256Point.generatorMultiple($0).uncompressed } ?? []
    var scheme: UInt16 = 0x0804
    var signature: [UInt8] = [9, 9, 9]
    /// The body of a CertificateRequest, if one is sent.
    var request: [UInt8]?
    var done: [UInt8] = []

    var helloBody: [UInt8] {
        let encoded = extensions.flatMap { bigEndian($0.type) + vector16($0.data) }
        return bigEndian(version) + random + [UInt8(sessionID.count)] + sessionID + bigEndian(suite) + [compression]
            + vector16(encoded)
    }

    var certificateBody: [UInt8] { vector24(chain.flatMap { vector24($0) }) }

    var keyExchangeBody: [UInt8] {
        [curveType] + bigEndian(group) + [UInt8(point.count)] + point + bigEndian(scheme) + vector16(signature)
    }

    /// The handshake messages of the flight, each with its header.
    var messages: [[UInt8]] {
        [message(2, helloBody), message(11, certificateBody), message(12, keyExchangeBody)]
            + (request.map { [message(13, $0)] } ?? []) + [message(14, done)]
    }

    /// The flight as one record a message.
    var flight: [UInt8] { messages.flatMap { record(22, $0) } }

    /// The server's real keys for a handshake with this client.
    ///
    /// - Parameter transcript: the handshake as the client knows it.
    func protection(for transcript: HandshakeTranscript) throws -> ScriptedProtection {
        let key = try #require(Self.key)
        let shared = try P256Point(uncompressed: transcript.clientPoint).multiplied(by: key)
        // The server hashes what it sent and received, not what the client says that it saw.
        let hash = SHA256.hash(
            transcript.clientHello.message.encoded + messages.flatMap { $0 } + transcript.clientFlight
        )
        return ScriptedProtection(premasterSecret: shared.x, sessionHash: hash, transcript: transcript, server: self)
    }
}

/// The server's keys of one connection.
struct ScriptedProtection {
    var sealer: GCMRecordSealer
    var opener: GCMRecordOpener
    let clientVerifyData: [UInt8]
    let serverVerifyData: [UInt8]

    init(premasterSecret: [UInt8], sessionHash: [UInt8], transcript: HandshakeTranscript, server: ScriptedServer) {
        let master = TLS12KeySchedule.masterSecret(premasterSecret: premasterSecret, sessionHash: sessionHash)
        let keys = TLS12KeySchedule.trafficKeys(
            masterSecret: master,
            clientRandom: transcript.clientHello.random,
            serverRandom: server.random
        )
        sealer = GCMRecordSealer(key: keys.server)
        opener = GCMRecordOpener(key: keys.client)
        clientVerifyData = TLS12KeySchedule.verifyData(
            masterSecret: master,
            label: .clientFinished,
            transcriptHash: sessionHash
        )
        serverVerifyData = TLS12KeySchedule.verifyData(
            masterSecret: master,
            label: .serverFinished,
            transcriptHash: transcript.serverFinishedHash(clientVerifyData: clientVerifyData)
        )
    }

    /// The bytes of a protected record.
    mutating func record(_ type: TLSContentType, _ plaintext: [UInt8]) throws -> [UInt8] {
        TLSProtocolTests.record(type.rawValue, try sealer.seal(type, plaintext))
    }

    /// ChangeCipherSpec and Finished.
    mutating func finish(verifyData: [UInt8]? = nil) throws -> [UInt8] {
        try TLSProtocolTests.record(20, [1]) + record(.handshake, message(20, verifyData ?? serverVerifyData))
    }
}

func bigEndian(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

func vector16(_ bytes: [UInt8]) -> [UInt8] { bigEndian(UInt16(bytes.count)) + bytes }

func vector24(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8(bytes.count >> 16)] + bigEndian(UInt16(bytes.count & 0xffff)) + bytes
}

func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type] + vector24(body) }

func record(_ type: UInt8, _ fragment: [UInt8], version: UInt16 = 0x0303) -> [UInt8] {
    [type] + bigEndian(version) + vector16(fragment)
}

/// The bytes that hexadecimal text writes.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
