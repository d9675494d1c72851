internal import CryptoCore
package import TLSProtocol
package import WireFormat

/// What the notary is told of the TLS handshake, before any key exists.
package enum HandshakeDisclosure: Equatable, Sendable {
    /// Every handshake message up to ClientKeyExchange: the notary checks chain, host name and signature itself.
    case revealed(HandshakeTranscript)
    /// Only what the computation needs, and a commitment to the rest that the prover can open to a relying party.
    case committed(CommittedHandshake)

    /// The client's ephemeral key T_P + T_V, 65 bytes.
    package var clientPoint: [UInt8] {
        switch self {
        case .revealed(let transcript): transcript.clientPoint
        case .committed(let handshake): handshake.clientPoint
        }
    }

    /// The server's ephemeral key, 65 bytes.
    package var serverPoint: [UInt8] {
        switch self {
        case .revealed(let transcript): transcript.serverFlight.serverPoint
        case .committed(let handshake): handshake.serverPoint
        }
    }

    /// The client's random, 32 bytes.
    package var clientRandom: [UInt8] {
        switch self {
        case .revealed(let transcript): transcript.clientHello.random
        case .committed(let handshake): handshake.clientRandom
        }
    }

    /// The server's random, 32 bytes.
    package var serverRandom: [UInt8] {
        switch self {
        case .revealed(let transcript): transcript.serverFlight.serverRandom
        case .committed(let handshake): handshake.serverRandom
        }
    }

    /// The cipher suite.
    package var suite: CipherSuite {
        switch self {
        case .revealed(let transcript): transcript.serverFlight.suite
        case .committed(let handshake): handshake.suite
        }
    }

    /// SHA-256 over the handshake up to ClientKeyExchange (RFC 7627 §3).
    package var sessionHash: [UInt8] {
        switch self {
        case .revealed(let transcript): transcript.sessionHash
        case .committed(let handshake): handshake.sessionHash
        }
    }
}

/// The part of a handshake that a notary sees when the server's identity stays hidden.
package struct CommittedHandshake: Equatable, Sendable, WireCodable {
    /// Bytes of the encoding.
    static let byteCount = 65 + 65 + 32 + 32 + 2 + 32 + 32

    /// Ephemeral keys, 65 bytes each.
    package let clientPoint: [UInt8]
    package let serverPoint: [UInt8]
    /// Randoms, 32 bytes each.
    package let clientRandom: [UInt8]
    package let serverRandom: [UInt8]
    /// The suite, as the prover says; the opened handshake shows it.
    package let suite: CipherSuite
    /// The session hash, as the prover says; a wrong one gives keys under which no record verifies.
    package let sessionHash: [UInt8]
    /// ``commitment(transcript:blinder:)``.
    package let commitment: [UInt8]

    /// The hidden form of `transcript`.
    package init(_ transcript: HandshakeTranscript, blinder: [UInt8]) {
        clientPoint = transcript.clientPoint
        serverPoint = transcript.serverFlight.serverPoint
        clientRandom = transcript.clientHello.random
        serverRandom = transcript.serverFlight.serverRandom
        suite = transcript.serverFlight.suite
        sessionHash = transcript.sessionHash
        commitment = Self.commitment(transcript: transcript, blinder: blinder)
    }

    /// SHA-256 of a domain, the 32-byte blinder and ``HandshakeTranscript/encoded``: hiding and binding, and the
    /// transcript's ClientHello contains the server's name.
    package static func commitment(transcript: HandshakeTranscript, blinder: [UInt8]) -> [UInt8] {
        SHA256.hash(Array("tabellion handshake commitment v1".utf8) + blinder + transcript.encoded)
    }

    package func encode(into writer: inout WireWriter) {
        writer.fixed(clientPoint)
        writer.fixed(serverPoint)
        writer.fixed(clientRandom)
        writer.fixed(serverRandom)
        writer.uint16(suite.rawValue)
        writer.fixed(sessionHash)
        writer.fixed(commitment)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        clientPoint = try reader.fixed(65)
        serverPoint = try reader.fixed(65)
        clientRandom = try reader.fixed(32)
        serverRandom = try reader.fixed(32)
        guard let suite = CipherSuite(rawValue: try reader.uint16()) else { throw .invalid("cipher suite") }
        self.suite = suite
        sessionHash = try reader.fixed(32)
        commitment = try reader.fixed(32)
    }
}

/// The prover's first message once the server has answered: the handshake, and the masked coordinates of its point.
struct KeyExchangeMessage: WireCodable {
    static let byteCountMax = HandshakeTranscript.byteCountMax + 128

    let handshake: HandshakeDisclosure
    /// x_P − b₁ and y_P − b₂, 64 bytes.
    let differences: [UInt8]

    init(handshake: HandshakeDisclosure, differences: [UInt8]) {
        self.handshake = handshake
        self.differences = differences
    }

    func encode(into writer: inout WireWriter) {
        switch handshake {
        case .revealed(let transcript):
            writer.uint8(0)
            writer.variable(transcript.encoded)
        case .committed(let handshake):
            writer.uint8(1)
            handshake.encode(into: &writer)
        }
        writer.fixed(differences)
    }

    init(from reader: inout WireReader) throws(WireError) {
        switch try reader.uint8() {
        case 0:
            let encoded = try reader.variable(limit: HandshakeTranscript.byteCountMax)
            do {
                handshake = .revealed(try HandshakeTranscript(decoding: encoded))
            } catch {
                throw .invalid("handshake: \(error)")
            }
        case 1: handshake = .committed(try CommittedHandshake(from: &reader))
        default: throw .invalid("handshake disclosure")
        }
        differences = try reader.fixed(64)
    }
}

/// The prover's last message before the opening: everything that was on the wire, in both directions.
struct CloseMessage: WireCodable {
    let finishedTag: [UInt8]
    let requestTag: [UInt8]
    /// The hash that the server's Finished covers; the notary computes it itself when it saw the handshake.
    let serverFinishedHash: [UInt8]
    let serverFinished: ProtectedRecord
    let serverRecords: [ProtectedRecord]

    /// The longest encoding for a response within `parameters`, counting what small records may add.
    static func byteCountMax(_ parameters: SessionParameters) -> Int {
        256 + parameters.maxReceived + 32 * (parameters.recordCountMax + 2)
    }

    init(
        finishedTag: [UInt8],
        requestTag: [UInt8],
        serverFinishedHash: [UInt8],
        serverFinished: ProtectedRecord,
        serverRecords: [ProtectedRecord]
    ) {
        self.finishedTag = finishedTag
        self.requestTag = requestTag
        self.serverFinishedHash = serverFinishedHash
        self.serverFinished = serverFinished
        self.serverRecords = serverRecords
    }

    func encode(into writer: inout WireWriter) {
        writer.fixed(finishedTag)
        writer.fixed(requestTag)
        writer.fixed(serverFinishedHash)
        serverFinished.encode(into: &writer)
        writer.count(serverRecords.count)
        for record in serverRecords { record.encode(into: &writer) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        finishedTag = try reader.fixed(16)
        requestTag = try reader.fixed(16)
        serverFinishedHash = try reader.fixed(32)
        serverFinished = try ProtectedRecord(from: &reader)
        let count = try reader.count(limit: ProtectedRecord.countMax, bytesEach: 5 + ProtectedRecord.overhead)
        var records: [ProtectedRecord] = []
        for _ in 0..<count { records.append(try ProtectedRecord(from: &reader)) }
        serverRecords = records
    }
}
