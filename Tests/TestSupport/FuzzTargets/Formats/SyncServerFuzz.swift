import Attestations
import NodeCore
import PeerProtocols
import Records
import WireFormat

/// The input is a script: streams, questions, and time.
enum SyncServerFuzz {
    /// Made once; a copy shares the store, which serving does not change.
    private static let keeper = Result { try FuzzNode.keeper() }

    static func run(_ bytes: [UInt8]) throws {
        var script = FuzzScript(bytes)
        var node = try keeper.get()
        let peer = FuzzIdentities.all[7].id
        var open: Set<StreamID> = []
        var next: UInt64 = 0
        while !script.isEmpty {
            let deed = script.choice(8)
            let stream = StreamID(opener: .peer, number: UInt64(script.choice(4)))
            let effects: [NodeEffect]
            var request: SyncRequest?
            switch deed {
            case 0:
                let new = StreamID(opener: .peer, number: next)
                next += 1
                open.insert(new)
                effects = try node.bring(.streamOpened(new, peer, FramedProtocol.sync.name))
            case 1:
                open.remove(stream)
                effects = try node.bring(.streamClosed(stream, .finished))
            case 2: effects = try node.pass(.milliseconds(100 * (1 + Int64(script.byte()))))
            case 3: effects = try node.bring(.frameReceived(stream, script.block()))
            default:
                let question = question(deed, &script)
                request = question
                effects = try node.bring(.frameReceived(stream, question.wireBytes))
            }
            for effect in effects {
                switch effect {
                case .sendFrame(let frame, let answered):
                    try require(open.contains(answered) && deed > 2, "an answer that nobody asked for")
                    try require(frame.count <= (64 << 10) + 4_096, "a long answer")
                    let answer = try SyncResponse(wireBytes: frame, limit: FramedProtocol.sync.frameByteCountMax)
                    if let request { try check(answer, to: request) }
                case .closeStream(let closed, _):
                    try require(open.remove(closed) != nil, "a stream that is not open is closed")
                case .notify(.misbehaved(_, let misconduct)):
                    try require(deed == 3 || misconduct == .excess, "an honest question is \(misconduct)")
                case .notify(.storeFailed(let error)): throw FuzzFailure("a question breaks the store: \(error)")
                case .disconnect: return
                default: break
                }
            }
        }
    }

    /// A question that an honest peer might ask, with odd ranges.
    private static func question(_ kind: Int, _ script: inout FuzzScript) -> SyncRequest {
        let records = FuzzNode.records
        func position() -> SyncPosition {
            let exact = SyncPosition(records[script.choice(records.count)])
            switch script.choice(4) {
            case 0: return exact
            case 1: return SyncPosition(time: exact.time)
            case 2: return SyncPosition(time: 0)
            default: return SyncPosition(time: exact.time + 1, id: exact.id)
            }
        }
        switch kind {
        case 4:
            let level = DigestLevel.allCases[script.choice(3)]
            let first = level.index(of: RecordFuzz.now) - min(UInt64(script.word()), level.index(of: RecordFuzz.now))
            return .digests(level, first: first, count: 1 + UInt32(script.word()) % 1_024)
        case 5: return .identifiers(from: position(), before: script.choice(2) == 0 ? .max : position().time)
        case 6: return .records(from: position(), before: script.choice(2) == 0 ? .max : position().time)
        default:
            var ids = (0...script.choice(20)).map { _ in records[script.choice(records.count)].id }
            ids.append(AttestationID(.zero))
            return .selection(ids)
        }
    }

    /// An answer says what the records say.
    private static func check(_ answer: SyncResponse, to request: SyncRequest) throws {
        let records = FuzzNode.records
        func inRange(_ from: SyncPosition, _ before: UInt64) -> [Notarization] {
            records.filter { SyncPosition($0) >= from && $0.header.endTime < before }
        }
        switch (request, answer) {
        case (_, .refused(let refusal, _)): try requireEqual(refusal, .busy, "a refusal")
        case (.digests(let level, let first, let count), .digests(let spans, let next)):
            var expected: [UInt64: SetDigest] = [:]
            for record in records {
                let index = level.index(of: record.header.endTime)
                guard index >= first, index < first + UInt64(count) else { continue }
                expected[index, default: SetDigest()].insert(record.id, byteCount: 0)
            }
            let all = expected.map { SyncSpan(index: $0.key, digest: $0.value) }.sorted { $0.index < $1.index }
            try requireEqual(spans, all, "spans")
            try require(next == nil, "a rest of spans")
        case (.identifiers(let from, let before), .identifiers(let positions, let next)):
            try requireEqual(positions, inRange(from, before).map { SyncPosition($0) }, "ids")
            try require(next == nil, "a rest of ids")
        case (.records(let from, let before), .records(let bytes, let next)):
            try requireEqual(bytes, inRange(from, before).map(\.bytes), "records")
            try require(next == nil, "a rest of records")
        case (.selection(let ids), .records(let bytes, nil)):
            let selected = ids.compactMap { id in records.first { $0.id == id }?.bytes }
            try requireEqual(bytes, selected, "a selection")
        default: throw FuzzFailure("an answer to another question: \(request)")
        }
    }

    static func seeds() -> [[UInt8]] {
        let requests = (try? SyncFuzz.seeds()) ?? []
        var raw = FuzzScriptWriter()
        raw.byte(0)
        raw.byte(0)
        for request in requests.prefix(4) {
            raw.byte(3)
            raw.byte(0)
            raw.block(request)
        }
        return [
            [0, 0, 4, 0, 0, 0, 0, 3, 4, 0, 1, 0, 9, 3, 0xff],
            [0, 0, 5, 0, 3, 1, 0, 5, 0, 7, 2, 1, 9, 0],
            [0, 0, 6, 0, 3, 1, 0, 6, 0, 0, 0, 1, 9, 2],
            [0, 0, 7, 0, 3, 0, 1, 2, 3],
            raw.bytes,
            [0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 255, 2, 0, 255],
            FuzzScriptWriter.joined([0, 0], Array([[UInt8]](repeating: [7, 0, 0, 0], count: 140).joined())),
        ]
    }
}
