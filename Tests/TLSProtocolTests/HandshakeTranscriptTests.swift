import CryptoCore
import TLSProtocol
import Testing

@Suite("The handshake transcript")
struct HandshakeTranscriptTests {
    private func transcript(_ script: ScriptedServer = ScriptedServer()) throws -> HandshakeTranscript {
        let hello = try ClientHello(random: [UInt8](repeating: 3, count: 32), serverName: ServerName("a.test"))
        let flight = try ServerFlight(decoding: script.messages.flatMap { $0 }, answering: hello)
        return try HandshakeTranscript(clientHello: hello, serverFlight: flight, clientPoint: ScriptedServer().point)
    }

    @Test("a notary reads from the bytes what the prover saw")
    func roundTrip() throws {
        var requesting = ScriptedServer()
        requesting.request = [1, 64, 0, 2, 4, 3, 0, 0]
        for script in [ScriptedServer(), requesting] {
            let original = try transcript(script)
            let decoded = try HandshakeTranscript(decoding: original.encoded)
            #expect(decoded == original)
            #expect(decoded.sessionHash == SHA256.hash(decoded.messages))
            #expect(decoded.serverFlight.certificateChain == script.chain)
            #expect(decoded.clientHello.serverName == .dns("a.test"))
        }
    }

    @Test("no other bytes give the same session hash")
    func binding() throws {
        let original = try transcript()
        let bytes = original.encoded
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            guard let other = try? HandshakeTranscript(decoding: flipped) else { continue }
            #expect(other.sessionHash != original.sessionHash)
            #expect(other.encoded == flipped)
        }
    }

    @Test("truncated, longer and oversize encodings are refused")
    func malformed() throws {
        let bytes = try transcript().encoded
        for count in 0..<bytes.count {
            #expect(throws: TLSError.self) { try HandshakeTranscript(decoding: Array(bytes.prefix(count))) }
        }
        #expect(throws: TLSError.malformed(.transcript)) { try HandshakeTranscript(decoding: bytes + [0]) }
        let limit = HandshakeTranscript.byteCountMax
        #expect(throws: TLSError.tooLarge(.transcript, limit: limit)) {
            try HandshakeTranscript(decoding: [UInt8](repeating: 0, count: limit + 1))
        }
    }

    @Test("a flight that answers another offer does not fit")
    func foreignFlight() throws {
        let original = try transcript()
        let other = try ClientHello(random: [UInt8](repeating: 4, count: 32), serverName: ServerName("a.test"))
        #expect(throws: TLSError.misuse("the server's flight answers another ClientHello")) {
            try HandshakeTranscript(
                clientHello: other,
                serverFlight: original.serverFlight,
                clientPoint: original.clientPoint
            )
        }
    }

    @Test("the server's Finished covers the client's")
    func finishedHash() throws {
        let original = try transcript()
        let verifyData = (0..<12).map { UInt8($0) }
        #expect(
            original.serverFinishedHash(clientVerifyData: verifyData)
                == SHA256.hash(original.messages + message(20, verifyData))
        )
    }
}
