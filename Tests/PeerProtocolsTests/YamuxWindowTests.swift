import PeerProtocols
import Testing

/// Two sessions over a simulated link, to see that windows follow the link and stay within their bounds.
struct YamuxWindowTests {
    /// Sends `byteCount` bytes over a link of this round trip and rate; the reader takes what arrives at once.
    private func transfer(
        byteCount: Int,
        roundTripMilliseconds: Int,
        bytesPerMillisecond: Int,
        measured: Bool = true,
        windowByteCountMax: Int = .max,
        configuration: YamuxConfiguration = YamuxConfiguration()
    ) throws -> (milliseconds: Int, inFlightMax: Int) {
        var sender = YamuxSession(role: .dialer)
        var receiver = YamuxSession(role: .listener, configuration: configuration)
        let id = try sender.openStream()
        let delay = roundTripMilliseconds / 2
        var toReceiver: [(at: Int, bytes: [UInt8])] = []
        var toSender: [(at: Int, bytes: [UInt8])] = []
        var head = (receiver: 0, sender: 0)
        var sent = 0
        var received = 0
        var inFlightMax = 0
        let block = [UInt8](repeating: 0xab, count: 1 << 16)
        if measured { receiver.ping(now: instant(0)) }
        for time in 0..<100_000 {
            var budget = bytesPerMillisecond
            while budget > 0, sent < byteCount {
                let count = min(sender.sendWindow(of: id), budget, byteCount - sent, block.count)
                guard count > 0 else { break }
                sender.send(block[..<count], on: id)
                sent += count
                budget -= count
            }
            toReceiver.append((time + delay, sender.takeOutput()))
            toSender.append((time + delay, receiver.takeOutput()))
            while head.receiver < toReceiver.count, toReceiver[head.receiver].at <= time {
                try receiver.receive(toReceiver[head.receiver].bytes, now: instant(time))
                toReceiver[head.receiver].bytes = []
                head.receiver += 1
            }
            while let event = receiver.nextEvent() {
                guard case .data(let id, let bytes) = event else { continue }
                received += bytes.count
                receiver.consume(bytes.count, on: id, now: instant(time), windowByteCountMax: windowByteCountMax)
            }
            while head.sender < toSender.count, toSender[head.sender].at <= time {
                try sender.receive(toSender[head.sender].bytes, now: instant(time))
                head.sender += 1
            }
            while sender.nextEvent() != nil {}
            inFlightMax = max(inFlightMax, sent - received)
            if received == byteCount { return (time, inFlightMax) }
        }
        Issue.record("the transfer did not end")
        return (.max, inFlightMax)
    }

    private func instant(_ milliseconds: Int) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: UInt64(milliseconds + 1) * 1_000_000)
    }

    /// 19 MB, as a session's garbled tables, over 100 ms: the rate of the link limits, not the window.
    @Test(arguments: [2500, 12_500])
    func garbledTablesStreamAtTheSpeedOfALongLink(bytesPerMillisecond: Int) throws {
        let byteCount = 19_000_000
        let ideal = byteCount / bytesPerMillisecond + 50
        let run = try transfer(
            byteCount: byteCount,
            roundTripMilliseconds: 100,
            bytesPerMillisecond: bytesPerMillisecond
        )
        #expect(run.milliseconds <= ideal + 450, "\(run.milliseconds) ms, the link alone takes \(ideal) ms")
    }

    /// Without a measured round trip the window stays, and 256 KiB a round trip is all there is.
    @Test func aFixedWindowWouldThrottle() throws {
        let run = try transfer(
            byteCount: 2_560_000,
            roundTripMilliseconds: 100,
            bytesPerMillisecond: 12_500,
            measured: false
        )
        #expect(run.milliseconds > 800)
        #expect(run.inFlightMax <= 262_144)
    }

    /// 20 Mbit/s over 20 ms hold 50 KB: the initial window is enough, and nothing more is promised.
    @Test func aShortLinkKeepsASmallWindow() throws {
        let run = try transfer(byteCount: 5_000_000, roundTripMilliseconds: 20, bytesPerMillisecond: 2500)
        #expect(run.milliseconds <= 2000 + 40)
        #expect(run.inFlightMax <= 262_144)
    }

    @Test func windowsStayBelowTheirMaximum() throws {
        var configuration = YamuxConfiguration()
        configuration.receiveWindowByteCountMax = 1 << 20
        let run = try transfer(
            byteCount: 19_000_000,
            roundTripMilliseconds: 100,
            bytesPerMillisecond: 12_500,
            configuration: configuration
        )
        #expect(run.inFlightMax <= 1 << 20)
        configuration.receiveWindowGrowthByteCountMax = 256 << 10
        let shared = try transfer(
            byteCount: 5_000_000,
            roundTripMilliseconds: 100,
            bytesPerMillisecond: 12_500,
            configuration: configuration
        )
        #expect(shared.inFlightMax <= 512 << 10)
    }

    /// A reader may want less for one stream than the connection allows.
    @Test func aStreamCanHaveASmallerMaximum() throws {
        let run = try transfer(
            byteCount: 9_000_000,
            roundTripMilliseconds: 100,
            bytesPerMillisecond: 12_500,
            windowByteCountMax: 1 << 20
        )
        #expect((600_000...1 << 20).contains(run.inFlightMax))
        let least = try transfer(
            byteCount: 1_000_000,
            roundTripMilliseconds: 100,
            bytesPerMillisecond: 12_500,
            windowByteCountMax: 0
        )
        #expect(least.inFlightMax == 262_144, "no window becomes smaller than it began")
    }

    /// Many streams that all pull at once share one bound, and give back what they had grown by.
    @Test func theStreamsOfAConnectionShareTheGrowth() throws {
        var configuration = YamuxConfiguration()
        configuration.receiveWindowGrowthByteCountMax = 1 << 20
        configuration.receiveWindowByteCountMax = 1 << 20
        var receiver = YamuxSession(role: .listener, configuration: configuration)
        var sender = YamuxSession(role: .dialer)
        receiver.ping(now: instant(0))
        try sender.receive(receiver.takeOutput(), now: instant(50))
        try receiver.receive(sender.takeOutput(), now: instant(100))
        let ids = try (0..<8).map { _ in try sender.openStream() }
        var time = 100
        var widest = 0
        for _ in 0..<12 {
            for id in ids {
                let count = sender.sendWindow(of: id)
                sender.send([UInt8](repeating: 1, count: count)[...], on: id)
            }
            try receiver.receive(sender.takeOutput(), now: instant(time + 50))
            while let event = receiver.nextEvent() {
                if case .data(let id, let bytes) = event {
                    receiver.consume(bytes.count, on: id, now: instant(time + 50))
                }
            }
            time += 100
            try sender.receive(receiver.takeOutput(), now: instant(time))
            while sender.nextEvent() != nil {}
            let promised = ids.reduce(0) { $0 + sender.sendWindow(of: $1) }
            #expect(promised <= 8 * 262_144 + 1 << 20)
            widest = max(widest, ids.map { sender.sendWindow(of: $0) }.max() ?? 0)
        }
        #expect(widest >= 512 << 10, "the growth is used")
    }
}
