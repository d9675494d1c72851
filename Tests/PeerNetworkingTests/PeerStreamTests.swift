import Foundation
import NIOConcurrencyHelpers
import PeerNetworking
import PeerProtocols
import Testing

/// What blocking calls do when the other side closes, resets, stalls or goes away.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct PeerStreamTests {
    /// Connects, opens a stream, and runs `body` with it on a thread of its own.
    private func withStream(
        serverConfiguration: PeerHostConfiguration = PeerHostConfiguration(),
        handler: @escaping PeerHost.StreamHandler,
        _ body: @escaping @Sendable (PeerStream, HostPair) throws -> Void
    ) async throws {
        let pair = try await HostPair(serverConfiguration: serverConfiguration, handler: handler)
        let connection = try await pair.client.dial(pair.address)
        let stream = try await connection.openStream(["/test/1"])
        stream.timeLimits = StreamTimeLimits(read: .seconds(10), write: .seconds(10))
        do {
            try await HostPair.onThread { try body(stream, pair) }
        } catch {
            await pair.close()
            throw error
        }
        await pair.close()
    }

    @Test func halfCloseLeavesTheOtherDirectionOpen() async throws {
        try await withStream { stream in
            var sum = 0
            while let bytes = try? stream.read(max: 3), !bytes.isEmpty { sum += bytes.reduce(0) { $0 + Int($1) } }
            try? stream.write([UInt8(sum)])
        } _: { stream, _ in
            try stream.write([1, 2, 3])
            try stream.write([4, 5])
            stream.closeWrite()
            #expect(throws: StreamError.closedLocally) { try stream.write([6]) }
            #expect(try stream.read(max: 10) == [15])
            #expect(try stream.read(max: 10) == [])
            #expect(try stream.read(max: 10) == [])
            #expect(stream.bytesWritten == 5)
            #expect(stream.bytesRead == 1)
        }
    }

    @Test func aHandlerThatReturnsClosesItsStreamAfterWhatItWrote() async throws {
        try await withStream { stream in
            try? stream.write([UInt8](repeating: 3, count: 700_000))
        } _: { stream, _ in
            var count = 0
            while true {
                let bytes = try stream.read(max: 4096)
                if bytes.isEmpty { break }
                count += bytes.count
            }
            #expect(count == 700_000)
        }
    }

    @Test func resetFailsBothSides() async throws {
        let outcome = NIOLockedValueBox<StreamError?>(nil)
        let done = DispatchSemaphore(value: 0)
        try await withStream { stream in
            do {
                while !(try stream.read(max: 10).isEmpty) {}
            } catch {
                outcome.withLockedValue { $0 = error as? StreamError }
            }
            done.signal()
        } _: { stream, _ in
            try stream.write([1])
            stream.reset()
            #expect(throws: StreamError.closedLocally) { try stream.read(max: 1) }
            #expect(throws: StreamError.closedLocally) { try stream.write([1]) }
            #expect(done.wait(timeout: .now() + 10) == .success)
            #expect(outcome.withLockedValue { $0 } == .resetByPeer)
        }
    }

    @Test func aReaderThatWaitsHearsOfAReset() async throws {
        try await withStream { stream in
            _ = try? stream.read(max: 1)
            stream.reset()
        } _: { stream, _ in
            try stream.write([1])
            #expect(throws: StreamError.resetByPeer) { try stream.read(max: 1) }
            #expect(throws: StreamError.resetByPeer) { try stream.write([1]) }
        }
    }

    @Test func readsAndWritesEndAtTheirTimeLimits() async throws {
        let release = DispatchSemaphore(value: 0)
        try await withStream { _ in
            release.wait()
        } _: { stream, _ in
            defer { release.signal() }
            stream.timeLimits = StreamTimeLimits(read: .milliseconds(100), write: .milliseconds(100))
            var start = ContinuousClock.now
            #expect(throws: StreamError.timedOut) { try stream.read(max: 1) }
            #expect(start.duration(to: .now) >= .milliseconds(100))

            // Nobody reads over there: window and outbox fill up, then writing must end too.
            let block = [UInt8](repeating: 0, count: 100_000)
            var taken = 0
            start = .now
            #expect(throws: StreamError.timedOut) {
                while taken < 100_000_000 {
                    try stream.write(block)
                    taken += block.count
                }
            }
            #expect(taken < 4 << 20, "what a stalled reader makes a writer buffer is bounded, not \(taken)")

            stream.timeLimits = StreamTimeLimits().endingAfter(.milliseconds(50))
            #expect(throws: StreamError.timedOut) { try stream.read(max: 1) }
            #expect(throws: StreamError.timedOut) { try stream.write(block) }
        }
    }

    @Test func aDeadlineSetLaterReachesAReaderThatWaits() async throws {
        let release = DispatchSemaphore(value: 0)
        try await withStream { _ in
            release.wait()
        } _: { stream, _ in
            defer { release.signal() }
            stream.timeLimits = StreamTimeLimits()
            Thread.detachNewThread {
                Thread.sleep(forTimeInterval: 0.1)
                stream.timeLimits = StreamTimeLimits().endingAfter(.milliseconds(10))
            }
            #expect(throws: StreamError.timedOut) { try stream.read(max: 1) }
        }
    }

    @Test func losingTheConnectionWakesReadersAndWriters() async throws {
        let connectionGone = NIOLockedValueBox<StreamError?>(nil)
        let done = DispatchSemaphore(value: 0)
        try await withStream { stream in
            do {
                _ = try stream.read(max: 1)
                _ = try stream.read(max: 1)
            } catch {
                connectionGone.withLockedValue { $0 = error as? StreamError }
            }
            done.signal()
        } _: { stream, _ in
            try stream.write([1])
            Thread.sleep(forTimeInterval: 0.05)
            stream.connection.close(gracefully: false)
            #expect(throws: StreamError.connectionClosed(.closedLocally)) { try stream.read(max: 1) }
            #expect(throws: StreamError.connectionClosed(.closedLocally)) { try stream.write([1]) }
            #expect(done.wait(timeout: .now() + 10) == .success)
            #expect(connectionGone.withLockedValue { $0 } == .connectionClosed(.closedByPeer(.normal)))
            #expect(throws: StreamOpeningError.connectionClosed(.closedLocally)) {
                try stream.connection.openStreamAndWait(["/test/1"])
            }
        }
    }

    @Test func manySmallWritesArriveInOrder() async throws {
        try await withStream { stream in
            while let bytes = try? stream.read(max: 1000), !bytes.isEmpty { try? stream.write(bytes) }
        } _: { stream, _ in
            for round in 0..<2000 {
                let bytes = [UInt8(round & 0xff), UInt8(round >> 8)]
                try stream.write(bytes)
                var echo: [UInt8] = []
                while echo.count < 2 { echo += try stream.read(max: 2 - echo.count) }
                try #require(echo == bytes)
            }
        }
    }
}
