import CryptoCore
import TLSProtocol
import Testing

/// A client with local keys and a scripted server that has the keys too.
private struct Pair {
    var client: LocalTLS12Client
    var server: ScriptedProtection
    let clientFinished: [UInt8]

    init(_ script: ScriptedServer = ScriptedServer()) throws {
        var random = BlockPRG(seed: Block(1, 2))
        client = try LocalTLS12Client(
            configuration: TLS12ClientConfiguration(serverName: ServerName("a.test")),
            random: &random
        )
        let hello = try ClientHello(decoding: Array(client.takeOutput().dropFirst(5)))
        var bytes = ArraySlice(script.flight)
        let event = try client.nextEvent(from: &bytes)
        let flight = try ServerFlight(decoding: script.messages.flatMap { $0 }, answering: hello)
        #expect(event == .serverFlight(flight))
        try client.acceptServer()
        let answer = client.takeOutput()
        // Record and message headers and the length of the point stand before the 65 bytes.
        let point = Array(answer[10..<75])
        let transcript = try HandshakeTranscript(clientHello: hello, serverFlight: flight, clientPoint: point)
        server = try script.protection(for: transcript)
        clientFinished = Array(answer.suffix(40))
    }

    mutating func receive(_ bytes: [UInt8]) throws -> [LocalTLS12Client.Event] {
        var rest = ArraySlice(bytes)
        var events: [LocalTLS12Client.Event] = []
        while let event = try client.nextEvent(from: &rest) { events.append(event) }
        return events
    }
}

@Suite("The client with local keys")
struct LocalTLS12ClientTests {
    @Test("it speaks to a server that derived the keys on its own")
    func conversation() throws {
        var pair = try Pair()
        let finished = try pair.server.opener.open(.handshake, pair.clientFinished)
        #expect(finished == message(20, pair.server.clientVerifyData))
        #expect(throws: TLSError.misuse("application data needs a connection")) { try pair.client.send([1]) }
        #expect(try pair.receive(pair.server.finish()) == [.connected])
        try pair.client.send([UInt8](repeating: 4, count: 20_000))
        let sent = pair.client.takeOutput()
        #expect(sent.count == 20_000 + 2 * (5 + 24))
        let first = try pair.server.opener.open(.applicationData, Array(sent[5..<(5 + 24 + (1 << 14))]))
        #expect(first.count == 1 << 14)
        let answer =
            try pair.server.record(.applicationData, Array("yes".utf8))
            + pair.server.record(.applicationData, []) + pair.server.record(.alert, [1, 0])
        #expect(try pair.receive(answer) == [.applicationData(Array("yes".utf8)), .closed])
        #expect(throws: Never.self) { try pair.client.receiveEnd() }
        // close_notify is answered in kind, after the second of the two data records.
        _ = try pair.server.opener.open(.applicationData, Array(sent.suffix(20_000 - (1 << 14) + 24)))
        let goodbye = pair.client.takeOutput()
        #expect(try pair.server.opener.open(.alert, Array(goodbye.dropFirst(5))) == TLSAlert.closeNotify.encoded)
        #expect(try pair.receive(record(23, [1])).isEmpty)
        #expect(throws: TLSError.self) { try pair.client.send([1]) }
    }

    @Test("after its own close_notify the client sends nothing and still receives")
    func closing() throws {
        var pair = try Pair()
        #expect(throws: TLSError.misuse("there is no connection to close")) { try pair.client.close() }
        _ = try pair.receive(pair.server.finish())
        try pair.client.close()
        #expect(pair.client.takeOutput().count == 31)
        #expect(throws: TLSError.self) { try pair.client.send([1]) }
        #expect(try pair.receive(pair.server.record(.applicationData, [7])) == [.applicationData([7])])
        #expect(try pair.receive(pair.server.record(.alert, [1, 0])) == [.closed])
        #expect(pair.client.takeOutput().isEmpty)
    }

    @Test("a wrong server Finished, a wrong tag and a close without notice are refused")
    func cheating() throws {
        var wrong = try Pair()
        let finish = try wrong.server.finish(verifyData: [UInt8](repeating: 0, count: 12))
        #expect(throws: TLSError.wrongServerFinished) { try wrong.receive(finish) }
        // The alert goes out protected: 5 bytes of header, 24 of protection, 2 of alert.
        #expect(wrong.client.takeOutput().count == 31)

        var unauthentic = try Pair()
        var bytes = try unauthentic.server.finish()
        bytes[bytes.count - 1] ^= 1
        #expect(throws: TLSError.badRecordMAC) { try unauthentic.receive(bytes) }

        var cut = try Pair()
        _ = try cut.receive(cut.server.finish() + cut.server.record(.applicationData, [1]))
        #expect(throws: TLSError.truncated) { try cut.client.receiveEnd() }
        #expect(throws: TLSError.alreadyFailed) { try cut.client.receiveEnd() }
        #expect(throws: TLSError.alreadyFailed) { try cut.receive([23]) }

        var aborted = try Pair()
        _ = try aborted.receive(aborted.server.finish())
        let alert = try aborted.server.record(.alert, [2, 80])
        #expect(throws: TLSError.alertReceived(TLSAlert(.fatal, .internalError))) { try aborted.receive(alert) }
    }

    @Test("a server that hashed another handshake has other keys")
    func otherHandshake() throws {
        var script = ScriptedServer()
        var pair = try Pair(script)
        script.signature = [8, 8, 8]
        var random = BlockPRG(seed: Block(1, 2))
        let hello = try ClientHello(random: random.bytes(32), serverName: ServerName("a.test"))
        let flight = try ServerFlight(decoding: ScriptedServer().messages.flatMap { $0 }, answering: hello)
        let transcript = try HandshakeTranscript(
            clientHello: hello,
            serverFlight: flight,
            clientPoint: ScriptedServer().point
        )
        var other = try script.protection(for: transcript)
        #expect(throws: TLSError.badRecordMAC) { try pair.receive(other.finish()) }
    }

    @Test("an error before the keys exist is answered in the clear")
    func plaintextAlert() throws {
        var random = BlockPRG(seed: Block(1, 2))
        var client = try LocalTLS12Client(
            configuration: TLS12ClientConfiguration(serverName: ServerName("a.test")),
            random: &random
        )
        _ = client.takeOutput()
        #expect(throws: TLSError.misuse("there is no server flight to accept")) { try client.acceptServer() }
        var script = ScriptedServer()
        script.version = 0x0301
        var bytes = ArraySlice(script.flight)
        #expect(throws: TLSError.unsupportedVersion(0x0301)) { try client.nextEvent(from: &bytes) }
        #expect(client.takeOutput() == record(21, [2, 70]))
    }

    @Test("refusing the server's identity ends the connection with the alert given")
    func refusedIdentity() throws {
        var random = BlockPRG(seed: Block(1, 2))
        var client = try LocalTLS12Client(
            configuration: TLS12ClientConfiguration(serverName: ServerName("a.test")),
            random: &random
        )
        _ = client.takeOutput()
        var bytes = ArraySlice(ScriptedServer().flight)
        _ = try client.nextEvent(from: &bytes)
        client.abort(TLSAlert(.fatal, .unknownCA))
        #expect(client.takeOutput() == record(21, [2, 48]))
        #expect(throws: TLSError.self) { try client.acceptServer() }
    }
}
