import CryptoCore
import NetworkSimulation
import PeerProtocols
import Testing

/// What happens first comes first, and what happens at once in the order in which it was entered.
struct EventQueueTests {
    @Test func eventsComeInTheOrderOfTimesAndThenOfInsertion() {
        var random = BlockPRG(seed: Block(1, 2))
        var queue = EventQueue<Int>()
        var expected: [(time: UInt64, number: Int)] = []
        for number in 0..<2_000 {
            let time = UInt64.random(in: 0..<100, using: &random)
            queue.insert(number, at: MonotonicInstant(nanoseconds: time))
            expected.append((time, number))
        }
        expected.sort { ($0.time, $0.number) < ($1.time, $1.number) }
        #expect(queue.count == 2_000)
        for (time, number) in expected {
            #expect(queue.nextTime == MonotonicInstant(nanoseconds: time))
            let next = queue.takeFirst(until: MonotonicInstant(nanoseconds: 100))
            #expect(next?.event == number && next?.time.nanoseconds == time)
        }
        #expect(queue.count == 0 && queue.nextTime == nil)
    }

    @Test func laterEventsStay() {
        var queue = EventQueue<String>()
        queue.insert("late", at: MonotonicInstant(nanoseconds: 11))
        queue.insert("early", at: MonotonicInstant(nanoseconds: 10))
        #expect(queue.takeFirst(until: MonotonicInstant(nanoseconds: 9)) == nil)
        #expect(queue.takeFirst(until: MonotonicInstant(nanoseconds: 10))?.event == "early")
        #expect(queue.takeFirst(until: MonotonicInstant(nanoseconds: 10)) == nil)
        #expect(queue.count == 1)
    }

    /// Slots are used again: what was taken never comes back.
    @Test func insertingAndTakingInTurnsLosesNothing() {
        var random = BlockPRG(seed: Block(3, 4))
        var queue = EventQueue<Int>()
        var now: UInt64 = 0
        var seen: Set<Int> = []
        for number in 0..<5_000 {
            queue.insert(number, at: MonotonicInstant(nanoseconds: now + UInt64.random(in: 0..<50, using: &random)))
            guard number % 3 != 0 else { continue }
            if let (event, time) = queue.takeFirst(until: MonotonicInstant(nanoseconds: .max)) {
                #expect(time.nanoseconds >= now)
                now = time.nanoseconds
                #expect(seen.insert(event).inserted)
            }
        }
        while let (event, _) = queue.takeFirst(until: MonotonicInstant(nanoseconds: .max)) {
            #expect(seen.insert(event).inserted)
        }
        #expect(seen.count == 5_000)
    }
}
