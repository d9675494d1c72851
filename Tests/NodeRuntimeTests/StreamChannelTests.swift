import MPCTLS
import NodeRuntime
import PartyChannel
import PeerNetworking
import Testing

/// Frames over real streams: what arrives, what is refused, and how a session ends.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct StreamChannelTests {
    static let tag = FrameTag(rawValue: 7)
    static let other = FrameTag(rawValue: 8)

    @Test func framesArriveWholeAndInOrder() async throws {
        let sizes = [0, 1, 5, 65_535, 65_536, 300_000, 3]
        let (_, received) = try await StreamPair().run { channel, _ in
            for (index, size) in sizes.enumerated() {
                try channel.send(Self.tag, [UInt8](repeating: UInt8(index), count: size))
            }
            try channel.flush()
            _ = try channel.receive(Self.other, exactly: 0)
        } server: { channel, _ in
            let frames = try sizes.map { _ in try channel.receive(Self.tag, limit: 300_000) }
            try channel.send(Self.other, [])
            try channel.flush()
            return frames
        }
        #expect(received == sizes.enumerated().map { [UInt8](repeating: UInt8($0), count: $1) })
    }

    @Test func otherTagsAndLengthsAreRefused() async throws {
        _ = try await StreamPair().run { channel, _ in
            try channel.send(Self.tag, [1, 2, 3])
            try channel.send(Self.tag, [1, 2, 3])
            try channel.send(Self.tag, [1, 2, 3])
            try channel.flush()
        } server: { channel, _ in
            #expect(throws: ChannelError.unexpectedFrame(expected: Self.other, received: Self.tag)) {
                try channel.receive(Self.other, limit: 3)
            }
        }
        _ = try await StreamPair().run { channel, _ in
            try channel.send(Self.tag, [1, 2, 3])
            try channel.flush()
        } server: { channel, _ in
            #expect(throws: ChannelError.wrongLength(tag: Self.tag, expected: 4, received: 3)) {
                try channel.receive(Self.tag, exactly: 4)
            }
        }
    }

    /// Only the header of a frame that is too long is read: its announced length costs nothing.
    @Test func oversizeIsRefusedBeforeItArrives() async throws {
        _ = try await StreamPair().run { _, stream in
            try stream.write([0, 7, 0xff, 0xff, 0xff, 0xff])
        } server: { channel, stream in
            #expect(throws: ChannelError.oversize(tag: Self.tag, limit: 1 << 20, announced: 0xffff_ffff)) {
                try channel.receive(Self.tag, limit: 1 << 20)
            }
            #expect(stream.bytesRead == 6)
        }
    }

    @Test func theReasonOfAnAbortIsCleaned() async throws {
        let reason = "no\u{1b}[2J\nroom\u{202e}" + String(repeating: "!", count: 600)
        let (_, error) = try await StreamPair().run { channel, _ in
            channel.abort(reason: reason)
            #expect(throws: ChannelError.closed) { try channel.send(Self.tag, []) }
        } server: { channel, _ in
            #expect(throws: ChannelError.self) { try channel.receive(Self.tag, limit: 1) }
        }
        guard case .abortedByPeer(let received) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(received.hasPrefix("no?[2J?room?!!!"))
        #expect(received.utf8.count == 512)
    }

    /// A peer that sends the raw bytes itself gets nothing onto the terminal either.
    @Test func aForgedReasonIsCleanedAndBounded() async throws {
        let (_, error) = try await StreamPair().run { _, stream in
            let reason = Array("\u{1b}]0;evil\u{07}".utf8) + [0xff, 0xc0] + [UInt8](repeating: 0x41, count: 100_000)
            let count = (0..<4).map { UInt8(truncatingIfNeeded: reason.count >> (24 - 8 * $0)) }
            try stream.write([0xff, 0xff] + count + reason)
        } server: { channel, _ in
            #expect(throws: ChannelError.self) { try channel.receive(Self.tag, limit: 1) }
        }
        guard case .abortedByPeer(let received) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(received.hasPrefix("?]0;evil?"))
        #expect(received.utf8.count <= 512)
        #expect(received.utf8.allSatisfy { (0x20..<0x7f).contains($0) })
    }

    /// Somebody who has much to send learns of an abort without asking for a message.
    @Test func aSenderHeedsAnAbort() async throws {
        let (sent, _) = try await StreamPair().run { channel, _ -> Int in
            var sent = 0
            #expect(throws: ChannelError.abortedByPeer(reason: "enough")) {
                while sent < 256 << 20 {
                    try channel.send(Self.tag, [UInt8](repeating: 0, count: 1 << 16))
                    sent += 1 << 16
                }
            }
            channel.close()
            return sent
        } server: { channel, _ in
            _ = try channel.receive(Self.tag, limit: 1 << 16)
            // Behind a message that nobody asked for yet, too.
            try channel.send(Self.other, [UInt8](repeating: 1, count: 1000))
            try channel.flush()
            channel.abort(reason: "enough", patience: .seconds(10))
        }
        #expect(sent < 256 << 20)
    }

    /// A message that came before the end is still read, whatever was sent in between.
    @Test func whatCameBeforeTheEndIsKept() async throws {
        _ = try await StreamPair().run { channel, stream in
            _ = try channel.receive(Self.other, exactly: 0)
            try channel.send(Self.tag, [UInt8](repeating: 0, count: 1 << 16))
            try channel.send(Self.tag, [UInt8](repeating: 0, count: 1 << 16))
            #expect(try channel.receive(Self.other, limit: 3) == [1, 2, 3])
            #expect(throws: ChannelError.closed) { try channel.receive(Self.other, limit: 3) }
            channel.close()
        } server: { channel, stream in
            try channel.send(Self.other, [])
            try channel.send(Self.other, [1, 2, 3])
            try channel.flush()
            channel.close()
            while !(try stream.read(max: 1 << 16)).isEmpty {}
        }
    }

    @Test func closingAndLosingTheConnectionAreTheEnd() async throws {
        _ = try await StreamPair().run { channel, _ in
            channel.close()
            #expect(throws: ChannelError.closed) { try channel.send(Self.tag, []) }
        } server: { channel, _ in
            #expect(throws: ChannelError.closed) { try channel.receive(Self.tag, limit: 1) }
        }
        _ = try await StreamPair().run { channel, stream in
            try channel.send(Self.tag, [1])
            try channel.flush()
            stream.connection.close(gracefully: false)
        } server: { channel, _ in
            #expect(throws: ChannelError.closed) {
                for _ in 0..<2 { _ = try channel.receive(Self.tag, limit: 1) }
            }
        }
        // In the middle of a frame.
        _ = try await StreamPair().run { _, stream in
            try stream.write([0, 7, 0, 0, 0, 9, 1, 2, 3])
            stream.closeWrite()
        } server: { channel, _ in
            #expect(throws: ChannelError.closed) { try channel.receive(Self.tag, limit: 9) }
        }
    }

    @Test func silenceTimesOut() async throws {
        _ = try await StreamPair().run { channel, stream in
            stream.timeLimits.read = .milliseconds(50)
            #expect(throws: ChannelError.timedOut) { try channel.receive(Self.tag, limit: 9) }
            channel.limitReads(to: nil)
            stream.timeLimits = stream.timeLimits.endingAfter(.milliseconds(50))
            #expect(throws: ChannelError.timedOut) { try channel.receive(Self.tag, limit: 9) }
            channel.abort(reason: "late")
        } server: { channel, _ in
            #expect(throws: ChannelError.abortedByPeer(reason: "late")) { try channel.receive(Self.tag, limit: 9) }
        }
    }

    @Test func theMeterCountsBytesAndRoundTripsByPhase() async throws {
        let (client, server) = try await StreamPair().run { channel, _ -> SessionMeter in
            channel.enter(.setup)
            try channel.send(Self.tag, [1, 2, 3])
            try channel.send(Self.tag, [4])
            _ = try channel.receive(Self.other, limit: 10)
            _ = try channel.receive(Self.other, limit: 10)
            channel.enter(.proof)
            try channel.send(Self.tag, [])
            _ = try channel.receive(Self.other, limit: 10)
            return channel.meter
        } server: { channel, _ -> SessionMeter in
            _ = try channel.receive(Self.tag, limit: 3)
            _ = try channel.receive(Self.tag, limit: 3)
            try channel.send(Self.other, [UInt8](repeating: 0, count: 10))
            try channel.send(Self.other, [])
            _ = try channel.receive(Self.tag, limit: 3)
            try channel.send(Self.other, [1])
            try channel.flush()
            return channel.meter
        }
        #expect(client.usage[.setup]?.bytesOut == 6 + 3 + 6 + 1)
        #expect(client.usage[.setup]?.bytesIn == 6 + 10 + 6)
        #expect(client.usage[.setup]?.roundTrips == 1)
        #expect(client.usage[.proof]?.bytesOut == 6)
        #expect(client.usage[.proof]?.roundTrips == 1)
        #expect(client.usage[.garbling] == nil)
        #expect(client.total().roundTrips == 2)
        #expect(server.total().bytesIn == client.total().bytesOut)
        #expect(server.total().bytesOut == client.total().bytesIn)
    }
}
