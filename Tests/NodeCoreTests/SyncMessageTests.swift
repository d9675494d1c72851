import Attestations
import CryptoCore
import NodeCore
import RecordSamples
import Testing
import WireFormat

@Suite struct SyncMessageTests {
    static func id(_ number: Int) -> AttestationID { AttestationID(RecordSamples.bytes32("\(number)")) }

    static func digest(_ number: Int) throws -> SetDigest {
        try SetDigest(count: UInt64(number), sum: MultisetHash(of: Array("sum \(number)".utf8)).bytes)
    }

    static let requests: [SyncRequest] = [
        .digests(.minute, first: 29_333_333, count: 60), .digests(.hour, first: 0, count: 1),
        .digests(.day, first: 20_370, count: 1_024), .identifiers(from: SyncPosition(time: 5), before: 9),
        .records(from: SyncPosition(time: 1_760_000_000_000, id: id(1)), before: .max),
        .selection([id(1)]), .selection((0..<64).map(id)),
    ]

    static func responses() throws -> [SyncResponse] {
        [
            .refused(.busy, retryMilliseconds: 1_000), .refused(.unavailable, retryMilliseconds: .max),
            .digests([], next: nil),
            .digests(try (1..<5).map { SyncSpan(index: UInt64($0), digest: try digest($0)) }, next: 7),
            .identifiers([], next: nil),
            .identifiers(
                (0..<4).map { SyncPosition(time: UInt64($0), id: id($0)) },
                next: SyncPosition(time: 4)
            ),
            .records([], next: nil), .records([[1, 2, 3], []], next: SyncPosition(time: 9, id: id(9))),
        ]
    }

    @Test func messagesAreReadAsTheyWereWritten() throws {
        for request in Self.requests {
            #expect(request.wireBytes.count <= SyncRequest.byteCountMax)
            #expect(try SyncRequest(wireBytes: request.wireBytes, limit: SyncRequest.byteCountMax) == request)
        }
        for response in try Self.responses() {
            let limit = FramedProtocol.sync.frameByteCountMax
            #expect(try SyncResponse(wireBytes: response.wireBytes, limit: limit) == response)
        }
    }

