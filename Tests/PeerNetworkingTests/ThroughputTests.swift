import Crypto
import Foundation
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

    @Test func oneWay() async throws {
        let pair = try await HostPair { stream in
            while let bytes = try? stream.read(max: 1 << 20), !bytes.isEmpty {}
            try? stream.write([1])
        }
        let connection = try await pair.client.dial(pair.address)
        let stream = try await connection.openStream(["/test/1"])
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
