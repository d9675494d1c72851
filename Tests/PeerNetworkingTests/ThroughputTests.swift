import Crypto
import Foundation
import NIOCore
import PeerNetworking
import PeerProtocols
import Testing

@Suite(.timeLimit(.minutes(2)), .serialized)
struct ThroughputTests {
    private static let byteCount = 100 << 20

    /// Bytes that differ from each other at every offset that a lost or repeated frame could shift by.
    private static func pattern(_ count: Int) -> [UInt8] {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        return (0..<count / 8).flatMap { _ -> [UInt8] in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return withUnsafeBytes(of: state.littleEndian, Array.init)
        }
    }

    @Test func hundredMegabytesArriveUnchangedBothWays() async throws {
        let pair = try await HostPair { stream in
            var hash = SHA256()
            do {
                while true {
                    let bytes = try stream.read(max: 1 << 20)
                    if bytes.isEmpty { break }
                    hash.update(data: bytes)
                    try stream.write(bytes)
                }
                try stream.write(Array(hash.finalize()))
            } catch {
                Issue.record("the echoing side failed: \(error)")
            }
        }
        let connection = try await pair.client.dial(pair.address)
        let stream = try await connection.openStream(["/test/1"])
        stream.timeLimits = StreamTimeLimits(read: .seconds(20), write: .seconds(20))
        let block = Self.pattern(1 << 20)
        let writer = Task {
            try await HostPair.onThread {
                for _ in 0..<Self.byteCount >> 20 { try stream.write(block) }
                stream.closeWrite()
            }
        }
        let start = ContinuousClock.now
        let (received, theirHash) = try await HostPair.onThread { () -> ([UInt8], [UInt8]) in
            var hash = SHA256()
            var left = Self.byteCount
            while left > 0 {
                let bytes = try stream.read(max: min(left, 1 << 20))
                try #require(!bytes.isEmpty)
                hash.update(data: bytes)
                left -= bytes.count
            }
            var theirs: [UInt8] = []
            while true {
                let bytes = try stream.read(max: 64)
                if bytes.isEmpty { break }
                theirs += bytes
            }
            return (Array(hash.finalize()), theirs)
        }
        let elapsed = start.duration(to: .now)
        print("100 MiB each way in \(elapsed), round trip \(String(describing: stream.roundTrip))")
        try await writer.value
        var expected = SHA256()
        for _ in 0..<Self.byteCount >> 20 { expected.update(data: block) }
        #expect(received == Array(expected.finalize()))
        #expect(theirHash == received)
        #expect(stream.bytesRead == Self.byteCount + 32)
        #expect(stream.bytesWritten == Self.byteCount)
        await pair.close()
    }

    /// The tables of one session over a round trip of 100 ms: windows of 256 KiB would take 7.4 s.
    @Test func tablesStreamOverALongLink() async throws {
        let byteCount = 19_000_000
        let pair = try await HostPair { stream in
            while let bytes = try? stream.read(max: 1 << 20), !bytes.isEmpty {}
            try? stream.write([1])
        }
        guard case .tcp(let port)? = pair.address.components.dropFirst().first else { return }
        let link = try await DelayingLink(to: port, delay: .milliseconds(50))
        let connection = try await pair.client.dial(
            try Multiaddr("/ip4/127.0.0.1/tcp/\(link.port)").with(pair.server.identity.id)
        )
        let stream = try await connection.openStream(["/test/1"])
        let elapsed = try await HostPair.onThread { () -> Duration in
            let start = ContinuousClock.now
            for start in stride(from: 0, to: byteCount, by: 64 << 10) {
                try stream.write([UInt8](repeating: 7, count: min(64 << 10, byteCount - start)))
            }
            stream.closeWrite()
            let answer = try stream.read(max: 1)
            #expect(answer == [1])
            return start.duration(to: .now)
        }
        print("19 MB over a round trip of 100 ms in \(elapsed)")
        #expect(elapsed < .seconds(3))
        #expect(try #require(stream.roundTrip) >= .milliseconds(100))
        await pair.close()
        try await link.close()
    }

    /// As many sessions at a time as a notary runs, each on its own connection, none starved.
    @Test func manySessionsAtATime() async throws {
        let pair = try await HostPair { stream in
            while let bytes = try? stream.read(max: 1 << 20), !bytes.isEmpty { try? stream.write(bytes) }
        }
        let block = Self.pattern(64 << 10)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    let connection = try await pair.client.dial(pair.address)
                    let stream = try await connection.openStream(["/test/1"])
                    stream.timeLimits = StreamTimeLimits(read: .seconds(30), write: .seconds(30))
                    let count = try await HostPair.onThread { () -> Int in
                        for _ in 0..<16 {
                            try stream.write(block)
                            var left = block.count
                            while left > 0 { left -= try stream.read(max: left).count }
                        }
                        return stream.bytesRead
                    }
                    #expect(count == 16 * block.count)
                }
            }
            try await group.waitForAll()
        }
        await pair.close()
    }

    @Test func hundredMegabytesOneWay() async throws {
        let pair = try await HostPair { stream in
            while let bytes = try? stream.read(max: 1 << 20), !bytes.isEmpty {}
            try? stream.write([1])
        }
        let connection = try await pair.client.dial(pair.address)
        let stream = try await connection.openStream(["/test/1"])
        stream.timeLimits = StreamTimeLimits(read: .seconds(20), write: .seconds(20))
        let block = Self.pattern(64 << 10)
        let start = ContinuousClock.now
        try await HostPair.onThread {
            for _ in 0..<Self.byteCount / block.count { try stream.write(block) }
            stream.closeWrite()
            #expect(try stream.read(max: 1) == [1])
        }
        let elapsed = start.duration(to: .now)
        print("100 MiB one way in \(elapsed)")
        await pair.close()
    }
}
