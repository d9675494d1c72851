internal import Attestations
internal import CryptoCore
internal import Records
package import WireFormat

extension SyncPosition: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.uint64(time)
        writer.fixed(id.value.bytes)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        time = try reader.uint64()
        id = try AttestationReference(from: &reader).id
    }

    /// Bytes of the encoding.
    static let byteCount = 40
}

extension SyncSpan {
    /// Bytes of the encoding in an answer.
    static let byteCount = 16 + MultisetHash.byteCount
}

extension SyncRequest: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .digests(let level, let first, let count):
            Self.head(1, &writer)
            writer.uint8(level.rawValue)
            writer.uint64(first)
            writer.uint32(count)
        case .identifiers(let from, let before):
            Self.head(2, &writer)
            from.encode(into: &writer)
            writer.uint64(before)
        case .records(let from, let before):
            Self.head(3, &writer)
            from.encode(into: &writer)
            writer.uint64(before)
        case .selection(let ids):
            Self.head(4, &writer)
            writer.count(ids.count)
            for id in ids { writer.fixed(id.value.bytes) }
        }
    }

    /// Question and topic.
    private static func head(_ number: UInt8, _ writer: inout WireWriter) {
        writer.uint8(number)
        writer.uint8(RecordKind.notarization.rawValue)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let number = try reader.uint8()
        guard try reader.uint8() == RecordKind.notarization.rawValue else { throw .invalid("topic") }
        switch number {
        case 1:
            guard let level = DigestLevel(rawValue: try reader.uint8()) else { throw .invalid("level") }
            let first = try reader.uint64()
            let count = try reader.uint32()
            guard (1...UInt32(Self.digestCountMax)).contains(count), first <= UInt64.max - UInt64(count) else {
                throw .invalid("count")
            }
            self = .digests(level, first: first, count: count)
        case 2: self = .identifiers(from: try SyncPosition(from: &reader), before: try reader.uint64())
        case 3: self = .records(from: try SyncPosition(from: &reader), before: try reader.uint64())
        case 4:
            var ids: [AttestationID] = []
            for _ in 0..<(try reader.count(limit: Self.selectionCountMax, bytesEach: 32)) {
                ids.append(try AttestationReference(from: &reader).id)
            }
            guard !ids.isEmpty else { throw .invalid("selection") }
            self = .selection(ids)
        default: throw .invalid("question")
        }
    }
}

extension SyncResponse: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .refused(let refusal, let milliseconds):
            writer.uint8(0)
            writer.uint8(refusal.rawValue)
            writer.uint32(milliseconds)
        case .digests(let spans, let next):
            writer.uint8(1)
            writer.count(spans.count)
            for span in spans {
                writer.uint64(span.index)
                writer.uint64(span.digest.count)
                writer.fixed(span.digest.sumBytes)
            }
            writer.optional(next) { $0.uint64($1) }
        case .identifiers(let positions, let next):
            writer.uint8(2)
            writer.count(positions.count)
            for position in positions { position.encode(into: &writer) }
            writer.optional(next) { $1.encode(into: &$0) }
        case .records(let records, let next):
            writer.uint8(3)
            writer.count(records.count)
            for record in records { writer.variable(record) }
            writer.optional(next) { $1.encode(into: &$0) }
        }
    }

    /// Reads the encoding; lists must be ascending, and what is left must lie behind them.
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.uint8() {
        case 0:
            guard let refusal = Refusal(rawValue: try reader.uint8()) else { throw .invalid("refusal") }
            self = .refused(refusal, retryMilliseconds: try reader.uint32())
        case 1: self = try Self.digests(from: &reader)
        case 2: self = try Self.identifiers(from: &reader)
        case 3: self = try Self.records(from: &reader)
        default: throw .invalid("answer")
        }
    }

    private static func digests(from reader: inout WireReader) throws(WireError) -> SyncResponse {
        var spans: [SyncSpan] = []
        for _ in 0..<(try reader.count(limit: SyncRequest.digestCountMax, bytesEach: SyncSpan.byteCount)) {
            let index = try reader.uint64()
            let count = try reader.uint64()
            let digest = try SetDigest(count: count, sum: try reader.fixed(MultisetHash.byteCount))
            guard count > 0, spans.last.map({ $0.index < index }) ?? true else { throw .invalid("span") }
            spans.append(SyncSpan(index: index, digest: digest))
        }
        let next = try reader.optional("next") { (reader) throws(WireError) in try reader.uint64() }
        if let next {
            guard let last = spans.last, next > last.index else { throw .invalid("next") }
        }
        return .digests(spans, next: next)
    }

    private static func identifiers(from reader: inout WireReader) throws(WireError) -> SyncResponse {
        var positions: [SyncPosition] = []
        for _ in 0..<(try reader.count(limit: identifierCountMax, bytesEach: SyncPosition.byteCount)) {
            let position = try SyncPosition(from: &reader)
            guard positions.last.map({ $0 < position }) ?? true else { throw .invalid("order") }
            positions.append(position)
        }
        let next = try reader.optional("next") { (reader) throws(WireError) in try SyncPosition(from: &reader) }
        if let next {
            guard let last = positions.last, last < next else { throw .invalid("next") }
        }
        return .identifiers(positions, next: next)
    }

    private static func records(from reader: inout WireReader) throws(WireError) -> SyncResponse {
        var records: [[UInt8]] = []
        for _ in 0..<(try reader.count(limit: recordCountMax, bytesEach: 4)) {
            records.append(try reader.variable(limit: Notarization.byteCountMax))
        }
        let next = try reader.optional("next") { (reader) throws(WireError) in try SyncPosition(from: &reader) }
        guard next == nil || !records.isEmpty else { throw .invalid("next") }
        return .records(records, next: next)
    }
}
