import Foundation
import PeerNetworking
import PeerProtocols
import Testing

/// Peers that send what is no message, or too much, or too slowly, or do not read.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct MessageLimitTests {
    private static func kind(_ change: (inout MessageProtocol) -> Void) -> MessageProtocol {
        var kind = MessageProtocol(MessagePair.name, frameByteCountMax: 1 << 20)
        change(&kind)
        return kind
    }

    private static let framesThatBreakOff: [([UInt8], MessageStreamEnd)] = [
        // One byte more than a message may have.
        ([0x81, 0x80, 0x40], .malformed(.oversize(announced: 1 << 20 + 1))),
        // Nearly 2^63 bytes.
        ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], .malformed(.oversize(announced: UInt64(Int64.max)))),
        // A length of ten bytes, and one that could be shorter.
        ([UInt8](repeating: 0xff, count: 10), .malformed(.malformedLength)),
        ([0x80, 0x00], .malformed(.malformedLength)),
    ]

    @Test(arguments: framesThatBreakOff)
    func whatIsNoMessageEndsTheStream(_ bytes: [UInt8], _ end: MessageStreamEnd) async throws {
        let pair = try await MessagePair()
        let raw = try await pair.openRaw()
        try await HostPair.onThread {
            try raw.write([2, 7, 8] + bytes)
            #expect(throws: StreamError.resetByPeer) { try raw.read(max: 1) }
        }
        #expect(try await pair.serverLog.messages(1) == [[7, 8]])
        #expect(try await pair.serverLog.end() == end)
        #expect(end.isMisbehaviour)
        // The connection and its other streams are none the worse.
        let other = try await pair.open()
        #expect(other.send([9]) == .queued)
        #expect(try await pair.serverLog.messages(2).last == [9])
        await pair.close()
    }

    @Test func anEndWithinAMessageIsReported() async throws {
        let pair = try await MessagePair()
        let raw = try await pair.openRaw()
        try await HostPair.onThread {
            try raw.write([1, 5, 4, 1, 2])
            raw.closeWrite()
        }
        #expect(try await pair.serverLog.end() == .truncated)
        #expect(pair.serverLog.received == [[5]])
        await pair.close()
    }

    /// A byte from time to time does not keep a message alive, while waiting between messages costs nothing.
    @Test func slowMessagesAreCutOff() async throws {
        let pair = try await MessagePair(kind: Self.kind { $0.frameTimeout = .milliseconds(400) })
        let raw = try await pair.openRaw()
        let start = ContinuousClock.now
        try await HostPair.onThread {
            try raw.write([1, 5])
            Thread.sleep(forTimeInterval: 0.8)
            try raw.write([1, 6, 100])
            for byte in 0..<100 {
                guard (try? raw.write([UInt8(byte)])) != nil else { break }
                Thread.sleep(forTimeInterval: 0.03)
            }
        }
        #expect(try await pair.serverLog.end() == .frameTimedOut)
        #expect(pair.serverLog.received == [[5], [6]])
        #expect(start.duration(to: .now) > .milliseconds(1_200))
        await pair.close()
    }

    @Test func aPeerThatDoesNotReadLosesItsStream() async throws {
        var limits = MessageProtocol(MessagePair.name, frameByteCountMax: 1 << 20)
        limits.outboxByteCountMax = 1 << 20
        limits.writeTimeout = .milliseconds(500)
        let pair = try await MessagePair(kind: limits)
        // The peer opens a stream, says one thing, and never reads.
        let raw = try await pair.openRaw()
        try await HostPair.onThread { try raw.write([1, 1]) }
        let back = try await pair.serverLog.stream(isInbound: true)
        var sent = 0
        while back.send(MessagePair.bytes(100_000)) == .queued { sent += 1 }
        // What the outbox and the window of the stream take, and not more.
        #expect((10...14).contains(sent))
        #expect(back.waitingByteCount <= 1 << 20)
        #expect(try await pair.serverLog.end() == .writeTimedOut)
        #expect(back.send([1]) == .closed)
        #expect(back.waitingByteCount == 0)
        await pair.close()
    }

    /// A peer that gives credit by drips is as useless as one that gives none.
    @Test func aPeerThatReadsByDripsLosesItsStream() async throws {
        var limits = MessageProtocol(MessagePair.name, frameByteCountMax: 1 << 20)
        limits.outboxByteCountMax = 1 << 20
        limits.writeTimeout = .milliseconds(600)
        let pair = try await MessagePair(kind: limits)
        let raw = try await pair.openRaw()
        try await HostPair.onThread { try raw.write([1, 1]) }
        let back = try await pair.serverLog.stream(isInbound: true)
        while back.send(MessagePair.bytes(100_000)) == .queued {}
        let reading = Task {
            try await HostPair.onThread {
                // Windows are updated when a quarter was read: one update a second.
                while let bytes = try? raw.read(max: 6_553), !bytes.isEmpty { Thread.sleep(forTimeInterval: 0.1) }
            }
        }
        #expect(try await pair.serverLog.end() == .writeTimedOut)
        try await reading.value
        await pair.close()
    }

    @Test func roomIsReportedWhenThePeerReadsOn() async throws {
        var limits = MessageProtocol(MessagePair.name, frameByteCountMax: 1 << 20)
        limits.outboxByteCountMax = 1 << 20
        let pair = try await MessagePair(kind: limits)
        let raw = try await pair.openRaw()
        try await HostPair.onThread { try raw.write([1, 1]) }
        let back = try await pair.serverLog.stream(isInbound: true)
        var sent = 0
        while back.send(MessagePair.bytes(100_000)) == .queued { sent += 1 }
        let frameByteCount = 100_003
        let expected = sent * frameByteCount
        let count = try await HostPair.onThread { () throws -> Int in
            var count = 0
            while count < expected { count += try raw.read(max: 1 << 16).count }
            return count
        }
        #expect(count == expected)
        _ = try await pair.serverLog.first { if case .writable = $0 { true } else { nil } }
        #expect(back.send([1]) == .queued)
        await pair.close()
    }

    /// Waits until a message has arrived, and then until nothing has moved for half a second.
    ///
    /// - Parameter waitingByteCount: What the sender did not get rid of.
    private func settle(_ log: EventLog, _ waitingByteCount: () -> Int) async throws {
        _ = try await log.messages(1)
        var last: [Int] = []
        var since = ContinuousClock.now
        while since.duration(to: .now) < .milliseconds(500) {
            try await Task.sleep(for: .milliseconds(20))
            let present = [log.received.count, log.queue.cost, waitingByteCount()]
            guard present != last else { continue }
            last = present
            since = .now
        }
    }

    /// What is not handled is read no further: the sender waits, and the memory of the receiver stays bounded.
    @Test func unhandledMessagesHoldTheSenderBack() async throws {
        let pair = try await MessagePair()
        pair.serverLog.isHolding = true
        let stream = try await pair.open()
        let sent = (0..<80).map { MessagePair.bytes(100_000, seed: $0) }
        for message in sent { #expect(stream.send(message) == .queued) }
        try await settle(pair.serverLog) { stream.waitingByteCount }
        #expect(pair.serverLog.received.count <= 2)
        #expect(pair.serverLog.queue.cost < 250_000)
        #expect(stream.waitingByteCount > 5 << 20)
        pair.serverLog.isHolding = false
        let isComplete = try await pair.serverLog.messages(80) == sent
        #expect(isComplete)
        await pair.close()
    }

    @Test func allPeersTogetherAreHeldBack() async throws {
        let pair = try await MessagePair(
            kind: Self.kind { $0.inboundStreamCountMax = 20 },
            serverLog: EventLog(costMax: 200_000)
        )
        pair.serverLog.isHolding = true
        for tag in UInt64(1)...20 { pair.connection.openMessages([MessagePair.name], tag: tag) }
        var streams: [MessageStream] = []
        for tag in UInt64(1)...20 {
            let stream = try await pair.clientLog.first { event in
                if case .streamOpened(let stream, tag) = event { stream } else { nil }
            }
            streams.append(stream)
            for seed in 0..<10 { #expect(stream.send(MessagePair.bytes(40_000, seed: seed)) == .queued) }
        }
        try await settle(pair.serverLog) { streams.reduce(0) { $0 + $1.waitingByteCount } }
        #expect(pair.serverLog.received.count < 10)
        #expect(pair.serverLog.queue.cost < 250_000)
        pair.serverLog.isHolding = false
        #expect(try await pair.serverLog.messages(200).count == 200)
        await pair.close()
    }

    /// While one peer has the place for long messages, others wait, and have their turn when its time is over.
    @Test func longMessagesTakeTurns() async throws {
        let pair = try await MessagePair(
            kind: Self.kind { $0.frameTimeout = .seconds(3) },
            serverLog: EventLog(assemblyByteCountMax: 1 << 20)
        )
        let slow = try await pair.openRaw()
        try await HostPair.onThread { try slow.write(UnsignedVarint.encode(900_000) + [1, 2, 3]) }
        _ = try await pair.serverLog.stream(isInbound: true)
        let quick = try await pair.open()
        let long = MessagePair.bytes(800_000)
        #expect(quick.send([1]) == .queued)
        #expect(quick.send(long) == .queued)
        #expect(try await pair.serverLog.messages(1) == [[1]])
        try await Task.sleep(for: .milliseconds(100))
        #expect(pair.serverLog.received.count == 1, "there is no place yet")
        #expect(try await pair.serverLog.end() == .frameTimedOut)
        let isComplete = try await pair.serverLog.messages(2).last == long
        #expect(isComplete)
        await pair.close()
    }

    /// Announces a long message on a new stream, and sends no more than its first bytes, which have arrived afterwards.
    private func announce(on connection: PeerConnection) async throws -> PeerStream {
        let stream = try await connection.openStream([MessagePair.name])
        try await HostPair.onThread {
            try stream.write(UnsignedVarint.encode(900_000) + [1, 2, 3])
            // What comes back was sent after them.
            _ = try connection.pingAndWait()
        }
        return stream
    }

    /// Sends a long message, and says how long it took to arrive at the pair's server.
    private func send(
        from host: PeerHost,
        log: EventLog,
        to address: Multiaddr,
        _ pair: MessagePair
    ) async throws
        -> Duration
    {
        let connection = try await host.dial(address)
        connection.openMessages([MessagePair.name], tag: 1)
        let stream = try await log.stream(isInbound: false)
        let start = ContinuousClock.now
        #expect(stream.send(MessagePair.bytes(800_000)) == .queued)
        _ = try await pair.serverLog.messages(1)
        return start.duration(to: .now)
    }

    private func anotherClient(_ number: UInt8, _ log: EventLog) throws -> PeerHost {
        let host = PeerHost(identity: try HostPair.identity(number))
        host.report(to: log.queue)
        host.carry(MessageProtocol(MessagePair.name, frameByteCountMax: 4 << 20))
        return host
    }

    /// A peer that announces long messages on many streams, and sends none, holds one place and holds up nobody else.
    @Test func announcedMessagesOfOnePeerHoldUpNobody() async throws {
        let pair = try await MessagePair(
            kind: Self.kind {
                $0.frameTimeout = .seconds(8)
                $0.inboundStreamCountMax = 8
            },
            serverLog: EventLog(assemblyByteCountMax: 2 << 20)
        )
        var held: [PeerStream] = []
        for _ in 0..<4 { held.append(try await announce(on: pair.connection)) }
        let log = EventLog()
        let honest = try anotherClient(3, log)
        #expect(try await send(from: honest, log: log, to: pair.address, pair) < .seconds(6))
        // A stream that is released ends.
        withExtendedLifetime(held) {}
        await honest.shutDown(grace: .milliseconds(200))
        await pair.close()
    }

    /// The same with a key for each connection: an address has two places.
    @Test func announcedMessagesOfOneAddressHoldUpNobodyElse() async throws {
        var configuration = PeerHostConfiguration()
        configuration.isLoopbackExempt = false
        let pair = try await MessagePair(
            kind: Self.kind { $0.frameTimeout = .seconds(8) },
            serverLog: EventLog(assemblyByteCountMax: 3 << 20),
            configuration: configuration
        )
        let other = try await pair.server.listen(on: try Multiaddr("/ip6/::1/tcp/0"))
        var attackers: [PeerHost] = []
        var held = [try await announce(on: pair.connection)]
        for number in UInt8(4)...6 {
            let attacker = PeerHost(identity: try HostPair.identity(number))
            attackers.append(attacker)
            held.append(try await announce(on: try await attacker.dial(pair.address)))
        }
        let log = EventLog()
        let honest = try anotherClient(3, log)
        #expect(try await send(from: honest, log: log, to: other, pair) < .seconds(6))
        // A stream that is released ends.
        withExtendedLifetime(held) {}
        for host in attackers + [honest] { await host.shutDown(grace: .milliseconds(200)) }
        await pair.close()
    }

    @Test func streamsOfAPeerAreLimited() async throws {
        let pair = try await MessagePair(kind: Self.kind { $0.inboundStreamCountMax = 2 })
        for _ in 0..<2 { _ = try await pair.openRaw() }
        let third = try await pair.openRaw()
        _ = try await HostPair.onThread { #expect(throws: StreamError.resetByPeer) { try third.read(max: 1) } }
        let opened = pair.serverLog.all.filter { if case .streamOpened = $0 { true } else { false } }
        #expect(opened.count <= 2)
        await pair.close()
    }

    @Test func unusedStreamsOfPeersEnd() async throws {
        let pair = try await MessagePair(kind: Self.kind { $0.idleTimeout = .seconds(1) })
        let stream = try await pair.open()
        // Longer than the time that is allowed without a message.
        for _ in 0..<50 {
            try await Task.sleep(for: .milliseconds(30))
            #expect(stream.send([1]) == .queued)
        }
        #expect(try await pair.serverLog.messages(50).count == 50)
        #expect(try await pair.serverLog.end() == .idle)
        #expect(try await pair.clientLog.end() == .resetByPeer)
        await pair.close()
    }

    /// Nothing begins while the node does not get to handling what there is.
    @Test func nothingNewBeginsWithoutRoom() async throws {
        let pair = try await MessagePair(serverLog: EventLog(costMax: 2_000))
        pair.serverLog.isHolding = true
        let stream = try await pair.open()
        #expect(stream.send([UInt8](repeating: 1, count: 3_000)) == .queued)
        _ = try await pair.serverLog.messages(1)
        let refused = try await pair.client.dial(pair.address)
        #expect(await refused.closed() == .closedByPeer(.normal))
        let second = try await pair.openRaw()
        _ = try await HostPair.onThread { #expect(throws: StreamError.resetByPeer) { try second.read(max: 1) } }
        pair.serverLog.isHolding = false
        let again = try await pair.client.dial(pair.address)
        #expect(again.remotePeer == pair.server.identity.id)
        await pair.close()
    }
}
