import CryptoCore
import PeerProtocols
import Testing

struct YamuxSessionTests {
    static let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    /// A frame of a cheating or honest peer.
    static func frame(_ kind: UInt8, flags: UInt16 = 0, stream: UInt32, length: UInt32, body: [UInt8] = []) -> [UInt8] {
        [0, kind, UInt8(flags >> 8), UInt8(flags & 0xff)]
            + [stream, length].flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
            + body
    }

    static func data(_ stream: UInt32, flags: UInt16 = 0, _ body: [UInt8]) -> [UInt8] {
        frame(0, flags: flags, stream: stream, length: UInt32(body.count), body: body)
    }

    static func window(_ stream: UInt32, flags: UInt16 = 0, _ increment: UInt32 = 0) -> [UInt8] {
        frame(1, flags: flags, stream: stream, length: increment)
    }

    private func events(_ session: inout YamuxSession) -> [YamuxSession.Event] {
        var events: [YamuxSession.Event] = []
        while let event = session.nextEvent() { events.append(event) }
        return events
    }

    /// A listener on which the peer has opened stream 1.
    private func listener(
        _ configuration: YamuxConfiguration = YamuxConfiguration()
    ) throws -> (YamuxSession, YamuxStreamID) {
        var session = YamuxSession(role: .listener, configuration: configuration)
        try session.receive(Self.window(1, flags: 1), now: Self.start)
        guard case .opened(let id)? = session.nextEvent() else { throw YamuxError.unknownStream(1) }
        return (session, id)
    }

    @Test func framesOfAWholeStream() throws {
        var dialer = YamuxSession(role: .dialer)
        let id = try dialer.openStream()
        dialer.send([1, 2, 3], on: id)
        dialer.send([4], on: id)
        dialer.closeWrite(id)
        #expect(
            dialer.takeOutput() == Self.data(1, flags: 1, [1, 2, 3]) + Self.data(1, [4]) + Self.window(1, flags: 4)
        )
        try dialer.receive(Self.window(1, flags: 2, 1000) + Self.data(1, flags: 4, [9]), now: Self.start)
        #expect(events(&dialer) == [.windowGrew(id), .data(id, [9]), .receiveClosed(id)])
        #expect(dialer.streamCount == 0)
        #expect(try dialer.openStream() != id)

