import Foundation
import NIOConcurrencyHelpers
import PeerNetworking
import PeerProtocols
import Testing

@Suite(.timeLimit(.minutes(1)), .serialized)
struct PeerHostTests {
    private static let loopback = "/ip4/127.0.0.1/tcp/0"

    @Test func identifyAndPingNeedNoHandler() async throws {
        let pair = try await HostPair { _ in }
        let connection = try await pair.client.dial(pair.address)
        #expect(connection.remotePeer == pair.server.identity.id)
        let (message, roundTrip) = try await HostPair.onThread {
            (try connection.identifyAndWait(), try connection.pingAndWait())
        }
        #expect(message.publicKey == pair.server.identity.publicKey)
        #expect(message.listenAddresses == [pair.address.withoutPeerID])
        #expect(message.protocols == [.identify, .ping, "/test/1"])
        #expect(message.observedAddress?.description.hasPrefix("/ip4/127.0.0.1/tcp/") == true)
        #expect(roundTrip > .zero && roundTrip < .seconds(5))
        await pair.close()
        #expect(await connection.closed() == .closedLocally)
    }

    @Test func bothSidesOpenStreams() async throws {
        let pair = try await HostPair { _ in }
        pair.client.handle("/test/back/1") { stream in try? stream.write([42]) }
        _ = try await pair.client.dial(pair.address)
        let back = try await settled { pair.server.connections.first }
        #expect(back.remotePeer == pair.client.identity.id)
        let stream = try await back.openStream(["/test/back/1"])
        let answer = try await HostPair.onThread { try stream.read(max: 9) }
        #expect(answer == [42])
        await pair.close()
    }

