import Attestations
import CryptoCore
import Discovery
import Foundation
import Gossip
import NodeCore
import NodeHarness
import NodeNetwork
import PeerNetworking
import PeerProtocols
import RecordSamples
import Records
import Testing
import WireFormat

/// What peers can do to a node below its records, and what it does to their scores.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct HostilePeerTests {
    /// P7 of a stream that breaks the encoding: 10 of misbehaviour, 6 of which are free, squared, less what decays.
    private static let malformedScore = -161.0 ... -140.0

    private func hasty(_ options: inout TestNode.Options) {
        options.limits.messageTimeout = .milliseconds(500)
        options.host.connection.streamNegotiationTimeout = .milliseconds(500)
        options.host.connection.handshakeTimeout = .milliseconds(500)
    }

    /// After whatever a test did, the node serves others.
    private func expectHealth(of node: TestNode, not hostile: PeerID?) async throws {
        let other = try await TestNode(50, bootstrap: [node.address])
        try await TestNode.wait("another peer") {
            try await node.status().peers.contains { $0.peer == other.id && $0.isInMesh }
        }
        let id = try await other.attested(1)
        try await TestNode.wait("a record of another peer") { try node.has(id) }
        await other.destroy()
    }

    // MARK: Slow-loris

    /// A gossip message that arrives byte by byte costs as much as one that is none.
    @Test func aSlowGossipMessageCostsTheConnection() async throws {
        let node = try await TestNode(1) { $0.limits.messageTimeout = .milliseconds(500) }
        let hostile = try await HostilePeer(2, to: node)
        let stream = try await hostile.write(
            [[0xff, 0xff, 0x03]] + [[UInt8]](repeating: [0], count: 40),
            pause: .milliseconds(50)
        )
        try await hostile.awaitEnd()
        #expect(Self.malformedScore.contains(try await node.score(of: hostile.id)))
        #expect(throws: StreamError.self) { try stream.read(max: 1) }
        try await expectHealth(of: node, not: hostile.id)
        await hostile.stop()
        await node.destroy()
    }

    /// The same on a stream of requests: points of misconduct.
    @Test func aSlowRequestCostsScore() async throws {
        let node = try await TestNode(1) { $0.limits.messageTimeout = .milliseconds(500) }
        let hostile = try await HostilePeer(2, to: node)
        _ = try await hostile.write(
            [[0xff, 0x03]] + [[UInt8]](repeating: [0], count: 40),
            on: "/tabellion/sync/1",
            pause: .milliseconds(50)
        )
        try await TestNode.wait("misconduct") {
            try await node.status().statistics.misconduct[.malformedFrame] == 1
        }
        #expect((-601 ... -550).contains(try await node.score(of: hostile.id)))
        #expect(try await hostile.isConnected(), "one such request is forgiven")
        await hostile.stop()
        await node.destroy()
    }

    /// A handshake that takes too long is nobody's yet: no score, and the place is free again.
    @Test func slowHandshakesAreCutOff() async throws {
        let node = try await TestNode(1) { options in
            hasty(&options)
            options.host.connection.handshakeTimeout = .seconds(2)
            // Three places are for peers, and none is given to another for a long time.
            options.host.handshakeCountMax = 4
            options.host.handshakePatience = .seconds(60)
        }
        let port = node.port
        let outcome = try await TestNode.onThread {
            Result { () throws -> (headers: [Int], ends: [Int], duration: Duration) in
                let start = ContinuousClock.now
                let limits = StreamTimeLimits().endingAfter(.seconds(30))
                var connections: [BlockingTCPConnection] = []
                for _ in 0..<4 {
                    let connection = try BlockingTCPConnection.connect(host: "127.0.0.1", port: port)
                    connection.timeLimits = limits
                    connections.append(connection)
                }
                // A connection may be reset, if bytes come too late to be read.
                func end(_ connection: BlockingTCPConnection) -> Int {
                    ((try? connection.read(max: 100)) ?? []).count
                }
                // The listener handles them beside each other: any three have the places.
                let headers = connections.map(end)
                let placed = zip(connections, headers).filter { $0.1 > 0 }.map(\.0)
                // Two say nothing; the third goes on, a byte at a time, and would be done after 3 s.
                for byte in Array("\u{13}/multistream/1.0.0\n".utf8) {
                    guard (try? placed.last?.write([byte])) != nil else { break }
                    Thread.sleep(forTimeInterval: 0.15)
                }
                return (headers, placed.map(end), start.duration(to: .now))
            }
        }.get()
        #expect(outcome.headers.sorted() == [0, 20, 20, 20], "what the listener says first, if there is a place")
        #expect(outcome.ends == [0, 0, 0])
        #expect(outcome.duration < .seconds(15), "a read that nobody ends takes 30 s")
        let isPeer = node.notices.contains { if case .connected = $0 { true } else { false } }
        #expect(!isPeer)
        #expect(try await node.status().peers.isEmpty)
        try await expectHealth(of: node, not: nil)
        await node.destroy()
    }

    /// A peer that connects and does not say what it is has no use.
    @Test func peersThatDoNotIdentifyAreLeft() async throws {
        let node = try await TestNode(1, hasty)
        let port = node.port
        let id = try await TestNode.onThread {
            Result { () throws -> PeerID in
                let raw = try RawPeer(2, port: port)
                // Reads the node's question and never answers.
                while (try? raw.poll()) != nil {}
                return raw.identity.id
            }
        }.get()
        #expect(try await node.status().peers.isEmpty)
        #expect(try await node.score(of: id) == 0)
        await node.destroy()
    }

    // MARK: Streams

    /// Streams that are opened and not used up to a protocol have an end.
    ///
    /// Those beyond the limit are reset at once, the others when their time is over. The connection goes on, and it costs
    /// no score.
    @Test func halfOpenStreamsAreClosed() async throws {
        // Who a peer is has the same time as its streams.
        let node = try await TestNode(1) { $0.host.connection.streamNegotiationTimeout = .seconds(2) }
        let port = node.port
        let countMax = node.host.configuration.connection.yamux.inboundStreamCountMax
        let outcome = try await TestNode.onThread {
            Result { () throws -> (isInOrder: Bool, duration: Duration, id: PeerID) in
                let raw = try RawPeer(2, port: port)
                // A peer that is known is not left for being none.
                try raw.answerIdentify()
                let start = ContinuousClock.now
                var opened: [YamuxStreamID] = []
                for _ in 0..<80 {
                    let stream = try raw.session.openStream()
                    opened.append(stream)
                    // The first bytes of a negotiation, never the rest.
                    raw.session.send([0x13, 0x2f, 0x6d][...], on: stream)
                }
                try raw.flush()
                var resets: [YamuxStreamID] = []
                while resets.count < opened.count {
                    try raw.poll()
                    let all: [YamuxStreamID] = raw.events.compactMap {
                        if case .reset(let id) = $0 { id } else { nil }
                    }
                    resets = all.filter { opened.contains($0) }
                }
                let duration = start.duration(to: .now)
                // Whoever closes a connection answers no ping on it.
                raw.session.ping(now: .now())
                try raw.flush()
                while raw.session.roundTripSampleCount == 0 { try raw.poll() }
                let (within, beyond) = (Set(opened.prefix(countMax)), Array(opened.dropFirst(countMax)))
                let isInOrder =
                    Array(resets.prefix(beyond.count)) == beyond && Set(resets.dropFirst(beyond.count)) == within
                return (isInOrder, duration, raw.identity.id)
            }
        }.get()
        #expect(outcome.isInOrder, "first those that are too many, then the others")
        #expect(outcome.duration > .milliseconds(1_900))
        #expect(try await node.score(of: outcome.id) == 0)
        #expect(try await node.status().statistics.misconduct.isEmpty)
        let isDismissed = node.notices.contains { if case .dismissed = $0 { true } else { false } }
        #expect(!isDismissed)
        try await expectHealth(of: node, not: outcome.id)
        await node.destroy()
    }

    /// Whoever opens more streams than allowed has them reset, and goes on with those that it has.
    @Test func aFloodOfStreamsIsHeldBack() async throws {
        let node = try await TestNode(1) { options in
            options.host.connection.inboundStreamBurstMax = 20
            options.host.connection.inboundStreamsPerSecondMax = 1
        }
        let hostile = try await HostilePeer(2, to: node)
        var refused = 0
        for _ in 0..<60 {
            do {
                let stream = try await hostile.connection.openStream([.ping])
                stream.reset()
            } catch {
                refused += 1
            }
        }
        #expect(refused > 0)
        #expect(try await hostile.isConnected())
        #expect(try await node.score(of: hostile.id) >= 0)
        await hostile.stop()
        await node.destroy()
    }

    /// Peers that are few, but have many connections each, do not take the places of all others.
    @Test func aPeerHasTwoConnectionsAtMost() async throws {
        let node = try await TestNode(1)
        let hostile = try await HostilePeer(2, to: node)
        for _ in 0..<6 { _ = try? await hostile.host.dial(node.address) }
        try await TestNode.wait("the end of what is too much") {
            node.host.connections.count == 2 && hostile.host.connections.count == 2
        }
        // The first, which streams run over, and the last, for the others may be dead.
        #expect(hostile.host.connections.contains { $0 === hostile.connection })
        #expect(try await node.status().peers.map(\.peer) == [hostile.id])
        #expect(try await node.score(of: hostile.id) >= 0)
        try await expectHealth(of: node, not: hostile.id)
        await hostile.stop()
        await node.destroy()
    }

    /// A connection on which a session runs is not replaced: the new one is refused.
    @Test func aConnectionWithASessionIsNotReplaced() async throws {
        let node = try await TestNode(1)
        let name: ProtocolName = "/test/session/1"
        node.host.handle(name) { stream in
            stream.timeLimits = StreamTimeLimits().endingAfter(.seconds(30))
            while let bytes = try? stream.read(max: 100), !bytes.isEmpty { _ = try? stream.write(bytes) }
        }
        let hostile = try await HostilePeer(2, to: node)
        let second = try await hostile.host.dial(node.address)
        let session = try await second.openStream([name])
        session.timeLimits = StreamTimeLimits().endingAfter(.seconds(20))
        func echoes() async throws -> Bool {
            try await TestNode.onThread {
                Result {
                    try session.write([1, 2, 3])
                    return try session.read(max: 100) == [1, 2, 3]
                }
            }.get()
        }
        #expect(try await echoes())
        for _ in 0..<3 { _ = try? await hostile.host.dial(node.address) }
        try await TestNode.wait("the end of what is too much") { hostile.host.connections.count == 2 }
        #expect(hostile.host.connections.contains { $0 === second })
        #expect(try await echoes())
        await hostile.stop()
        await node.destroy()
    }

    /// What ran over a connection that was replaced does not count any more.
    @Test func aReplacedConnectionsStreamsAreForgotten() async throws {
        let node = try await TestNode(1)
        let hostile = try await HostilePeer(2, to: node)
        for _ in 0..<4 {
            let connection = try await hostile.host.dial(node.address)
            // As many as one peer may have: if those of the connection before were still counted, none would be answered.
            for _ in 0..<2 {
                let stream = try await connection.openStream(["/tabellion/sync/1"])
                stream.timeLimits = StreamTimeLimits().endingAfter(.seconds(10))
                let question = SyncRequest.digests(.day, first: 0, count: 1).wireBytes
                let answer = try await TestNode.onThread {
                    Result {
                        try stream.write([UInt8(question.count)] + question)
                        return try stream.read(max: 1_000)
                    }
                }.get()
                #expect(!answer.isEmpty)
            }
        }
        await hostile.stop()
        await node.destroy()
    }

    @Test func unknownProtocolsAreRefusedWithoutBlame() async throws {
        let node = try await TestNode(1)
        let hostile = try await HostilePeer(2, to: node)
        for number in 0..<30 {
            let name = try #require(ProtocolName("/unknown/\(number)/1"))
            await #expect(throws: StreamOpeningError.protocolNotSupported) {
                try await hostile.connection.openStream([name])
            }
        }
        #expect(try await hostile.isConnected())
        #expect(try await node.score(of: hostile.id) == 0)
        await hostile.stop()
        await node.destroy()
    }

    /// More data than the window allows breaks the connection, and nothing else: no score, no bad name.
    @Test func exceedingAWindowEndsTheConnection() async throws {
        // Who says nothing of itself is left much later.
        let node = try await TestNode(1) { $0.host.connection.streamNegotiationTimeout = .seconds(60) }
        let port = node.port
        let outcome = try await TestNode.onThread {
            Result { () throws -> (events: [YamuxSession.Event], id: PeerID) in
                let raw = try RawPeer(2, port: port, timeout: .seconds(20))
                let stream = try raw.session.openStream()
                raw.session.send([0x13][...], on: stream)
                try raw.flush()
                // A header of yamux that announces 300,000 bytes where 256 KiB are allowed: version, data, no flags.
                try raw.seal([0, 0, 0, 0, 0, 0, 0, 1, 0, 4, 0x93, 0xe0])
                do { while true { try raw.poll() } } catch is RawPeer.Closed {}
                return (raw.events, raw.identity.id)
            }
        }.get()
        #expect(outcome.events.contains(.goAway(.protocolError)))
        try await TestNode.wait("the end of the connection") {
            node.notices.contains { if case .disconnected(outcome.id) = $0 { true } else { false } }
        }
        // That it did not say what it is is all that is known of it.
        let isBlamed = node.notices.contains { notice in
            if case .dismissed(_, let reason) = notice { reason != .unidentified } else { false }
        }
        #expect(!isBlamed)
        #expect(try await node.score(of: outcome.id) == 0)
        #expect(try await node.status().statistics.misconduct.isEmpty)
        // It may come back at once, and is a peer like others then.
        let again = try await HostilePeer(2, to: node)
        #expect(try await node.score(of: again.id) >= 0)
        await again.stop()
        try await expectHealth(of: node, not: nil)
        await node.destroy()
    }

    /// A member of the mesh that reads nothing: what waits for it is bounded, its stream ends, and others get all.
    @Test func aPeerThatReadsNothingHoldsUpNobody() async throws {
        let node = try await TestNode(1) { $0.limits.messageTimeout = .seconds(1) }
        let friend = try await TestNode(3, bootstrap: [node.address]) { options in
            options.configuration.validation.signerBurst = 9_999
        }
        let hostile = try await HostilePeer(2, to: node, readsGossip: false)
        let inbound = try await hostile.join()
        try await node.awaitMesh(2)
        // More than the window and the outbox of a stream take.
        var last: AttestationID?
        for session in 0..<1_500 {
            last = try await node.attested(session)
            if hostile.gossipStreamCount > 1 { break }
        }
        // It ends, and is opened once more.
        try await TestNode.wait("another gossip stream") { hostile.gossipStreamCount > 1 }
        let id = try #require(last)
        try await TestNode.wait("the last record at an honest peer") { try friend.has(id) }
        #expect(try await hostile.isConnected(), "being slow is no crime")
        #expect(try await node.score(of: hostile.id) >= 0)
        _ = inbound
        await hostile.stop()
        for node in [node, friend] { await node.destroy() }
    }

    /// A peer that answers pings without having read them is silent.
    @Test func blindAnswersToPingsAreNone() async throws {
        let node = try await TestNode(1) { options in
            options.host.connection.pingInterval = .milliseconds(100)
            options.host.connection.pingTimeout = .milliseconds(1_000)
        }
        let port = node.port
        let duration = try await TestNode.onThread {
            Result { () throws -> Duration in
                let raw = try RawPeer(2, port: port)
                let start = ContinuousClock.now
                // Pongs with all the values that pings that are counted would have.
                let pongs = (UInt8(1)...60).flatMap { (value: UInt8) -> [UInt8] in
                    [0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, value]
                }
                do {
                    while start.duration(to: .now) < .seconds(8) {
                        try raw.seal(pongs)
                        Thread.sleep(forTimeInterval: 0.02)
                    }
                } catch {}
                return start.duration(to: .now)
            }
        }.get()
        #expect(duration > .milliseconds(900) && duration < .seconds(5))
        try await expectHealth(of: node, not: nil)
        await node.destroy()
    }

    /// Peers that are no nodes and begin no session do not keep connections by pings.
    @Test func guestsWithoutSessionsLeave() async throws {
        let node = try await TestNode(1) { options in
            options.configuration.discovery?.connections.gracePeriod = .zero
            options.configuration.discovery?.connections.trimThreshold = 2
            options.configuration.discovery?.connections.trimTarget = 1
            options.limits.guestTimeout = .milliseconds(500)
        }
        var guests: [PeerHost] = []
        var pings: [PeerStream] = []
        for number in 60..<66 {
            let guest = PeerHost(identity: PeerIdentity(privateKey: try RecordSamples.key(number)))
            guests.append(guest)
            pings.append(try await guest.dial(node.address).openStream([.ping]))
        }
        try await TestNode.wait("the guests' end") { node.host.connections.count <= 2 }
        // A stream that is released ends.
        withExtendedLifetime(pings) {}
        try await expectHealth(of: node, not: nil)
        for guest in guests { await guest.shutDown(grace: .zero) }
        await node.destroy()
    }

    // MARK: Frames

    private static let oversize: [[UInt8]] = [
        // 2 MiB, where an RPC has at most one; and nearly 2^63 bytes.
        [0x80, 0x80, 0x80, 0x01],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    ]

    @Test(arguments: oversize)
    func oversizeGossipCostsTheConnection(_ length: [UInt8]) async throws {
        let node = try await TestNode(1)
        let hostile = try await HostilePeer(2, to: node)
        _ = try await hostile.write([length])
        try await hostile.awaitEnd()
        #expect(Self.malformedScore.contains(try await node.score(of: hostile.id)))
        await hostile.stop()
        await node.destroy()
    }

    @Test(arguments: oversize)
    func oversizeRequestsCostScore(_ length: [UInt8]) async throws {
        let node = try await TestNode(1)
        let hostile = try await HostilePeer(2, to: node)
        for attempt in 1...2 {
            _ = try await hostile.write([length], on: "/tabellion/sync/1")
            try await TestNode.wait("misconduct \(attempt)") {
                try await node.status().statistics.misconduct[.malformedFrame] == attempt
            }
        }
        // The second is one too many.
        try await hostile.awaitEnd()
        #expect(try await node.score(of: hostile.id) < -1_000)
        // Who is graylisted cannot come back, either.
        let again = try await hostile.host.dial(node.address)
        _ = await again.closed()
        #expect(try await !hostile.isConnected())
        await hostile.stop()
        await node.destroy()
    }

    /// Bytes that are no RPC; an RPC whose entries are too many.
    @Test func nonsenseCostsTheConnection() async throws {
        let topic = Array("t".utf8)
        let subscription: [UInt8] = [0x0a, UInt8(4 + topic.count), 0x08, 1, 0x12, UInt8(topic.count)] + topic
        let many = [[UInt8]](repeating: subscription, count: 1_100).flatMap { $0 }
        for bytes in [[0x03, 0xff, 0xff, 0xff], UnsignedVarint.encode(UInt64(many.count)) + many] {
            let node = try await TestNode(1)
            let hostile = try await HostilePeer(2, to: node)
            _ = try await hostile.write([bytes])
            try await hostile.awaitEnd()
            #expect(Self.malformedScore.contains(try await node.score(of: hostile.id)))
            await hostile.stop()
            await node.destroy()
        }
    }

    /// Forged messages: graylisted after the fourth, and not let in again.
    @Test func forgersAreGraylisted() async throws {
        let node = try await TestNode(1)
        let hostile = try await HostilePeer(2, to: node)
        let topic = try #require(GossipTopic(node.topic))
        let forgeries = (0..<4).map { number in
            GossipMessage(
                topic: topic,
                data: [1, 2, 3],
                source: hostile.id,
                sequenceNumber: UInt64(number),
                signature: [UInt8](repeating: 1, count: 70)
            )
        }
        _ = try await hostile.join()
        _ = try await hostile.write([GossipRPC(messages: [forgeries[0]]).frame])
        try await TestNode.wait("the first forgery") { try await node.status().gossip.badSignatures == 1 }
        #expect((-101 ... -90).contains(try await node.score(of: hostile.id)))
        _ = try await hostile.write(forgeries.dropFirst().map { GossipRPC(messages: [$0]).frame })
        try await hostile.awaitEnd()
        #expect(try await node.score(of: hostile.id) < -1_000)
        let again = try await hostile.host.dial(node.address)
        _ = await again.closed()
        await hostile.stop()
        await node.destroy()
    }
}
