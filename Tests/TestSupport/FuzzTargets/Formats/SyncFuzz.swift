import Attestations
import NodeCore
import Records
import WireFormat

/// The input is a question, and an answer.
enum SyncFuzz {
    static func run(_ bytes: [UInt8]) throws {
        if let request = try? SyncRequest(wireBytes: bytes, limit: SyncRequest.byteCountMax) {
            try requireEqual(request.wireBytes, bytes, "a question")
        }
        guard let response = try? SyncResponse(wireBytes: bytes, limit: FramedProtocol.sync.frameByteCountMax) else {
            return
        }
        try requireEqual(response.wireBytes, bytes, "an answer")
        switch response {
        case .digests(let spans, let next):
            try require(spans.count <= SyncRequest.digestCountMax, "too many spans")
            try require(zip(spans, spans.dropFirst()).allSatisfy { $0.index < $1.index }, "spans out of order")
            if let next { try require(spans.last.map { $0.index < next } ?? false, "a rest before what is there") }
        case .identifiers(let positions, let next):
            try require(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }, "ids out of order")
            if let next { try require(positions.last.map { $0 < next } ?? false, "a rest before what is there") }
        case .records(let records, let next):
            try require(next == nil || !records.isEmpty, "a rest of nothing")
        case .refused: break
        }
    }

    static func seeds() throws -> [[UInt8]] {
        let record = RecordFuzz.records[0]
        let position = SyncPosition(time: record.header.endTime, id: record.id)
        var digest = SetDigest()
        digest.insert(record.id, byteCount: 0)
        let requests: [SyncRequest] = [
            .digests(.day, first: 20_000, count: 3), .identifiers(from: position, before: .max),
            .records(from: position, before: 5), .selection([record.id, record.id]),
        ]
        let responses: [SyncResponse] = [
            .digests([SyncSpan(index: 1, digest: digest), SyncSpan(index: 2, digest: digest)], next: 3),
            .identifiers([position], next: nil),
            .identifiers([position], next: SyncPosition(time: position.time + 1)),
            .records([record.bytes, [1, 2, 3]], next: position), .records([], next: nil),
            .refused(.busy, retryMilliseconds: 1_000),
        ]
        return requests.map(\.wireBytes) + responses.map(\.wireBytes)
    }
}