        var (session, accepted) = try listener()
        session.send([7], on: accepted)
        session.send([8], on: accepted)
        session.reset(accepted)
        #expect(
            session.takeOutput() == Self.data(1, flags: 2, [7]) + Self.data(1, [8]) + Self.window(1, flags: 8)
        )
        #expect(session.sendWindow(of: accepted) == 0)
    }

    @Test(arguments: [1, 5, 11, 12, 13, 1000])
    func bytesMayArriveInAnyPortions(chunkByteCount: Int) throws {
        var session = YamuxSession(role: .listener)
        let body = Array(UInt8(0)..<100)
        let wire =
            Self.data(1, flags: 1, body) + Self.frame(2, flags: 1, stream: 0, length: 77) + Self.data(1, flags: 4, body)
            + Self.frame(3, stream: 0, length: 0)
        for start in stride(from: 0, to: wire.count, by: chunkByteCount) {
            try session.receive(Array(wire[start..<min(start + chunkByteCount, wire.count)]), now: Self.start)
        }
        var received: [UInt8] = []
        var others: [YamuxSession.Event] = []
        for event in events(&session) {
            if case .data(_, let bytes) = event { received += bytes } else { others.append(event) }
        }
        #expect(received == body + body)
        #expect(others.count == 3)
        guard case .opened(let id)? = others.first else { return #expect(Bool(false), "no stream was opened") }
        #expect(others.dropFirst() == [.receiveClosed(id), .goAway(.normal)])
        #expect(session.takeOutput() == Self.frame(2, flags: 2, stream: 0, length: 77))
        #expect(throws: YamuxError.goingAway) { try session.openStream() }
    }

    @Test(arguments: [
        (frame(0, stream: 0, length: 0), YamuxError.invalidStreamID(0)),
        ([1] + frame(0, stream: 1, length: 0).dropFirst(), .unsupportedVersion(1)),
        (frame(4, stream: 1, length: 0), .unknownFrameKind(4)),
        (frame(0, flags: 16, stream: 1, length: 0), .unknownFlags(16)),
        (frame(0, flags: 0x8001, stream: 1, length: 0), .unknownFlags(0x8001)),
        (frame(2, flags: 1, stream: 1, length: 0), .invalidStreamID(1)),
        (frame(3, stream: 1, length: 0), .invalidStreamID(1)),
        (window(2, flags: 1), .invalidStreamID(2)),
        (data(3, []), .unknownStream(3)),
        (data(2, []), .unknownStream(2)),
        (window(1, flags: 1) + window(1, flags: 1), .streamIDInUse(1)),
        (data(1, flags: 1 | 4, []) + data(1, [1]), .dataAfterClose(1)),
        (
            frame(0, flags: 1, stream: 1, length: 262_145),
            .receiveWindowExceeded(stream: 1, window: 262_144, received: 262_145)
        ),
        (
            data(1, flags: 1, [0]) + frame(0, stream: 1, length: 262_144),
            .receiveWindowExceeded(stream: 1, window: 262_143, received: 262_144)
        ),
        (window(1, flags: 1, .max), .sendWindowOverflow(stream: 1)),
    ])
    func refusesWhatBreaksTheProtocol(wire: [UInt8], error: YamuxError) {
        var session = YamuxSession(role: .listener)
        #expect(throws: error) { try session.receive(wire, now: Self.start) }
    }

    @Test func furtherStreamsThanAllowedAreReset() throws {
        var configuration = YamuxConfiguration()
        configuration.inboundStreamCountMax = 2
        configuration.outboundStreamCountMax = 1
        var session = YamuxSession(role: .listener, configuration: configuration)
        for id: UInt32 in [1, 3, 5] { try session.receive(Self.data(id, flags: 1, [1]), now: Self.start) }
        #expect(session.streamCount == 2)
        #expect(session.takeOutput() == Self.window(5, flags: 8))
        // What was under way on the refused stream is dropped, but no more than a window of it.
        let dropped = [UInt8](repeating: 0, count: 262_143)
        try session.receive(Self.data(5, dropped), now: Self.start)
        #expect(throws: YamuxError.unknownStream(5)) { try session.receive(Self.data(5, [0]), now: Self.start) }

        _ = try session.openStream()
        #expect(throws: YamuxError.tooManyStreams) { try session.openStream() }
    }

    @Test func dataOnAStreamThatThisSideResetIsDropped() throws {
        var (session, id) = try listener()
        session.reset(id)
        try session.receive(Self.data(1, [1, 2, 3]) + Self.window(1, 5) + Self.window(1, flags: 4), now: Self.start)
        #expect(events(&session) == [])
        let rest = [UInt8](repeating: 0, count: 262_141)
        try session.receive(Self.data(1, rest), now: Self.start)
        #expect(throws: YamuxError.unknownStream(1)) { try session.receive(Self.data(1, [0]), now: Self.start) }
    }

    @Test func whatFollowsOfAFrameIsDroppedWhenThisSideResetsWithinIt() throws {
        var (session, id) = try listener()
        let frame = Self.data(1, flags: 4, [1, 2, 3, 4, 5])
        try session.receive(Array(frame.dropLast(2)), now: Self.start)
        #expect(events(&session) == [.data(id, [1, 2, 3])])
        session.reset(id)
        try session.receive(Array(frame.suffix(2)) + Self.window(3, flags: 1), now: Self.start)
        let others = events(&session)
        #expect(others.count == 1)
        guard case .opened? = others.first else {
            Issue.record("the next frame was not understood: \(others)")
            return
        }
    }

    @Test func resetByThePeerEndsTheStream() throws {
        var (session, id) = try listener()
        try session.receive(Self.data(1, flags: 8, [1, 2]) + Self.window(1, flags: 8), now: Self.start)
        #expect(events(&session) == [.reset(id)])
        #expect(!session.isOpen(id))
    }

    @Test func theSendWindowIsRespectedAndGrows() throws {
        var (session, id) = try listener()
        #expect(session.sendWindow(of: id) == 262_144)
        session.send([UInt8](repeating: 0, count: 262_144)[...], on: id)
        #expect(session.sendWindow(of: id) == 0)
        try session.receive(Self.window(1, 100), now: Self.start)
        #expect(session.sendWindow(of: id) == 100)
        session.closeWrite(id)
        #expect(session.sendWindow(of: id) == 0)
    }

    @Test func repeatedPingsAreAnswersOnlyWithinABound() throws {
        var session = YamuxSession(role: .listener)
        let ping = Self.frame(2, flags: 1, stream: 0, length: 1)
        for _ in 0..<5461 { try session.receive(ping, now: Self.start) }
        #expect(throws: YamuxError.controlFlood) { try session.receive(ping, now: Self.start) }

        var other = YamuxSession(role: .listener)
        for _ in 0..<20_000 {
            try other.receive(ping, now: Self.start)
            #expect(other.takeOutput().count == 12)
        }
    }

    @Test func theRoundTripIsTheLeastOfTheLastMeasurements() throws {
        var session = YamuxSession(role: .dialer)
        #expect(session.roundTripNanoseconds == nil)
        var now = Self.start
        var values: Set<UInt32> = []
        for milliseconds in [120, 100, 500] {
            session.ping(now: now)
            session.ping(now: now)
            let value = session.takeOutput().suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            values.insert(value)
            now = now.advanced(by: .milliseconds(milliseconds))
            // Not the answer to this ping.
            try session.receive(Self.frame(2, flags: 2, stream: 0, length: value &+ 1), now: now)
            try session.receive(Self.frame(2, flags: 2, stream: 0, length: value), now: now)
            #expect(events(&session) == [.roundTrip(nanoseconds: UInt64(milliseconds) * 1_000_000)])
        }
        #expect(session.roundTripNanoseconds == 100_000_000)
        #expect(values.count == 3)
        // Another seed gives others: who does not know it has to read a ping to answer it.
        var other = YamuxSession(role: .dialer, pingSeed: Block(1, 2))
        other.ping(now: now)
        session.ping(now: now)
        #expect(other.takeOutput() != session.takeOutput())
    }

    /// Answers to pings that nobody read are none: a peer that reads nothing is seen to be silent.
    @Test func pingsAreNotAnsweredBlindly() throws {
        var session = YamuxSession(role: .listener, pingSeed: Block(3, 4))
        for _ in 0..<8 {
            session.ping(now: Self.start)
            for value in UInt32(0)..<2_000 {
                try session.receive(Self.frame(2, flags: 2, stream: 0, length: value), now: Self.start)
            }
        }
        #expect(events(&session) == [])
        #expect(session.pingSentAt == Self.start)
    }

    /// Everything that a peer brings about without reading counts: resets by this side, too.
    @Test func resetsThatNobodyTakesAreBounded() throws {
        var session = YamuxSession(role: .listener)
        var next: UInt32 = 1
        #expect(throws: YamuxError.controlFlood) {
            while next < 100_000 {
                try session.receive(Self.window(next, flags: 1), now: Self.start)
                for case .opened(let id) in events(&session) { session.reset(id) }
                next += 2
            }
        }
        #expect(session.takeOutput().count <= 64 << 10 + 24)
    }
}
