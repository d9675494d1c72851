import PeerNetworking
import PeerProtocols
import Testing

/// Streams of messages between honest peers.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct MessageStreamTests {
    @Test func messagesOfAllSizesArriveInOrderBothWays() async throws {
        let pair = try await MessagePair()
        let stream = try await pair.open()
        let sent = [0, 1, 127, 128, 5_000, 65_536, 300_000, 900_000, 1 << 20].enumerated().map {
            MessagePair.bytes($1, seed: $0)
        }
        for message in sent { #expect(stream.send(message) == .queued) }
        let isUnchanged = try await pair.serverLog.messages(sent.count) == sent
        #expect(isUnchanged)
        let back = try await pair.serverLog.stream(isInbound: true)
        #expect(back.remotePeer == pair.client.identity.id)
        #expect(back.protocolName == MessagePair.name)
        for message in sent {
            while back.send(message) == .full { try await Task.sleep(for: .milliseconds(5)) }
        }
        let isReturned = try await pair.clientLog.messages(sent.count) == sent
        #expect(isReturned)
        await pair.close()
    }

    @Test func connectionsAndWhatPeersSayAreReportedInOrder() async throws {
        let pair = try await MessagePair()
        for log in [pair.serverLog, pair.clientLog] {
            let message = try await log.first { event in
                if case .identified(_, let result) = event { try? result.get() } else { nil }
            }
            #expect(message.protocols == [.identify, .identifyPush, .ping, MessagePair.name])
            guard case .connected(let connection) = log.all[0] else {
                Issue.record("a connection begins with something else")
                continue
            }
            #expect(message.publicKey.map(PeerID.init(publicKey:)) == connection.remotePeer)
        }
        _ = try await pair.open()
        _ = try await pair.serverLog.stream(isInbound: true)
        pair.connection.close(gracefully: false)
        _ = try await pair.serverLog.first { if case .disconnected = $0 { true } else { nil } }
        let names = pair.serverLog.all.map { event in
            switch event {
            case .connected: "connected"
            case .identified: "identified"
            case .streamOpened: "opened"
            case .streamClosed(_, .connectionClosed): "closed"
            case .disconnected: "disconnected"
            default: "?"
            }
        }
        #expect(names == ["connected", "identified", "opened", "closed", "disconnected"])
        await pair.close()
    }

    @Test func aStreamOfNoCommonProtocolFails() async throws {
        let pair = try await MessagePair()
        pair.client.carry(MessageProtocol("/test/unknown/1", frameByteCountMax: 10))
        pair.connection.openMessages(["/test/unknown/1"], tag: 7)
        let error = try await pair.clientLog.first { event in
            if case .streamFailed(_, 7, let error) = event { error } else { nil }
        }
        #expect(error == .protocolNotSupported)
        pair.connection.openMessages(["/test/unknown/1", MessagePair.name], tag: 8)
        let stream = try await pair.clientLog.first { event in
            if case .streamOpened(let stream, 8) = event { stream } else { nil }
        }
        #expect(stream.protocolName == MessagePair.name)
        #expect(stream.send([UInt8](repeating: 0, count: 5 << 20)) == .oversize)
        await pair.close()
        #expect(stream.send([1]) == .closed)
        pair.connection.openMessages([MessagePair.name], tag: 9)
        let late = try await pair.clientLog.first { event in
            if case .streamFailed(_, 9, let error) = event { error } else { nil }
        }
        #expect(late == .connectionClosed(.closedLocally))
    }

    @Test func closingSendsWhatWaitsAndResettingDoesNot() async throws {
        let pair = try await MessagePair()
        let stream = try await pair.open()
        let sent = (0..<8).map { MessagePair.bytes(1 << 20, seed: $0) }
        for message in sent.dropLast() { #expect(stream.send(message) == .queued) }
        stream.close()
        #expect(stream.send([1]) == .closed)
        #expect(try await pair.serverLog.messages(7).count == 7)
        _ = try await pair.serverLog.first { if case .streamEnded = $0 { true } else { nil } }
        pair.connection.openMessages([MessagePair.name], tag: 2)
        let second = try await pair.clientLog.first { event in
            if case .streamOpened(let stream, 2) = event { stream } else { nil }
        }
        #expect(second.send([1]) == .queued)
        _ = try await pair.serverLog.messages(8)
        second.reset()
        #expect(try await pair.serverLog.end() == .resetByPeer)
        let ends = pair.clientLog.all.filter { if case .streamClosed = $0 { true } else { false } }
        #expect(ends.isEmpty, "what this side ends itself is not reported to it")
        await pair.close()
    }

    @Test func shuttingDownSendsWhatWaits() async throws {
        let pair = try await MessagePair()
        let stream = try await pair.open()
        let sent = (0..<6).map { MessagePair.bytes(1 << 20, seed: $0) }
        for message in sent { #expect(stream.send(message) == .queued) }
        let start = ContinuousClock.now
        await pair.client.shutDown(grace: .seconds(20))
        #expect(start.duration(to: .now) < .seconds(10), "streams of messages do not keep a host")
        let isComplete = try await pair.serverLog.messages(6) == sent
        #expect(isComplete)
        await pair.close()
    }

    @Test func sessionsGoOnBesideMessages() async throws {
        let pair = try await MessagePair()
        pair.server.handle("/test/session/1") { stream in
            while let bytes = try? stream.read(max: 1 << 16), !bytes.isEmpty { try? stream.write(bytes) }
        }
        let messages = try await pair.open()
        let session = try await pair.connection.openStream(["/test/session/1"])
        session.timeLimits = StreamTimeLimits().endingAfter(.seconds(30))
        let sent = MessagePair.bytes(3 << 20)
        for seed in 0..<50 { #expect(messages.send(MessagePair.bytes(20_000, seed: seed)) == .queued) }
        let isUnchanged = try await HostPair.onThread { () throws -> Bool in
            var received: [UInt8] = []
            for start in stride(from: 0, to: sent.count, by: 1 << 18) {
                let chunk = Array(sent[start..<start + 1 << 18])
                try session.write(chunk)
                while received.count < start + chunk.count { received += try session.read(max: 1 << 18) }
            }
            session.closeWrite()
            return received == sent
        }
        #expect(isUnchanged)
        #expect(try await pair.serverLog.messages(50).count == 50)
        await pair.close()
    }
}