    @Test func protocolsMayBeRegisteredLater() async throws {
        let pair = try await HostPair { _ in }
        let connection = try await pair.client.dial(pair.address)
        await #expect(throws: StreamOpeningError.protocolNotSupported) {
            try await connection.openStream(["/test/later/1"])
        }
        pair.server.handle("/test/later/1") { stream in try? stream.write([1]) }
        let stream = try await connection.openStream(["/test/later/1"])
        let answer = try await HostPair.onThread { try stream.read(max: 9) }
        #expect(answer == [1])
        await pair.close()
    }

    @Test func impostorsAreRefused() async throws {
        let pair = try await HostPair { _ in }
        let expected = try HostPair.identity(3).id
        let mismatch = NoiseError.unexpectedPeer(expected: expected, actual: pair.server.identity.id)
        await #expect(throws: PeerHostError.connectionFailed(.security(mismatch))) {
            try await pair.client.dial(pair.address.with(expected))
        }
        await pair.close()
    }

    @Test func addressesThatLeadNowhere() async throws {
        var configuration = PeerHostConfiguration()
        configuration.connectTimeout = .seconds(2)
        let host = PeerHost(identity: try HostPair.identity(1), configuration: configuration)
        let peer = try HostPair.identity(2).id
        let noPeer = try Multiaddr("/ip4/127.0.0.1/tcp/1")
        await #expect(throws: PeerHostError.missingPeerID(noPeer)) { try await host.dial(noPeer) }
        let noPort = try Multiaddr("/ip4/127.0.0.1/p2p/\(peer)")
        await #expect(throws: PeerHostError.unsupportedAddress(noPort)) { try await host.dial(noPort) }
        for text in ["/ip4/127.0.0.1/tcp/1", "/dns4/no-such-host.invalid/tcp/1", "/dns/no-such-host.invalid/tcp/1"] {
            do {
                _ = try await host.dial(try Multiaddr(text).with(peer))
                Issue.record("somebody answers at \(text)")
            } catch let error as PeerHostError {
                // A resolver may let one wait.
                switch error {
                case .network, .connectTimedOut: break
                default: Issue.record("\(error)")
                }
            }
        }
        await #expect(throws: PeerHostError.self) { try await host.listen(on: try Multiaddr("/dns/a/tcp/1")) }
        await host.shutDown()
        await #expect(throws: PeerHostError.shutDown) { try await host.dial(noPeer.with(peer)) }
        await #expect(throws: PeerHostError.shutDown) { try await host.listen(on: try Multiaddr(Self.loopback)) }
    }

    @Test func namesResolve() async throws {
        let pair = try await HostPair { _ in }
        guard case .tcp(let port)? = pair.address.components.dropFirst().first else { return }
        let address = try Multiaddr("/dns4/localhost/tcp/\(port)").with(pair.server.identity.id)
        let connection = try await pair.client.dial(address)
        #expect(connection.remotePeer == pair.server.identity.id)
        await pair.close()
    }

    @Test func connectionsPerAddressAreLimited() async throws {
        var configuration = PeerHostConfiguration()
        configuration.connectionCountPerAddressMax = 3
        let pair = try await HostPair(serverConfiguration: configuration) { _ in }
        var connections: [PeerConnection] = []
        for _ in 0..<3 { connections.append(try await pair.client.dial(pair.address)) }
        await #expect(throws: PeerHostError.self) { try await pair.client.dial(pair.address) }
        // Room again once one is gone.
        connections[0].close(gracefully: false)
        let again = try await settled { try? await pair.client.dial(pair.address) }
        #expect(again.remotePeer == pair.server.identity.id)
        await pair.close()
    }

    @Test func connectionsInAllAreLimited() async throws {
        var configuration = PeerHostConfiguration()
        configuration.connectionCountMax = 2
        let pair = try await HostPair(clientConfiguration: configuration) { _ in }
        _ = try await pair.client.dial(pair.address)
        _ = try await pair.client.dial(pair.address)
        await #expect(throws: PeerHostError.tooManyConnections) { try await pair.client.dial(pair.address) }
        await pair.close()
    }

    /// Connections that say nothing, or one byte at a time, are cut off and counted no longer.
    @Test func slowHandshakesAreCutOff() async throws {
        var configuration = PeerHostConfiguration()
        configuration.connection.handshakeTimeout = .seconds(2)
        configuration.handshakeCountPerAddressMax = 2
        configuration.isLoopbackExempt = false
        let pair = try await HostPair(serverConfiguration: configuration) { _ in }
        guard case .tcp(let port)? = pair.address.components.dropFirst().first else { return }
        try await HostPair.onThread {
            let silent = try BlockingTCPConnection.connect(host: "127.0.0.1", port: port)
            let slow = try BlockingTCPConnection.connect(host: "127.0.0.1", port: port)
            silent.timeLimits = StreamTimeLimits().endingAfter(.seconds(10))
            slow.timeLimits = silent.timeLimits
            #expect(try silent.read(max: 100).count == 20, "the listener's header")
            #expect(try slow.read(max: 100).count == 20)
            // No room for a third handshake of this address: closed at once.
            let third = try BlockingTCPConnection.connect(host: "127.0.0.1", port: port)
            third.timeLimits = silent.timeLimits
            #expect(((try? third.read(max: 100)) ?? []) == [])
            let start = ContinuousClock.now
            for byte in Array("\u{13}/multistream/1.0.0\n".utf8) {
                guard (try? slow.write([byte])) != nil else { break }
                Thread.sleep(forTimeInterval: 0.15)
            }
            #expect(((try? slow.read(max: 100)) ?? []) == [])
            #expect(((try? silent.read(max: 100)) ?? []) == [])
            #expect(start.duration(to: .now) < .seconds(5))
        }
        let connection = try await settled { try? await pair.client.dial(pair.address) }
        #expect(connection.remotePeer == pair.server.identity.id)
        await pair.close()
    }

    /// Peers that begin handshakes and do not go on stop neither the host's own dials nor peers that do.
    @Test func heldHandshakesGiveWay() async throws {
        var configuration = PeerHostConfiguration()
        configuration.handshakeCountMax = 8
        configuration.handshakePatience = .zero
        let pair = try await HostPair(serverConfiguration: configuration) { _ in }
        let other = PeerHost(identity: try HostPair.identity(3))
        let elsewhere = try await other.listen(on: try Multiaddr(Self.loopback))
        guard case .tcp(let port)? = pair.address.components.dropFirst().first else { return }
        // Six of eight places are for peers; with the seventh the first one's handshake ends.
        let silent = try await HostPair.onThread {
            try (0..<7).map { _ in
                let connection = try BlockingTCPConnection.connect(host: "127.0.0.1", port: port)
                connection.timeLimits = StreamTimeLimits().endingAfter(.seconds(5))
                #expect(try connection.read(max: 100).count == 20, "the listener's header")
                return connection
            }
        }
        let isFirstOver = try await HostPair.onThread { ((try? silent[0].read(max: 100)) ?? []).isEmpty }
        #expect(isFirstOver)
        #expect(try await pair.server.dial(elsewhere).remotePeer == other.identity.id)
        #expect(try await pair.client.dial(pair.address).remotePeer == pair.server.identity.id)
        // That took the place of the second; the last one still has time.
        try await HostPair.onThread {
            #expect(((try? silent[1].read(max: 100)) ?? []).isEmpty)
            silent[6].timeLimits = StreamTimeLimits().endingAfter(.milliseconds(200))
            #expect(throws: StreamError.timedOut) { try silent[6].read(max: 100) }
        }
        await other.shutDown(grace: .milliseconds(200))
        await pair.close()
    }

    /// Many that begin at once from one address do not end each other: who comes too late is refused.
    @Test func freshHandshakesOfOneAddressStay() async throws {
        var configuration = PeerHostConfiguration()
        configuration.handshakeCountMax = 8
        configuration.handshakePatience = .seconds(60)
        let pair = try await HostPair(serverConfiguration: configuration) { _ in }
        guard case .tcp(let port)? = pair.address.components.dropFirst().first else { return }
        try await HostPair.onThread {
            let connections = try (0..<7).map { _ in
                let connection = try BlockingTCPConnection.connect(host: "127.0.0.1", port: port)
                connection.timeLimits = StreamTimeLimits().endingAfter(.seconds(5))
                return connection
            }
            // The host handles them beside each other: any six have the places.
            let counts = connections.map { ((try? $0.read(max: 100)) ?? []).count }
            #expect(counts.sorted() == [0] + [Int](repeating: 20, count: 6))
        }
        await pair.close()
    }

    /// However many connections peers have, some are left for the host's own dials.
    @Test func connectionsAreKeptForOwnDials() async throws {
        var configuration = PeerHostConfiguration()
        configuration.connectionCountMax = 16
        let pair = try await HostPair(serverConfiguration: configuration) { stream in _ = try? stream.read(max: 1) }
        let other = PeerHost(identity: try HostPair.identity(3))
        let elsewhere = try await other.listen(on: try Multiaddr(Self.loopback))
        var sessions: [PeerStream] = []
        for _ in 0..<14 {
            sessions.append(try await pair.client.dial(pair.address).openStream(["/test/1"]))
        }
        await #expect(throws: PeerHostError.self) { try await pair.client.dial(pair.address) }
        for _ in 0..<2 { _ = try await pair.server.dial(elsewhere) }
        await #expect(throws: PeerHostError.tooManyConnections) { try await pair.server.dial(elsewhere) }
        // A stream that is released ends.
        withExtendedLifetime(sessions) {}
        await other.shutDown(grace: .milliseconds(200))
        await pair.close()
    }

    /// Connections without a session, whatever else is on them, give way when peers have all that they may have.
    @Test func unusedConnectionsGiveWay() async throws {
        var configuration = PeerHostConfiguration()
        configuration.connectionCountMax = 4
        let pair = try await HostPair(serverConfiguration: configuration) { stream in _ = try? stream.read(max: 1) }
        let session = try await pair.client.dial(pair.address).openStream(["/test/1"])
        var pings: [PeerStream] = []
        for _ in 0..<3 { pings.append(try await pair.client.dial(pair.address).openStream([.ping])) }
        let another = try await pair.client.dial(pair.address)
        _ = try await another.openStream(["/test/1"])
        #expect(await pings[0].connection.closed() == .closedByPeer(.normal))
        // The others are as they were.
        for stream in [session, pings[1], pings[2]] {
            let ping = try await stream.connection.openStream([.ping])
            let echo = try await HostPair.onThread { () throws -> [UInt8] in
                try ping.write([UInt8](repeating: 7, count: 32))
                return try ping.read(max: 1)
            }
            #expect(echo == [7])
        }
        await pair.close()
    }

    /// A connection that is for sessions does not live of pings, but as long as a session runs.
    @Test func pingsDoNotKeepAConnectionThatIsForSessions() async throws {
        let pair = try await HostPair { _ in Thread.sleep(forTimeInterval: 1) }
        for hasSession in [false, true] {
            let connection = try await pair.client.dial(pair.address)
            let ping = try await connection.openStream([.ping])
            let start = ContinuousClock.now
            let session = hasSession ? try await connection.openStream(["/test/1"]) : nil
            try await HostPair.onThread { try ping.write([UInt8](repeating: 7, count: 32)) }
            if hasSession { try await Task.sleep(for: .milliseconds(200)) }
            for end in pair.server.connections { end.close(afterUnused: .milliseconds(300)) }
            #expect(await connection.closed() == .closedByPeer(.normal))
            let duration = start.duration(to: .now)
            // The session takes 1 s, and the connection stays unused for 0.3 s after it.
            if hasSession { #expect(duration > .milliseconds(1_250)) }
            #expect(duration < .seconds(5))
            _ = session
        }
        await pair.close()
    }

    @Test func sessionsBeyondTheThreadsAreReset() async throws {
        let release = DispatchSemaphore(value: 0)
        var configuration = PeerHostConfiguration()
        configuration.sessionThreadCountMax = 2
        let pair = try await HostPair(serverConfiguration: configuration) { stream in
            try? stream.write([1])
            release.wait()
        }
        let connection = try await pair.client.dial(pair.address)
        var streams: [PeerStream] = []
        for _ in 0..<3 { streams.append(try await connection.openStream(["/test/1"])) }
        let opened = streams
        try await HostPair.onThread { () throws in
            #expect(try opened[0].read(max: 1) == [1])
            #expect(try opened[1].read(max: 1) == [1])
            #expect(throws: StreamError.resetByPeer) { try opened[2].read(max: 1) }
        }
        for _ in 0..<2 { release.signal() }
        await pair.close()
    }

    @Test func gracefulShutdownLetsSessionsFinish() async throws {
        let started = DispatchSemaphore(value: 0)
        let pair = try await HostPair { stream in
            started.signal()
            Thread.sleep(forTimeInterval: 0.3)
            try? stream.write([UInt8](repeating: 9, count: 300_000))
        }
        let connection = try await pair.client.dial(pair.address)
        let stream = try await connection.openStream(["/test/1"])
        try await HostPair.onThread { started.wait() }
        async let down: Void = pair.server.shutDown(grace: .seconds(10))
        let count = try await HostPair.onThread { () -> Int in
            stream.closeWrite()
            var count = 0
            while true {
                let bytes = try stream.read(max: 1 << 16)
                if bytes.isEmpty { return count }
                count += bytes.count
            }
        }
        #expect(count == 300_000)
        await down
        #expect(await connection.closed() == .closedByPeer(.normal))
        await #expect(throws: PeerHostError.self) { try await pair.client.dial(pair.address) }
        await pair.close()
    }

    @Test func idleConnectionsAreClosed() async throws {
        var configuration = PeerHostConfiguration()
        configuration.connection.idleTimeout = .milliseconds(200)
        let pair = try await HostPair(serverConfiguration: configuration) { _ in }
        let connection = try await pair.client.dial(pair.address)
        #expect(await connection.closed() == .closedByPeer(.normal))
        await pair.close()
    }

    /// Tries until `body` gives something, for what another thread brings about soon.
    private func settled<Value>(_ body: () async -> Value?) async throws -> Value {
        for _ in 0..<200 {
            if let value = await body() { return value }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw PeerHostError.connectTimedOut
    }
}
