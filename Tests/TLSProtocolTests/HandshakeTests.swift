import CryptoCore
import TLSProtocol
import Testing

/// A client and a scripted server that share a finished handshake.
private struct Connection {
    var client: TLS12ClientHandshake
    var server: ScriptedProtection

    /// Runs the handshake up to the client's Finished.
    init(_ script: ScriptedServer = ScriptedServer(), recordCountMax: Int = 1 << 16) throws {
        client = try TLS12ClientHandshake(
            configuration: TLS12ClientConfiguration(
                serverName: ServerName("a.test"),
                serverRecordCountMax: recordCountMax
            ),
            clientRandom: [UInt8](repeating: 3, count: 32)
        )
        _ = try client.start()
        var bytes = ArraySlice(script.flight)
        _ = try client.nextEvent(from: &bytes)
        _ = try client.sendKeyExchange(clientPoint: ScriptedServer().point)
        server = try script.protection(for: #require(client.transcript))
        _ = try client.sendFinished(fragment: [UInt8](repeating: 0, count: 40))
    }

    mutating func receive(_ bytes: [UInt8]) throws -> [TLS12ClientHandshake.Event] {
        var rest = ArraySlice(bytes)
        var events: [TLS12ClientHandshake.Event] = []
        while let event = try client.nextEvent(from: &rest) { events.append(event) }
        return events
    }

    mutating func connect() throws {
        _ = try receive(server.finish())
    }
}

@Suite("The client machine after the server's flight")
struct HandshakeTests {
    @Test("ClientKeyExchange, ChangeCipherSpec and Finished are framed as the RFC says")
    func clientBytes() throws {
        let script = ScriptedServer()
        var client = try TLS12ClientHandshake(
            configuration: TLS12ClientConfiguration(serverName: ServerName("a.test")),
            clientRandom: [UInt8](repeating: 3, count: 32)
        )
        #expect(client.plaintextAlert(.closeNotify) == nil)
        let hello = try client.start()
        #expect(hello == record(22, client.clientHello.message.encoded, version: 0x0301))
        #expect(client.plaintextAlert(TLSAlert(.fatal, .userCanceled)) == record(21, [2, 90]))
        var bytes = ArraySlice(script.flight)
        _ = try client.nextEvent(from: &bytes)
        let keyExchange = try client.sendKeyExchange(clientPoint: script.point)
        #expect(keyExchange == record(22, message(16, [65] + script.point)))
        let transcript = try #require(client.transcript)
        let all = client.clientHello.message.encoded + script.messages.flatMap { $0 } + keyExchange.dropFirst(5)
        #expect(transcript.messages == all)
        #expect(transcript.sessionHash == SHA256.hash(all))
        let fragment = [UInt8](repeating: 5, count: 40)
        #expect(try client.sendFinished(fragment: fragment) == record(20, [1]) + record(22, fragment))
        #expect(client.plaintextAlert(.closeNotify) == nil)
    }

    @Test("a request for a certificate is answered with an empty one, which enters the session hash")
    func certificateRequest() throws {
        var script = ScriptedServer()
        script.request = [1, 1, 0, 2, 4, 1, 0, 5, 0, 3, 1, 2, 3]
        var client = try TLS12ClientHandshake(
            configuration: TLS12ClientConfiguration(serverName: ServerName("a.test")),
            clientRandom: [UInt8](repeating: 3, count: 32)
        )
        _ = try client.start()
        var bytes = ArraySlice(script.flight)
        _ = try client.nextEvent(from: &bytes)
        let answer = try client.sendKeyExchange(clientPoint: script.point)
        #expect(answer == record(22, message(11, [0, 0, 0]) + message(16, [65] + script.point)))
        let transcript = try #require(client.transcript)
        #expect(transcript.sessionHash == SHA256.hash(transcript.messages))
        #expect(transcript.messages.suffix(77) == ArraySlice(answer.dropFirst(5)))
    }