    /// Every truncation is refused; every changed byte is refused or reads as something else, canonically.
    @Test func otherBytesAreRefusedOrSomethingElse() throws {
        for request in Self.requests {
            let bytes = request.wireBytes
            for count in bytes.indices {
                #expect(throws: WireError.self) {
                    try SyncRequest(wireBytes: Array(bytes.prefix(count)), limit: SyncRequest.byteCountMax)
                }
            }
            #expect(throws: WireError.self) { try SyncRequest(wireBytes: bytes + [0], limit: .max) }
            for changed in Self.changes(of: bytes) {
                guard let read = try? SyncRequest(wireBytes: changed, limit: SyncRequest.byteCountMax) else { continue }
                #expect(read != request)
                #expect(read.wireBytes == changed)
            }
        }
        for response in try Self.responses() {
            let bytes = response.wireBytes
            for count in bytes.indices {
                #expect(throws: WireError.self) {
                    try SyncResponse(wireBytes: Array(bytes.prefix(count)), limit: 1 << 19)
                }
            }
            #expect(throws: WireError.self) { try SyncResponse(wireBytes: bytes + [0], limit: .max) }
            for changed in Self.changes(of: bytes) {
                guard let read = try? SyncResponse(wireBytes: changed, limit: 1 << 19) else { continue }
                #expect(read != response)
                #expect(read.wireBytes == changed)
            }
        }
    }

    static func changes(of bytes: [UInt8]) -> [[UInt8]] {
        bytes.indices.flatMap { index in
            (0..<8).map { bit in
                var changed = bytes
                changed[index] ^= 1 << UInt8(bit)
                return changed
            }
        }
    }

    @Test func listsThatGoBackAreRefused() throws {
        let first = SyncPosition(time: 5, id: Self.id(1))
        let second = SyncPosition(time: 6, id: Self.id(0))
        for response in [
            SyncResponse.identifiers([second, first], next: nil), .identifiers([first, first], next: nil),
            .identifiers([first, second], next: second), .identifiers([], next: first), .records([], next: first),
            .digests(try [3, 3].map { SyncSpan(index: $0, digest: try Self.digest(1)) }, next: nil),
            .digests(try [4, 3].map { SyncSpan(index: $0, digest: try Self.digest(1)) }, next: nil),
            .digests([SyncSpan(index: 3, digest: try Self.digest(1))], next: 3), .digests([], next: 3),
            .digests([SyncSpan(index: 3, digest: try Self.digest(0))], next: nil),
        ] {
            #expect(throws: WireError.self) { try SyncResponse(wireBytes: response.wireBytes, limit: 1 << 19) }
        }
    }

    @Test func questionsBeyondTheLimitsAreRefused() throws {
        for request in [
            SyncRequest.digests(.day, first: 0, count: 0), .digests(.day, first: 0, count: 1_025),
            .digests(.day, first: .max, count: 1), .selection([]), .selection((0..<65).map(Self.id)),
        ] {
            #expect(throws: WireError.self) { try SyncRequest(wireBytes: request.wireBytes, limit: 1 << 19) }
        }
    }

    @Test func announcedLengthsAreNotBelieved() throws {
        // Counts of four billion with nothing behind them.
        for kind in [1, 2, 3] as [UInt8] {
            #expect(throws: WireError.self) {
                try SyncResponse(wireBytes: [kind, 0xff, 0xff, 0xff, 0xff], limit: 1 << 19)
            }
            #expect(throws: WireError.self) {
                try SyncResponse(wireBytes: [kind, 0, 0, 0x0f, 0xff, 0], limit: 1 << 19)
            }
        }
    }

    @Test func aDigestDoesNotDependOnTheOrder() {
        var forward = SetDigest()
        var backward = SetDigest()
        for number in 0..<10 { forward.insert(Self.id(number), byteCount: 10) }
        for number in (0..<10).reversed() { backward.insert(Self.id(number), byteCount: 20) }
        #expect(forward.matches(backward))
        #expect(forward.byteCount == 100)
        backward.remove(Self.id(3), byteCount: 20)
        #expect(!forward.matches(backward))
        forward.remove(Self.id(3), byteCount: 10)
        #expect(forward.matches(backward))
        // Neither the same id twice nor another of the same number is taken for the same set.
        forward.insert(Self.id(4), byteCount: 0)
        backward.insert(Self.id(3), byteCount: 0)
        #expect(!forward.matches(backward))
    }

    @Test func aSumThatIsNoPointIsNotRead() throws {
        #expect(throws: WireError.self) { try SetDigest(count: 1, sum: [UInt8](repeating: 1, count: 64)) }
        #expect(throws: WireError.self) { try SetDigest(count: 1, sum: [UInt8](repeating: 0, count: 32)) }
        var bytes = SyncResponse.digests([SyncSpan(index: 1, digest: try Self.digest(1))], next: nil).wireBytes
        _ = try SyncResponse(wireBytes: bytes, limit: 1_024)
        bytes[bytes.count - 5] ^= 1
        #expect(throws: WireError.self) { try SyncResponse(wireBytes: bytes, limit: 1_024) }
    }

    @Test func storedDigestsAreReadAsTheyWereWritten() throws {
        var digest = SetDigest()
        digest.insert(Self.id(1), byteCount: 900)
        digest.insert(Self.id(2), byteCount: 901)
        #expect(try SetDigest(wireBytes: digest.wireBytes, limit: 80) == digest)
        for count in 0..<80 {
            #expect(throws: WireError.self) {
                try SetDigest(wireBytes: Array(digest.wireBytes.prefix(count)), limit: 80)
            }
        }
    }
}
