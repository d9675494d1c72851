internal import Attestations
internal import KeyValueStorage
internal import Records

/// Own attestations that are safe and were not published yet, and which numbers messages may have.
struct Outbox: Sendable {
    /// More attestations than are published late; what does not fit, others get by asking.
    static let countMax = 1_024
    /// Numbers that are reserved at a time.
    static let reservation: UInt64 = 1 << 32

    private var waiting: [(key: TimeKey, bytes: [UInt8])] = []
    private var reservedThrough: UInt64?

    var isEmpty: Bool { waiting.isEmpty }
    var count: Int { waiting.count }
    /// Whether messages may be numbered.
    var isReady: Bool { reservedThrough != nil }

    /// Takes what an earlier run did not publish, oldest first.
    mutating func load(from store: any KeyValueReader) throws(StorageError) {
        let page = try store.records(
            in: NodeStore.outbox,
            order: .descending,
            limit: ScanLimit(count: Self.countMax)
        )
        for key in page.records.reversed().map(\.key) {
            let stored = try store.value(in: NodeStore.notarizations, for: AttestationKey(key.id))
            waiting.append((key, stored?.record.bytes ?? []))
        }
    }

    /// An own attestation is safe.
    mutating func insert(_ key: TimeKey, bytes: [UInt8]) {
        if waiting.count >= Self.countMax { waiting.removeFirst() }
        waiting.append((key, bytes))
    }

    /// Takes all.
    mutating func takeAll() -> [(key: TimeKey, bytes: [UInt8])] {
        defer { waiting = [] }
        return waiting
    }

    /// Messages may be numbered up to here.
    mutating func reserved(through number: UInt64) {
        reservedThrough = number
    }

    /// A number above all that earlier runs may have given messages, however the calendar's clock was set.
    static func firstSequenceNumber(
        in store: any KeyValueReader,
        now: NodeInstant
    ) throws(StorageError) -> UInt64 {
        let nanoseconds = now.unixMilliseconds.multipliedReportingOverflow(by: 1_000_000)
        let byClock = nanoseconds.overflow ? 0 : nanoseconds.partialValue
        let reserved = try store.value(in: NodeStore.sequence, for: SingleKey())?.value ?? 0
        return max(byClock, reserved &+ 1)
    }
}