    @Test("after the server's Finished, records pass in both directions as they are")
    func connected() throws {
        var connection = try Connection()
        #expect(!connection.client.isConnected)
        let finish = try connection.server.finish()
        #expect(try connection.receive(finish) == [.serverFinished(fragment: Array(finish.suffix(40)))])
        #expect(connection.client.isConnected)
        let data = try connection.server.record(.applicationData, Array("hello".utf8))
        let alert = try connection.server.record(.alert, [1, 0])
        #expect(
            try connection.receive(data + alert) == [
                .record(.applicationData, fragment: Array(data.dropFirst(5))),
                .record(.alert, fragment: Array(alert.dropFirst(5))),
            ]
        )
        let fragment = [UInt8](repeating: 1, count: 30)
        #expect(try connection.client.record(.applicationData, fragment) == record(23, fragment))
        #expect(throws: Never.self) { try connection.client.receiveEnd() }
    }

    @Test("a HelloRequest or any other protected handshake message is refused")
    func renegotiation() throws {
        var connection = try Connection()
        try connection.connect()
        let request = try connection.server.record(.handshake, message(0, []))
        #expect(throws: TLSError.renegotiationRefused) { try connection.receive(request) }
        #expect(TLSError.renegotiationRefused.alert == TLSAlert(.fatal, .noRenegotiation))
        #expect(throws: TLSError.alreadyFailed) { try connection.receive([]) }
        // The alert that says so may still go out, protected.
        #expect(throws: Never.self) { try connection.client.record(.alert, [UInt8](repeating: 0, count: 26)) }
        #expect(throws: TLSError.misuse("this record cannot be sent now")) {
            try connection.client.record(.applicationData, [UInt8](repeating: 0, count: 26))
        }
    }

    @Test("ChangeCipherSpec has one place")
    func changeCipherSpec() throws {
        var twice = try Connection()
        #expect(throws: TLSError.unexpected(.changeCipherSpec)) { try twice.receive(record(20, [1]) + record(20, [1])) }
        var late = try Connection()
        try late.connect()
        #expect(throws: TLSError.unexpected(.changeCipherSpec)) { try late.receive(record(20, [1])) }
        var odd = try Connection()
        #expect(throws: TLSError.malformed(.changeCipherSpec)) { try odd.receive(record(20, [2])) }
        var long = try Connection()
        #expect(throws: TLSError.malformed(.changeCipherSpec)) { try long.receive(record(20, [1, 1])) }
        // Before the client's Finished: CVE-2014-0224.
        var early = try TLS12ClientHandshake(
            configuration: TLS12ClientConfiguration(serverName: ServerName("a.test")),
            clientRandom: [UInt8](repeating: 3, count: 32)
        )
        _ = try early.start()
        var bytes = ArraySlice(ScriptedServer().flight + record(20, [1]))
        _ = try early.nextEvent(from: &bytes)
        #expect(throws: TLSError.unexpected(.changeCipherSpec)) { try early.nextEvent(from: &bytes) }
    }

    @Test("what stands in the place of the server's Finished is refused")
    func finishedReplaced() throws {
        let cases: [(TLSError, [UInt8])] = [
            (.unexpected(.newSessionTicket), record(22, message(4, [0, 0, 0, 0, 0, 0]))),
            (.unexpected(.helloRequest), record(22, message(0, []))),
            (.unexpected(.finished), record(22, message(20, [UInt8](repeating: 0, count: 12)))),
            (.unexpected(.applicationData), record(23, [UInt8](repeating: 0, count: 30))),
            (.unexpected(.applicationData), record(20, [1]) + record(23, [UInt8](repeating: 0, count: 30))),
            (.unexpected(.alert), record(20, [1]) + record(21, [UInt8](repeating: 0, count: 26))),
            (.malformed(.finished), record(20, [1]) + record(22, [UInt8](repeating: 0, count: 41))),
            (.malformed(.record), record(20, [1]) + record(22, message(20, [UInt8](repeating: 0, count: 12)))),
            (.alertReceived(TLSAlert(.fatal, .decryptError)), record(21, [2, 51])),
        ]
        for (error, bytes) in cases {
            var connection = try Connection()
            #expect(throws: error) { try connection.receive(bytes) }
        }
    }

    @Test("an explicit nonce is accepted once, Finished included, and records have a limit")
    func nonces() throws {
        var connection = try Connection()
        try connection.connect()
        let data = try connection.server.record(.applicationData, [1])
        #expect(try connection.receive(data).count == 1)
        #expect(throws: TLSError.nonceReused(1)) { try connection.receive(data) }
        var repeated = try Connection()
        try repeated.connect()
        #expect(throws: TLSError.nonceReused(0)) { try repeated.receive(record(23, [UInt8](repeating: 0, count: 25))) }
        var few = try Connection(recordCountMax: 2)
        try few.connect()
        #expect(try few.receive(few.server.record(.applicationData, [1])).count == 1)
        #expect(throws: TLSError.tooLarge(.record, limit: 2)) {
            try few.receive(few.server.record(.applicationData, [1]))
        }
    }

    @Test("protected records are bounded by what GCM can make of 2^14 bytes")
    func protectedLimits() throws {
        var honest = try Connection()
        try honest.connect()
        let longest = try honest.server.record(.applicationData, [UInt8](repeating: 0, count: 1 << 14))
        #expect(try honest.receive(longest).count == 1)
        let oneMore = record(23, [1, 1, 1, 1, 1, 1, 1, 1] + [UInt8](repeating: 0, count: (1 << 14) + 17))
        #expect(throws: TLSError.recordOverflow(byteCount: (1 << 14) + 25, limit: (1 << 14) + 24)) {
            try honest.receive(oneMore)
        }
        var short = try Connection()
        try short.connect()
        #expect(throws: TLSError.malformed(.record)) { try short.receive(record(23, [UInt8](repeating: 0, count: 23))) }
    }

    @Test("a close inside the handshake or a record is a truncation")
    func truncation() throws {
        var early = try Connection()
        #expect(throws: TLSError.truncated) { try early.client.receiveEnd() }
        var inside = try Connection()
        try inside.connect()
        _ = try inside.receive([23, 3])
        #expect(throws: TLSError.truncated) { try inside.client.receiveEnd() }
        #expect(throws: TLSError.alreadyFailed) { try inside.client.receiveEnd() }
    }

    @Test("calls out of order are the caller's mistake and end the client")
    func misuse() throws {
        let configuration = TLS12ClientConfiguration(serverName: try ServerName("a.test"))
        let random = [UInt8](repeating: 3, count: 32)
        var early = try TLS12ClientHandshake(configuration: configuration, clientRandom: random)
        #expect(throws: TLSError.misuse("there is no server flight to answer")) {
            try early.sendKeyExchange(clientPoint: ScriptedServer().point)
        }
        #expect(throws: TLSError.alreadyFailed) { try early.start() }
        var twice = try TLS12ClientHandshake(configuration: configuration, clientRandom: random)
        _ = try twice.start()
        #expect(throws: TLSError.self) { try twice.start() }
        var connection = try Connection()
        #expect(throws: TLSError.misuse("Finished follows ClientKeyExchange")) {
            try connection.client.sendFinished(fragment: [UInt8](repeating: 0, count: 40))
        }
        #expect(TLSError.misuse("").blame == .caller)
        let unfinished = try Connection()
        #expect(throws: TLSError.misuse("this record cannot be sent now")) {
            try unfinished.client.record(.applicationData, [UInt8](repeating: 0, count: 30))
        }
    }

    @Test("a client point off the curve never leaves")
    func badClientPoint() throws {
        var client = try TLS12ClientHandshake(
            configuration: TLS12ClientConfiguration(serverName: ServerName("a.test")),
            clientRandom: [UInt8](repeating: 3, count: 32)
        )
        _ = try client.start()
        var bytes = ArraySlice(ScriptedServer().flight)
        _ = try client.nextEvent(from: &bytes)
        var point = ScriptedServer().point
        point[40] ^= 1
        #expect(throws: TLSError.self) { try client.sendKeyExchange(clientPoint: point) }
        #expect(client.transcript == nil)
    }
}
