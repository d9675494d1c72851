import TLSProtocol
import Testing

@Suite("The server's flight")
struct ServerFlightTests {
    private func client() throws -> TLS12ClientHandshake {
        var client = try TLS12ClientHandshake(
            configuration: TLS12ClientConfiguration(serverName: ServerName("a.test")),
            clientRandom: [UInt8](repeating: 3, count: 32)
        )
        _ = try client.start()
        return client
    }

    private func check(_ flight: ServerFlight, from server: ScriptedServer) {
        #expect(flight.clientRandom == [UInt8](repeating: 3, count: 32))
        #expect(flight.serverRandom == server.random)
        #expect(flight.suite == .ecdheRSAWithAES128GCMSHA256)
        #expect(flight.serverPoint == server.point)
        #expect(flight.certificateChain == server.chain)
        #expect(flight.keyExchange.scheme == .rsaPSSSHA256)
        #expect(flight.keyExchange.signature == server.signature)
        #expect(flight.signedParameters == flight.clientRandom + server.random + [3, 0, 23, 65] + server.point)
        #expect(flight.rawMessages == server.messages.flatMap { $0 })
        #expect(flight.hello.selectsHTTP11)
    }

    @Test("a flight is read the same from one record, from many, and byte by byte")
    func fragmentations() throws {
        let server = ScriptedServer()
        let messages = server.messages.flatMap { $0 }
        let encodings = [
            server.flight, record(22, messages), messages.flatMap { record(22, [$0]) },
        ]
        for bytes in encodings {
            var whole = try client()
            var rest = ArraySlice(bytes)
            guard case .serverFlight(let flight) = try whole.nextEvent(from: &rest) else {
                Issue.record("no flight")
                continue
            }
            check(flight, from: server)
            var dripped = try client()
            var events: [TLS12ClientHandshake.Event] = []
            for byte in bytes {
                var one = ArraySlice([byte])
                while let event = try dripped.nextEvent(from: &one) { events.append(event) }
            }
            #expect(events == [.serverFlight(flight)])
        }
    }

    @Test("warnings about the name are overlooked, support of TLS 1.3 is noticed")
    func oddities() throws {
        var server = ScriptedServer()
        server.random = server.random.prefix(24) + Array("DOWNGRD".utf8) + [1]
        server.sessionID = [UInt8](repeating: 9, count: 32)
        var client = try client()
        var rest = ArraySlice(record(21, [1, 112], version: 0x0301) + server.flight)
        guard case .serverFlight(let flight) = try client.nextEvent(from: &rest) else {
            Issue.record("no flight")
            return
        }
        #expect(flight.hello.reportsTLS13Support)
        #expect(flight.hello.sessionID == server.sessionID)
    }

    @Test("every wrong flight is refused for its own reason", arguments: BadFlight.all)
    func refusals(bad: BadFlight) throws {
        var whole = try client()
        var rest = ArraySlice(bad.flight)
        #expect(throws: bad.error) {
            while try whole.nextEvent(from: &rest) != nil {}
        }
        #expect(throws: TLSError.alreadyFailed) { try whole.nextEvent(from: &rest) }
        #expect(bad.error.blame == .server)
        #expect(!bad.error.description.isEmpty)
        var dripped = try client()
        #expect(throws: bad.error) {
            for byte in bad.flight {
                var one = ArraySlice([byte])
                while try dripped.nextEvent(from: &one) != nil {}
            }
        }
    }

    @Test("extensions that were not offered may not be answered")
    func unoffered() throws {
        var client = try TLS12ClientHandshake(
            configuration: TLS12ClientConfiguration(serverName: ServerName("127.0.0.1"), offersHTTP11: false),
            clientRandom: [UInt8](repeating: 3, count: 32)
        )
        _ = try client.start()
        var rest = ArraySlice(ScriptedServer().flight)
        #expect(throws: TLSError.extensionNotOffered(0)) { try client.nextEvent(from: &rest) }
        var server = ScriptedServer()
        server.extensions.removeAll { $0.type == 0 }
        let offer = try ClientHello(random: [UInt8](repeating: 3, count: 32), serverName: nil, offersHTTP11: false)
        #expect(throws: TLSError.extensionNotOffered(16)) { try ServerHello(body: server.helloBody, answering: offer) }
    }

    @Test("a flight longer than the limit is refused")
    func oversizeFlight() throws {
        var server = ScriptedServer()
        server.chain = [[UInt8](repeating: 1, count: 65_000)]
        let certificate = server.messages[1]
        let offer = try client().clientHello
        #expect(throws: TLSError.tooLarge(.serverFlight, limit: 1 << 17)) {
            try ServerFlight(decoding: certificate + certificate + certificate, answering: offer)
        }
    }

    @Test("every truncation and every flipped bit is survived")
    func mutations() throws {
        let bytes = ScriptedServer().messages.flatMap { $0 }
        let offer = try client().clientHello
        for count in 0..<bytes.count {
            #expect(throws: TLSError.self) { try ServerFlight(decoding: Array(bytes.prefix(count)), answering: offer) }
        }
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            guard let flight = try? ServerFlight(decoding: flipped, answering: offer) else { continue }
            #expect(flight.rawMessages == flipped)
        }
    }
}
